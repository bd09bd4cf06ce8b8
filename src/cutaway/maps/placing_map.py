"""What t-SNE and UMAP share as estimators: new samples find their place on a finished map."""

from typing import Any

import numpy as np
from jaxtyping import Float32
from sklearn.base import BaseEstimator, ClassNamePrefixFeaturesOutMixin, TransformerMixin
from sklearn.utils import Tags
from sklearn.utils.validation import check_is_fitted

from cutaway.maps.neighbours import NeighbourIndex, Neighbours
from cutaway.maps.placement import Placement
from cutaway.maps.rows import read_rows


class PlacingMap(ClassNamePrefixFeaturesOutMixin, TransformerMixin, BaseEstimator):
    """An estimator whose `fit` leaves `embedding_` and a placer of new samples."""

    embedding_: np.ndarray
    _placer: Any

    def fit_transform(self, X: Any, y: Any = None) -> Float32[np.ndarray, "n components"]:
        """Fits, and returns `embedding_`."""
        return self.fit(X, y).embedding_

    def transform(self, X: Any) -> Float32[np.ndarray, "k components"]:
        """Places the rows of `X` (k, features) on the map, each without regard to the others."""
        return self.placement(X).embedding

    def placement(self, X: Any) -> Placement:
        """Places the rows of `X` (k, features) and says how far to trust each place."""
        return self.placement_among(self.search(X))

    def search(self, X: Any, most: int = 0) -> Neighbours:
        """The mapped samples nearest to the rows of `X` (k, features): as many as placing needs.

        Args:
            X: Rows.
            most: How many another map needs that has the same `index`.
        """
        check_is_fitted(self)
        X = read_rows(self, X, reset=False)
        return self.index.query(X, max(self.wanted, most))

    def placement_among(self, found: Neighbours) -> Placement:
        """Places samples whose nearest mapped ones `search` has found, here or on another map."""
        placed: Placement = self._placer.place(found)
        return placed

    @property
    def index(self) -> NeighbourIndex:
        """The mapped samples, to search among."""
        index: NeighbourIndex = self._placer.index
        return index

    @property
    def wanted(self) -> int:
        """How many of a row's nearest mapped samples placing needs."""
        return int(self._placer.wanted)

    def __sklearn_tags__(self) -> Tags:
        """What scikit-learn may expect: the map is Float32."""
        tags = super().__sklearn_tags__()
        tags.transformer_tags.preserves_dtype = ["float32"]
        return tags
