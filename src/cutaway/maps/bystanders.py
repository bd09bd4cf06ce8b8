"""What tells how far to trust a place on a map whose method has no measure of its own."""

import numpy as np
from jaxtyping import Float32, Int64

from cutaway.maps.neighbours import NeighbourIndex, Neighbours
from cutaway.maps.pca import PCA
from cutaway.maps.placement import TRUST_NEIGHBOURS, Placement, Surroundings, assess
from cutaway.maps.plane import Plane
from cutaway.maps.reduction import REDUCED

MOST = 5_000
"""Among so many mapped samples trust is measured; of more, a random choice."""


class Bystanders:
    """Some mapped samples of a layer, in the principal components that t-SNE and UMAP see too.

    Args:
        features: Of all mapped samples, such as a memory map.
        seed: Of the choice.

    Example:
        >>> rows = np.random.default_rng(0).normal(size=(60, 3)).astype(np.float32)
        >>> around = Bystanders(rows)
        >>> near = around.search(rows[:1])
        >>> found = around.assess(near, rows[:1, :2], around.plane(rows[:, :2]))
        >>> bool(found.unlike[0]), bool(found.trust[0] > 0.3)
        (False, True)
    """

    def __init__(self, features: Float32[np.ndarray, "n features"], seed: int = 0) -> None:
        chosen = np.random.default_rng(seed).permutation(len(features))[:MOST]
        self.rows: Int64[np.ndarray, " chosen"] = np.sort(chosen).astype(np.int64)
        mine = np.asarray(features[self.rows], dtype=np.float32)
        self._reduction = None
        if min(mine.shape) > REDUCED:
            self._reduction = PCA(REDUCED, random_state=seed)
            mine = self._reduction.fit_transform(mine)
        self._index = NeighbourIndex(mine)
        nearest = min(TRUST_NEIGHBOURS, len(mine) - 1)
        self._surroundings = Surroundings.of(self._index.among_themselves(nearest))

    def plane(self, places: Float32[np.ndarray, "n 2"]) -> Plane:
        """Where the bystanders lie on a map of all samples."""
        return Plane(np.ascontiguousarray(places[self.rows]))

    def search(self, X: Float32[np.ndarray, "k features"]) -> Neighbours:
        """Those nearest to the features of new samples."""
        reduced = X if self._reduction is None else self._reduction.transform(X)
        return self._index.query(reduced, min(TRUST_NEIGHBOURS, len(self.rows)))

    def assess(
        self,
        found: Neighbours,
        placed: Float32[np.ndarray, "k 2"],
        plane: Plane,
    ) -> Placement:
        """Adds to places on a map what says how far to trust them.

        Args:
            found: What `search` found of the new samples.
            placed: Where they lie.
            plane: What `plane` gave for that map.
        """
        return assess(plane, found, placed, self._surroundings)
