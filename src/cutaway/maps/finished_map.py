"""A finished map read back from a file: places for new samples, and what a decoder draws there."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from jaxtyping import Float32

from cutaway import maps
from cutaway.errors import InputError
from cutaway.maps.alignment import Similarity
from cutaway.maps.neighbours import Neighbours
from cutaway.maps.placement import Placement

_ESTIMATORS = {"pca": "PCA", "tsne": "TSNE", "umap": "UMAP", "autoencoder": "Autoencoder"}
_AXES = 2


class FinishedMap:
    """The steps from features to a place on a map, and back where the method can.

    Attributes:
        steps: Estimators, applied one after another.
        alignment: How the map was turned onto the one before it.

    Example:
        >>> from cutaway.maps.recipe import make_map
        >>> features = np.random.default_rng(0).normal(size=(20, 5)).astype(np.float32)
        >>> made = make_map(features, "pca")
        >>> again = FinishedMap.from_arrays(made.placement).transform(features)
        >>> bool(np.allclose(again, made.embedding, atol=1e-5))
        True
    """

    def __init__(self, steps: list[Any], alignment: Similarity) -> None:
        self.steps = steps
        self.alignment = alignment

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, np.ndarray]) -> "FinishedMap":
        """The map whose placement these arrays are, as a Study keeps them.

        Raises:
            InputError: There is no method's array among them, or one does not fit the others.
        """
        steps = [
            getattr(maps, estimator).from_arrays(_under(arrays, method))
            for method, estimator in _ESTIMATORS.items()
            if _under(arrays, method)
        ]
        if not steps:
            raise InputError(
                f"the stored arrays {sorted(arrays)} place nothing; expected those of a map of two "
                "samples or more"
            )
        turned = _under(arrays, "alignment")
        return cls(steps, Similarity.from_arrays(turned) if turned else Similarity.none(_AXES))

    @property
    def decodes(self) -> bool:
        """Whether places can be redrawn as features: on maps by PCA and by autoencoders."""
        return all(hasattr(step, "inverse_transform") for step in self.steps)

    def transform(self, X: Any) -> Float32[np.ndarray, "k 2"]:
        """Places of the rows of `X` (k, features), each without regard to the others."""
        for step in self.steps:
            X = step.transform(X)
        return self._turned(X)

    def _turned(self, places: np.ndarray) -> Float32[np.ndarray, "k 2"]:
        # One feature gives one component; a map has two axes.
        return self.alignment.apply(np.pad(places, ((0, 0), (0, _AXES - places.shape[1]))))

    @property
    def measures(self) -> bool:
        """Whether the method says how far to trust a place: not on maps by PCA and autoencoders.

        Where it does not, there is nothing to `search`.
        """
        return hasattr(self.steps[-1], "placement_among")

    @property
    def wanted(self) -> int:
        """How many of a row's nearest mapped samples placing needs."""
        return int(self.steps[-1].wanted)

    def search(self, X: Any, most: int = 0) -> Neighbours:
        """The mapped samples nearest to rows of features: as many as placing needs, or `most`."""
        *before, last = self.steps
        for step in before:
            X = step.transform(X)
        found: Neighbours = last.search(X, most)
        return found

    def searches_as(self, other: "FinishedMap") -> bool:
        """Whether `search` of another map finds the same, as on maps of the same features."""
        *before, last = self.steps
        *others, other_last = other.steps
        return (
            len(before) == len(others)
            and all(_equal(*steps) for steps in zip(before, others, strict=True))
            and bool(last.index.equals(other_last.index))
        )

    def placement_among(self, found: Neighbours) -> Placement:
        """Places rows whose nearest mapped samples `search` found, and says how far to trust it."""
        placed: Placement = self.steps[-1].placement_among(found)
        return replace(placed, embedding=self._turned(placed.embedding))

    def inverse_transform(self, Z: Any) -> Float32[np.ndarray, "k features"]:
        """Rows of features that the method draws at the places `Z` (k, 2).

        Raises:
            InputError: The method has no way back.
        """
        if not self.decodes:
            raise InputError(
                "this map has no way back from places to features; expected a map by PCA or an "
                'autoencoder: make one by maps={"autoencoder": "pixels"}'
            )
        Z = self.alignment.undo(np.asarray(Z, dtype=np.float32))
        Z = Z[:, : len(self.steps[-1].get_feature_names_out())]
        for step in reversed(self.steps):
            Z = step.inverse_transform(Z)
        return np.asarray(Z, dtype=np.float32)


def _equal(one: Any, other: Any) -> bool:
    mine, others = one.to_arrays(), other.to_arrays()
    return mine.keys() == others.keys() and all(
        np.array_equal(mine[name], others[name]) for name in mine
    )


def _under(arrays: Mapping[str, np.ndarray], step: str) -> dict[str, np.ndarray]:
    lead = f"{step}."
    return {name[len(lead) :]: value for name, value in arrays.items() if name.startswith(lead)}
