"""Exact nearest neighbours by blocked matrix products, the same on any number of threads."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float, Float32, Float64, Int64, UInt32
from threadpoolctl import threadpool_limits

from cutaway.maps.kernels.selection import settle_neighbours, take_candidates
from cutaway.maps.kernels.threads import even_ranges, over_ranges
from cutaway.progress import task

_QUERY_BLOCK = 1024
_ROW_BLOCK = 1024
_MARGIN = 16
_SLOTS = 4
_SAMPLE_STRIDE = 32
_SMALLEST_SAMPLE = 512
_ROUNDING = float(np.finfo(np.float32).eps)


@dataclass(frozen=True)
class Neighbours:
    """The k nearest rows of each query, nearest first, ties by index.

    Attributes:
        indices: Rows.
        squared_distances: Squared Euclidean distances in the units of the data.
        recounted: Share of the queries whose candidates did not prove enough and that were compared
            with every row.
    """

    indices: UInt32[np.ndarray, "queries k"]
    squared_distances: Float64[np.ndarray, "queries k"]
    recounted: float


class NeighbourIndex:
    """Rows to find nearest neighbours among, by Euclidean distance.

    Candidates come from float32 matrix products; their distances are then recomputed in float64
    in a fixed order, and a row whose candidates do not provably hold its k nearest is compared with
    all. So the neighbours of a query do not depend on what is asked beside it, nor on threads.

    Args:
        X: Rows (n, features), finite.

    Example:
        >>> index = NeighbourIndex(np.array([[0.0], [1.0], [3.0]]))
        >>> index.among_themselves(1).indices.ravel().tolist()
        [1, 0, 1]
        >>> index.query(np.array([[2.9]]), 2).indices.tolist()
        [[2, 1]]
    """

    def __init__(self, X: Float[np.ndarray, "n features"]) -> None:
        mean = X.mean(axis=0, dtype=np.float64)
        extent = float(np.abs(X - mean).max(initial=0.0))
        scale = 2.0 ** np.ceil(np.log2(extent)) if extent > 0 else 1.0
        self._assign((np.subtract(X, mean) / scale).astype(np.float32), mean, scale)

    def _assign(
        self,
        rows: Float32[np.ndarray, "n features"],
        mean: Float64[np.ndarray, "features"],
        scale: float,
    ) -> None:
        self.rows = np.ascontiguousarray(rows)
        self.mean = mean
        self.scale = scale
        self._squared_norms = np.einsum("ij,ij->i", rows, rows)

    def __len__(self) -> int:
        """Number of rows."""
        return len(self.rows)

    def to_arrays(self) -> dict[str, np.ndarray]:
        """The rows, centred and scaled, with what centred and scaled them."""
        return {"rows": self.rows, "mean": self.mean, "scale": np.array([self.scale])}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, np.ndarray]) -> "NeighbourIndex":
        """The index whose `to_arrays` gave these."""
        index = cls.__new__(cls)
        rows, mean = arrays["rows"].astype(np.float32), arrays["mean"].astype(np.float64)
        index._assign(rows, mean, float(arrays["scale"][0]))  # noqa: SLF001 (its own)
        return index

    def among_themselves(self, k: int) -> Neighbours:
        """The k nearest other rows of every row; k is at most n − 1."""
        return self._search(self.rows, np.arange(len(self), dtype=np.int64), k)

    def query(self, X: Float[np.ndarray, "queries features"], k: int) -> Neighbours:
        """The k nearest rows of every row of `X`; k is at most n."""
        queries = (np.subtract(X, self.mean) / self.scale).astype(np.float32)
        return self._search(queries, np.full(len(X), -1, dtype=np.int64), k)

    def scores(
        self, chosen: UInt32[np.ndarray, "chosen"]
    ) -> tuple[Float32[np.ndarray, "chosen n"], Float64[np.ndarray, "chosen"]]:
        """|x|² − 2·x·q of all rows x for chosen rows q, and what rounding may add to each.

        The errors are those of d independent roundings, eight deviations wide: Higham and Mary
        2019, "A new approach to probabilistic rounding error analysis".
        """
        queries = self.rows[chosen]
        scores = queries @ self.rows.T
        scores *= -2
        scores += self._squared_norms
        independent = min(1.0, 8 / np.sqrt(queries.shape[1]))
        return scores, self._rounding(queries) * independent

    def _search(
        self,
        queries: Float32[np.ndarray, "queries features"],
        own: Int64[np.ndarray, "queries"],
        k: int,
    ) -> Neighbours:
        found = Neighbours(
            np.empty((len(queries), k), dtype=np.uint32), np.empty((len(queries), k)), 0.0
        )
        settled = np.empty(len(queries), dtype=np.bool_)
        with (
            task("Finding neighbours", total=len(queries)) as progress,
            threadpool_limits(1, "blas"),
        ):

            def settle(first: int, last: int) -> None:
                block = slice(first, last)
                self._settle(queries[block], own[block], found, settled, block)
                progress.advance(last - first)

            over_ranges(settle, even_ranges(len(queries), smallest=64, largest=_QUERY_BLOCK))
        recounted = 1.0 - float(settled.mean()) if len(settled) else 0.0
        return Neighbours(found.indices, found.squared_distances * self.scale**2, recounted)

    def _settle(
        self,
        queries: Float32[np.ndarray, "queries features"],
        own: Int64[np.ndarray, "queries"],
        found: Neighbours,
        settled: Bool[np.ndarray, "all"],
        block: slice,
    ) -> None:
        """Fills in the `block` of `found`: one thread's work, matrix products and all."""
        kept = min(found.indices.shape[1] + 1 + _MARGIN, len(self))
        candidates = self._candidates(queries, kept)
        received = (found.squared_distances[block], found.indices[block], settled[block])
        settle_neighbours(0, len(queries), queries, self.rows, own, *candidates, *received)

    def _candidates(
        self, queries: Float32[np.ndarray, "queries features"], kept: int
    ) -> tuple[
        Int64[np.ndarray, "queries"],
        UInt32[np.ndarray, "queries slots"],
        Float64[np.ndarray, "queries"],
    ]:
        """Numbers of candidates, candidates, and lower bounds of the distances to all others."""
        n = len(queries)
        threshold = self._first_thresholds(queries, kept)
        filled = np.zeros(n, dtype=np.int64)
        values = np.empty((n, _SLOTS * kept), dtype=np.float32)
        indices = np.empty((n, _SLOTS * kept), dtype=np.uint32)
        augmented = _with_ones(queries)
        width = min(_ROW_BLOCK, len(self))
        targets = np.empty((width, augmented.shape[1]), dtype=np.float32)
        scores = np.empty((n, width), dtype=np.float32)
        for start in range(0, len(self), _ROW_BLOCK):
            rows = slice(start, min(start + _ROW_BLOCK, len(self)))
            used = rows.stop - start
            self._augment(rows, targets[:used])
            block = np.matmul(augmented, targets[:used].T, out=scores[:, :used])
            buffers = (kept, threshold, filled, values, indices)
            take_candidates(0, n, block, start, *buffers)
        return filled, indices, self._floor(queries, threshold)

    def _augment(self, rows: slice, targets: Float32[np.ndarray, "rows features_and_one"]) -> None:
        """Writes −2x and |x|², whose product with (q, 1) is |x − q|² − |q|²."""
        np.multiply(self.rows[rows], -2, out=targets[:, :-1])
        targets[:, -1] = self._squared_norms[rows]

    def _first_thresholds(
        self, queries: Float32[np.ndarray, "queries features"], kept: int
    ) -> Float32[np.ndarray, "queries"]:
        """Scores that, by a sample of the rows, a few more than `kept` rows should stay below."""
        stride = min(len(self) // _SMALLEST_SAMPLE, _SAMPLE_STRIDE)
        if stride < 2:
            return np.full(len(queries), np.inf, dtype=np.float32)
        expected = kept / stride
        rank = int(expected + 3 * np.sqrt(expected)) + 2
        sample = slice(None, None, stride)
        targets = np.empty((-(-len(self) // stride), self.rows.shape[1] + 1), dtype=np.float32)
        self._augment(sample, targets)
        scores = _with_ones(queries) @ targets.T
        return np.partition(scores, rank, axis=1)[:, rank]

    def _floor(
        self,
        queries: Float32[np.ndarray, "queries features"],
        threshold: Float32[np.ndarray, "queries"],
    ) -> Float64[np.ndarray, "queries"]:
        """Least squared distance of a row whose float32 score is not below the threshold."""
        norms = np.einsum("ij,ij->i", queries, queries, dtype=np.float64)
        least = threshold + norms - self._rounding(queries)
        return np.where(np.isinf(threshold), np.inf, least)

    def _rounding(
        self, queries: Float32[np.ndarray, "queries features"]
    ) -> Float64[np.ndarray, "queries"]:
        """The most by which a query's float32 scores can be wrong.

        Rounding in a sum of d products is at most d·eps times the sum of their sizes: Higham 2002,
        "Accuracy and Stability of Numerical Algorithms", section 3.1.
        """
        norms = np.einsum("ij,ij->i", queries, queries, dtype=np.float64)
        largest = float(self._squared_norms.max(initial=0.0))
        sizes = norms + largest + 2 * np.sqrt(norms * largest)
        return (queries.shape[1] + 4) * _ROUNDING * sizes


def no_neighbours(n: int) -> Neighbours:
    """What `among_themselves(0)` of n rows finds."""
    return Neighbours(np.empty((n, 0), dtype=np.uint32), np.empty((n, 0)), 0.0)


def _with_ones(
    queries: Float32[np.ndarray, "queries features"],
) -> Float32[np.ndarray, "queries features_and_one"]:
    ones = np.ones((len(queries), 1), dtype=np.float32)
    return np.concatenate([queries, ones], axis=1)
