"""A place on a finished map for a new sample, and how far to trust it."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from jaxtyping import Bool, Float, Float32, Float64, UInt32

from cutaway.errors import InputError
from cutaway.maps.affinities import conditional
from cutaway.maps.fuzzy import force_tables, memberships
from cutaway.maps.kernels.layout import lay_out
from cutaway.maps.kernels.placing import neighbour_overlap, place_in_field
from cutaway.maps.kernels.potential import ChargeGrid
from cutaway.maps.kernels.threads import even_ranges, over_ranges
from cutaway.maps.neighbours import NeighbourIndex, Neighbours

PLACING_PERPLEXITY = 5.0
TRUST_NEIGHBOURS = 15
_SPACING = 0.5
_UNLIKE_QUANTILE = 0.999
_PLACING_EPOCHS = 60
_PLACING_RATE = 0.25
_PLACING_PUSHES = 5


@dataclass(frozen=True)
class Placement:
    """Where new samples lie on a map.

    Attributes:
        embedding: Coordinates.
        trust: Share of a sample's nearest mapped samples in the data that are among the nearest to
            its place on the map, in [0, 1].
        remoteness: Distance to the nearest mapped samples over what 99.9% of the mapped samples
            have among themselves; above 1, the sample is unlike anything mapped.
        unlike: Whether `remoteness` exceeds 1: the place then means little.
    """

    embedding: Float32[np.ndarray, "k components"]
    trust: Float32[np.ndarray, "k"]
    remoteness: Float32[np.ndarray, "k"]
    unlike: Bool[np.ndarray, "k"]


def usual_remoteness(neighbours: Neighbours, k: int = TRUST_NEIGHBOURS) -> float:
    """Distance to the k-th neighbour that 99.9% of the samples do not exceed."""
    k = min(k, neighbours.squared_distances.shape[1])
    if k == 0 or len(neighbours.squared_distances) == 0:
        return 0.0
    return float(np.sqrt(np.quantile(neighbours.squared_distances[:, k - 1], _UNLIKE_QUANTILE)))


def assess(
    index: NeighbourIndex,
    embedding: Float32[np.ndarray, "n components"],
    found: Neighbours,
    placed: Float32[np.ndarray, "queries components"],
    usual: float,
) -> Placement:
    """Adds to places on a map what says how far to trust them.

    Args:
        index: The mapped samples.
        embedding: Their places.
        found: The nearest mapped samples of each new one, in the data.
        placed: Places of the new samples.
        usual: `usual_remoteness` of the mapped samples.
    """
    k = min(TRUST_NEIGHBOURS, len(index), found.indices.shape[1])
    near_map = NeighbourIndex(embedding).query(placed, k).indices
    trust = np.empty(len(placed), dtype=np.float32)
    over_ranges(neighbour_overlap, even_ranges(len(placed)), found.indices[:, :k], near_map, trust)
    distance = np.sqrt(found.squared_distances[:, k - 1])
    floor = np.finfo(np.float32).tiny
    remoteness = (distance / max(usual, floor)).clip(0, np.finfo(np.float32).max)
    return Placement(placed, trust, remoteness.astype(np.float32), distance > usual * (1 + 1e-6))


class TSNEPlacer:
    """Places samples on a t-SNE map, each by itself in the field of the mapped ones.

    A new sample starts where its nearest mapped sample lies and descends on its own KL divergence
    Σ_j p_j log(1 + |y − y_j|²) + log φ(y), where p_j are its affinities to its nearest mapped samples
    and φ is the potential of all of them. A copy of a mapped sample takes its place.

    Args:
        index: The mapped samples.
        embedding: Their places.
        usual: `usual_remoteness` of the mapped samples.
    """

    def __init__(
        self, index: NeighbourIndex, embedding: Float32[np.ndarray, "n components"], usual: float
    ) -> None:
        self._index = index
        self._embedding = embedding
        self._usual = usual
        self._map = np.zeros((len(embedding), 2), dtype=np.float32)
        self._map[:, : embedding.shape[1]] = embedding
        self._grid = ChargeGrid(self._map.min(axis=0), self._map.max(axis=0), _SPACING)
        self._coefficients = self._grid.potential(np.ascontiguousarray(self._map.T))

    def place(self, X: Float[np.ndarray, "queries features"]) -> Placement:
        """Places the rows of `X`."""
        wanted = max(TRUST_NEIGHBOURS, int(3 * PLACING_PERPLEXITY))
        found = self._index.query(X, min(wanted, len(self._index)))
        placed = self._descend(found.indices, found.squared_distances)
        components = self._embedding.shape[1]
        return assess(self._index, self._embedding, found, placed[:, :components], self._usual)

    def _descend(
        self, near: UInt32[np.ndarray, "queries k"], squared: Float64[np.ndarray, "queries k"]
    ) -> Float32[np.ndarray, "queries 2"]:
        perplexity = min(PLACING_PERPLEXITY, max(near.shape[1] / 3, 1.0))
        affinities = conditional(squared, perplexity)
        placed = np.empty((len(near), 2), dtype=np.float32)
        over_ranges(
            place_in_field,
            even_ranges(len(near), 64),
            near,
            affinities,
            squared,
            self._map,
            self._grid.corner,
            self._grid.per_unit,
            self._coefficients,
            placed,
        )
        placed[:, self._embedding.shape[1] :] = 0
        return placed


class UMAPPlacer:
    """Places samples on a UMAP map, each by itself against the mapped ones, which stay.

    A new sample starts at the mean of its neighbours' places, weighted by membership, and is pulled
    and pushed as in the layout; all are pushed by the same sequence of mapped samples. A copy of a
    mapped sample takes its place.

    Args:
        index: The mapped samples.
        embedding: Their places.
        usual: `usual_remoteness` of the mapped samples.
        curve: a and b of the map.
        n_neighbors: Neighbours of a sample, itself included.
    """

    def __init__(
        self,
        index: NeighbourIndex,
        embedding: Float32[np.ndarray, "n components"],
        usual: float,
        curve: tuple[float, float],
        n_neighbors: int,
    ) -> None:
        self._index = index
        self._embedding = embedding
        self._usual = usual
        self._tables = force_tables(*curve)
        self._n_neighbors = n_neighbors

    def place(self, X: Float[np.ndarray, "queries features"]) -> Placement:
        """Places the rows of `X`."""
        found = self._index.query(
            X, min(max(TRUST_NEIGHBOURS, self._n_neighbors), len(self._index))
        )
        k = min(self._n_neighbors, len(self._index))
        near, squared = found.indices[:, :k], found.squared_distances[:, :k]
        weights = memberships(squared, k)
        placed = self._lay_out(near, weights)
        copies = squared[:, 0] == 0
        placed[copies] = self._embedding[near[copies, 0]]
        return assess(self._index, self._embedding, found, placed, self._usual)

    def _lay_out(
        self, near: UInt32[np.ndarray, "queries k"], weights: Float32[np.ndarray, "queries k"]
    ) -> Float32[np.ndarray, "queries components"]:
        queries, k = near.shape
        components = self._embedding.shape[1]
        fixed = np.zeros((len(self._embedding), 2), dtype=np.float32)
        fixed[:, :components] = self._embedding
        shares = weights / weights.sum(axis=1, keepdims=True)
        Y = np.einsum("qk,qkc->qc", shares, fixed[near]).astype(np.float32)
        starts = np.arange(0, queries * k + 1, k)
        rates = (weights / weights.max(axis=1, keepdims=True)).ravel()
        for epoch in range(_PLACING_EPOCHS):
            step = np.float32(_PLACING_RATE * (1 - epoch / _PLACING_EPOCHS))
            rule = (epoch, 1, _PLACING_PUSHES, step, np.uint64(0), *self._tables)
            links = (starts, near.ravel(), rates)
            over_ranges(lay_out, even_ranges(queries), *links, *rule, fixed, Y, Y)
            Y[:, components:] = 0
        return Y[:, :components]


def read_placing_arrays(
    arrays: Mapping[str, np.ndarray], besides: Mapping[str, tuple[int, ...]] = MappingProxyType({})
) -> tuple[NeighbourIndex, Float32[np.ndarray, "n components"], float]:
    """The mapped samples, their places and `usual_remoteness`, from arrays that a file held.

    Args:
        arrays: What `to_arrays` gave.
        besides: Shapes of what else must be there.

    Raises:
        InputError: An array is missing, is not finite, or does not fit the others.
    """
    rows = np.asarray(arrays.get("rows", np.empty(0)))
    embedding = np.asarray(arrays.get("embedding", np.empty(0)))
    shapes = {
        "rows": (len(embedding), *rows.shape[1:2]),
        "mean": rows.shape[1:2],
        "scale": (1,),
        "embedding": (len(rows), *embedding.shape[1:2]),
        "usual_remoteness": (1,),
        **besides,
    }
    for name, shape in shapes.items():
        array = np.asarray(arrays.get(name, np.empty(0)))
        if array.shape != shape or array.size == 0 or not np.isfinite(array).all():
            raise InputError(
                f"array {name!r} has shape {array.shape}; expected finite numbers of shape {shape}, "
                "as to_arrays gives them: save the map again"
            )
    index = NeighbourIndex.from_arrays(arrays)
    usual = float(np.asarray(arrays["usual_remoteness"])[0])
    return index, np.ascontiguousarray(embedding, dtype=np.float32), usual
