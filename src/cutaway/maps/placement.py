"""A place on a finished map for a new sample, and how far to trust it."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType

import numpy as np
from jaxtyping import Bool, Float32, Float64, UInt32

from cutaway.errors import InputError
from cutaway.maps.affinities import Affinities, conditional, kl_divergence
from cutaway.maps.fuzzy import force_tables, memberships
from cutaway.maps.kernels.layout import lay_out_among
from cutaway.maps.kernels.placing import neighbour_overlap, place_in_field
from cutaway.maps.kernels.threads import even_ranges, over_ranges
from cutaway.maps.neighbours import NeighbourIndex, Neighbours
from cutaway.maps.plane import Plane
from cutaway.maps.repulsion import Field

PLACING_PERPLEXITY = 5.0
TRUST_NEIGHBOURS = 15
_USUAL_QUANTILE = 0.99
_VERY_REMOTE = 1e30
_TINY = 1e-30
_ROUNDING = 1e-5
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
        remoteness: Distance to the nearest mapped samples over what 99% of the mapped samples have
            among themselves, in all and by the measure of the neighbours, whichever is larger.
        unlike: Whether `remoteness` exceeds 1: the sample is unlike what is mapped, and its place
            means little. About one mapped sample in fifty is so itself.
    """

    embedding: Float32[np.ndarray, "k components"]
    trust: Float32[np.ndarray, "k"]
    remoteness: Float32[np.ndarray, "k"]
    unlike: Bool[np.ndarray, "k"]


@dataclass(frozen=True)
class Surroundings:
    """How far mapped samples lie from their neighbours, which tells what is far for a new one.

    Attributes:
        distances: Distance of each mapped sample to its k-th neighbour; k is their common number.
        k: Number of neighbours.
        usual_distance: Distance that 99% of the mapped samples do not exceed.
        usual_ratio: Ratio of a sample's distance to the mean distance of its neighbours that 99% of
            the mapped samples do not exceed.
    """

    distances: Float32[np.ndarray, "n"]
    k: int
    usual_distance: float
    usual_ratio: float

    @classmethod
    def of(cls, neighbours: Neighbours) -> "Surroundings":
        """The surroundings of samples whose neighbours among themselves are given."""
        k = min(TRUST_NEIGHBOURS, neighbours.indices.shape[1])
        if k == 0:
            return cls(np.zeros(len(neighbours.indices), dtype=np.float32), 0, 0.0, 0.0)
        distances = np.sqrt(neighbours.squared_distances[:, k - 1]).astype(np.float32)
        usual_distance = float(np.quantile(distances, _USUAL_QUANTILE))
        known = cls(distances, k, usual_distance, 1.0)
        usual_ratio = float(np.quantile(known._ratio(neighbours), _USUAL_QUANTILE))
        return cls(distances, k, usual_distance, usual_ratio)

    def remoteness(self, found: Neighbours) -> Float32[np.ndarray, "queries"]:
        """The larger of distance and ratio of new samples, over what is usual.

        The ratio finds a sample that lies apart of a dense place: Breunig et al. 2000, "LOF".
        """
        if self.k == 0:
            return (found.squared_distances[:, 0] > 0).astype(np.float32) * _VERY_REMOTE
        distances = np.sqrt(found.squared_distances[:, self.k - 1])
        absolute = distances / max(self.usual_distance, _TINY)
        local = self._ratio(found) / max(self.usual_ratio, _TINY)
        return np.maximum(absolute, local).clip(0, _VERY_REMOTE).astype(np.float32)

    def _ratio(self, found: Neighbours) -> Float64[np.ndarray, "queries"]:
        distances = np.sqrt(found.squared_distances[:, self.k - 1])
        around = self.distances[found.indices[:, : self.k]].mean(axis=1, dtype=np.float64)
        return distances / np.maximum(around, max(self._least, _TINY))

    @cached_property
    def _least(self) -> float:
        return 0.1 * float(np.median(self.distances))

    def to_arrays(self) -> dict[str, np.ndarray]:
        """The fields as arrays."""
        usual = np.array([self.usual_distance, self.usual_ratio])
        return {"reach": self.distances, "reach_neighbours": np.array([self.k]), "usual": usual}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, np.ndarray]) -> "Surroundings":
        """The surroundings whose `to_arrays` gave these, already checked."""
        distances = np.asarray(arrays["reach"], dtype=np.float32)
        k = min(max(int(arrays["reach_neighbours"][0]), 0), TRUST_NEIGHBOURS, len(distances))
        return cls(distances, k, float(arrays["usual"][0]), float(arrays["usual"][1]))


def assess(
    plane: Plane,
    found: Neighbours,
    placed: Float32[np.ndarray, "queries components"],
    surroundings: Surroundings,
) -> Placement:
    """Adds to places on a map what says how far to trust them.

    Args:
        plane: Places of the mapped samples.
        found: The nearest mapped samples of each new one, in the data.
        placed: Places of the new samples.
        surroundings: What is usual among the mapped samples.
    """
    k = min(TRUST_NEIGHBOURS, found.indices.shape[1])
    near_map = plane.nearest(placed, k)
    trust = np.empty(len(placed), dtype=np.float32)
    over_ranges(neighbour_overlap, even_ranges(len(placed)), found.indices[:, :k], near_map, trust)
    remoteness = surroundings.remoteness(found)
    return Placement(placed, trust, remoteness, remoteness > 1 + _ROUNDING)


class TSNEPlacer:
    """Places samples on a t-SNE map, each by itself in the field of the mapped ones.

    A new sample starts where its nearest mapped sample lies and descends on its own KL divergence
    Σ_j p_j log(1 + |y − y_j|²) + log φ(y), where p_j are its affinities to its nearest mapped
    samples and φ is the potential of all of them. A copy of a mapped sample takes its place.

    Args:
        index: The mapped samples.
        embedding: Their places.
        surroundings: What is usual among the mapped samples.

    Attributes:
        wanted: How many of a new sample's nearest mapped ones to find.
    """

    def __init__(
        self,
        index: NeighbourIndex,
        embedding: Float32[np.ndarray, "n components"],
        surroundings: Surroundings,
    ) -> None:
        self.index = index
        self.wanted = min(max(TRUST_NEIGHBOURS, int(3 * PLACING_PERPLEXITY)), len(index))
        self._embedding = embedding
        self.surroundings = surroundings
        self._map = np.zeros((len(embedding), 2), dtype=np.float32)
        self._map[:, : embedding.shape[1]] = embedding
        self._field = Field(np.ascontiguousarray(self._map.T))
        self._plane = Plane(embedding)

    def divergence(self, affinities: Affinities) -> float:
        """The KL divergence of the map from the affinities of the mapped samples."""
        Y = np.ascontiguousarray(self._map.T)
        return kl_divergence(affinities, Y, self._field.normalization(Y))

    def place(self, found: Neighbours) -> Placement:
        """Places samples of which the `wanted` nearest mapped ones, or more, are found."""
        found = found.first(self.wanted)
        placed = self._descend(found.indices, found.squared_distances)
        components = self._embedding.shape[1]
        return assess(self._plane, found, placed[:, :components], self.surroundings)

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
            *self._field.grid,
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
        surroundings: What is usual among the mapped samples.
        curve: a and b of the map.
        n_neighbors: Neighbours of a sample, itself included.

    Attributes:
        wanted: How many of a new sample's nearest mapped ones to find.
    """

    def __init__(
        self,
        index: NeighbourIndex,
        embedding: Float32[np.ndarray, "n components"],
        surroundings: Surroundings,
        curve: tuple[float, float],
        n_neighbors: int,
    ) -> None:
        self.index = index
        self.wanted = min(max(TRUST_NEIGHBOURS, n_neighbors), len(index))
        self._embedding = embedding
        self.surroundings = surroundings
        self._plane = Plane(embedding)
        self._tables = force_tables(*curve)
        self._n_neighbors = n_neighbors

    def place(self, found: Neighbours) -> Placement:
        """Places samples of which the `wanted` nearest mapped ones, or more, are found."""
        found = found.first(self.wanted)
        k = min(self._n_neighbors, len(self.index))
        near, squared = found.indices[:, :k], found.squared_distances[:, :k]
        weights = memberships(squared, k)
        placed = self._lay_out(near, weights)
        copies = squared[:, 0] == 0
        placed[copies] = self._embedding[near[copies, 0]]
        return assess(self._plane, found, placed, self.surroundings)

    def _lay_out(
        self, near: UInt32[np.ndarray, "queries k"], weights: Float32[np.ndarray, "queries k"]
    ) -> Float32[np.ndarray, "queries components"]:
        components = self._embedding.shape[1]
        fixed = np.zeros((len(self._embedding), 2), dtype=np.float32)
        fixed[:, :components] = self._embedding
        shares = weights / weights.sum(axis=1, keepdims=True)
        Y = np.einsum("qk,qkc->qc", shares, fixed[near]).astype(np.float32)
        rates = weights / weights.max(axis=1, keepdims=True)
        for epoch in range(_PLACING_EPOCHS):
            step = np.float32(_PLACING_RATE * (1 - epoch / _PLACING_EPOCHS))
            rule = (epoch, _PLACING_PUSHES, step, *self._tables)
            over_ranges(lay_out_among, even_ranges(len(near)), near, rates, *rule, fixed, Y)
            Y[:, components:] = 0
        return Y[:, :components]


def read_placing_arrays(
    arrays: Mapping[str, np.ndarray], besides: Mapping[str, tuple[int, ...]] = MappingProxyType({})
) -> tuple[NeighbourIndex, Float32[np.ndarray, "n components"], Surroundings]:
    """The mapped samples, their places and surroundings, from arrays that a file held.

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
        "reach": rows.shape[:1],
        "reach_neighbours": (1,),
        "usual": (2,),
        **besides,
    }
    for name, shape in shapes.items():
        array = np.asarray(arrays.get(name, np.empty(0)))
        if array.shape != shape or array.size == 0 or not np.isfinite(array).all():
            raise InputError(
                f"array {name!r} has shape {array.shape}; expected finite numbers of shape "
                f"{shape}, as to_arrays gives them: save the map again"
            )
    index = NeighbourIndex.from_arrays(arrays)
    surroundings = Surroundings.from_arrays(arrays)
    return index, np.ascontiguousarray(embedding, dtype=np.float32), surroundings
