"""Exact nearest neighbours by blocked matrix products, the same on any number of threads."""

import itertools
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from jaxtyping import Float, Float32, Float64, Int64, UInt32

from cutaway.maps.blas import one_blas_thread
from cutaway.maps.candidates import Candidates, half_norms, rounds
from cutaway.maps.kernels.selection import settle_neighbours
from cutaway.maps.kernels.threads import even_ranges, over_ranges
from cutaway.progress import Task, task

_BLOCK = 1024
_SMALLEST_BLOCK = 64
_FEWEST_BLOCKS = 16
_MARGIN = 16
_ROUNDING = float(np.finfo(np.float32).eps)


@dataclass(frozen=True)
class Neighbours:
    """The k nearest rows of each query, nearest first, ties by index.

    Attributes:
        indices: Rows.
        squared_distances: Squared Euclidean distances in the units of the data.
        recounted: Share of the queries whose candidates did not prove enough and that were compared
            with every row.
        recall: Share of the true neighbours that are among these: 1 where they are exact, else
            measured on a sample.
    """

    indices: UInt32[np.ndarray, "queries k"]
    squared_distances: Float64[np.ndarray, "queries k"]
    recounted: float
    recall: float = 1.0

    def first(self, k: int) -> "Neighbours":
        """The k nearest of these."""
        if k >= self.indices.shape[1]:
            return self
        indices = np.ascontiguousarray(self.indices[:, :k])
        squared_distances = np.ascontiguousarray(self.squared_distances[:, :k])
        return replace(self, indices=indices, squared_distances=squared_distances)


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
        self._half_norms = half_norms(self.rows)

    def __len__(self) -> int:
        """Number of rows."""
        return len(self.rows)

    def equals(self, other: "NeighbourIndex") -> bool:
        """Whether both find the same."""
        mine, others = self.to_arrays(), other.to_arrays()
        return all(np.array_equal(mine[name], others[name]) for name in mine)

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
        n = len(self)
        parts = -(-n // min(max(n // _FEWEST_BLOCKS, _SMALLEST_BLOCK), _BLOCK))
        bounds = [n * part // parts for part in range(parts + 1)]
        blocks = [slice(first, last) for first, last in itertools.pairwise(bounds)]
        candidates = self.candidates(blocks, list(rounds(len(blocks))), k)
        return self.settled(candidates, np.arange(n, dtype=np.int64), k)

    def candidates(
        self, blocks: list[slice], meetings: list[list[tuple[int, int]]], k: int
    ) -> Candidates:
        """What the rows of blocks that meet each other have as candidates for their k nearest.

        Args:
            blocks: Ranges of the rows.
            meetings: Pairs of blocks, in rounds that hold each block once; every block first meets
                itself.
            k: Number of neighbours.
        """
        found = Candidates(self.rows, self.kept(k))
        with _finding(sum(len(pairs) for pairs in meetings)) as progress:
            for pairs in meetings:

                def meet(first: int, last: int, pairs: Any = pairs) -> None:
                    for one, other in pairs[first:last]:
                        self._meet(found, blocks[one], blocks[other])
                        progress.advance()

                over_ranges(meet, range(len(pairs) + 1))
        return found

    def query(self, X: Float[np.ndarray, "queries features"], k: int) -> Neighbours:
        """The k nearest rows of every row of `X`; k is at most n."""
        queries = (np.subtract(X, self.mean) / self.scale).astype(np.float32)
        candidates = Candidates(queries, self.kept(k))
        with _finding(len(queries)) as progress:

            def find(first: int, last: int) -> None:
                block = slice(first, last)
                candidates.sample(block, self.rows, self._half_norms)
                candidates.look_at(block, self.rows, self._half_norms, 0)
                progress.advance(last - first)

            over_ranges(find, even_ranges(len(queries), smallest=64, largest=_BLOCK))
        return self.settled(candidates, np.full(len(X), -1, dtype=np.int64), k)

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
        scores += 2 * self._half_norms
        independent = min(1.0, 8 / np.sqrt(queries.shape[1]))
        return scores, self._rounding(queries) * independent

    def kept(self, k: int) -> int:
        """Candidates to keep, so that the k nearest are seldom left out by rounding."""
        return min(k + 1 + _MARGIN, len(self))

    def _meet(self, candidates: Candidates, own: slice, other: slice) -> None:
        """Makes two blocks of rows each other's candidates; their blocks first meet themselves."""
        if own == other:
            candidates.sample(own, self.rows, self._half_norms)
            candidates.look_at(own, self.rows[own], self._half_norms[own], own.start)
        else:
            candidates.meet(own, other)

    def settled(
        self,
        candidates: Candidates,
        own: Int64[np.ndarray, "queries"],
        k: int,
        *,
        proven: bool = True,
    ) -> Neighbours:
        """The k nearest candidates by distances in float64, ties by index.

        Where they are to be `proven` to be the nearest of all rows and are not, and where there are
        fewer than k, all rows are compared.
        """
        n = len(own)
        indices, distances = np.empty((n, k), dtype=np.uint32), np.empty((n, k))
        settled = np.empty(n, dtype=np.bool_)

        def settle(first: int, last: int) -> None:
            candidates.cut(first, last)
            floor = self._floor(candidates.points[first:last], candidates.threshold[first:last])
            if not proven:
                floor[:] = np.inf
            block = slice(first, last)
            settle_neighbours(
                0, last - first, candidates.points[block], self.rows, own[block],
                candidates.filled[block], candidates.indices[block], floor,
                distances[block], indices[block], settled[block],
            )  # fmt: skip

        over_ranges(settle, even_ranges(n, smallest=64, largest=_BLOCK))
        recounted = 1.0 - float(settled.mean()) if n else 0.0
        return Neighbours(indices, distances * self.scale**2, recounted)

    def _floor(
        self,
        queries: Float32[np.ndarray, "queries features"],
        threshold: Float32[np.ndarray, "queries"],
    ) -> Float64[np.ndarray, "queries"]:
        """Least squared distance of a row whose score is not below the threshold.

        A row that is longer than the query by more than the distance at the threshold is farther
        away than that, however its score was rounded; so only shorter ones are reckoned with.
        """
        squared = 2.0 * threshold.astype(np.float64)
        reach = np.linalg.norm(queries.astype(np.float64), axis=1) + np.sqrt(np.maximum(squared, 0))
        least = squared - self._rounding(queries, reach)
        return np.where(np.isinf(threshold), np.inf, least)

    def _rounding(
        self, queries: Float32[np.ndarray, "queries features"], reach: Any = np.inf
    ) -> Float64[np.ndarray, "queries"]:
        """The most by which float32 rounding changes squared distances of a query to rows.

        The rows are those no longer than `reach`. Rounding in a sum of d products is at most
        d·eps times the sum of their sizes: Higham 2002, "Accuracy and Stability of Numerical
        Algorithms", section 3.1.
        """
        norms = np.linalg.norm(queries.astype(np.float64), axis=1)
        longest = np.minimum(np.sqrt(2.0 * self._half_norms.max(initial=0.0)), reach)
        return (queries.shape[1] + 4) * _ROUNDING * np.square(norms + longest)


@contextmanager
def _finding(total: int) -> Iterator[Task]:
    """Shows the search while it runs, each thread with its own matrix products."""
    with (
        task("Finding neighbours", total=total) as progress,
        one_blas_thread(),
    ):
        yield progress


def no_neighbours(n: int) -> Neighbours:
    """What `among_themselves(0)` of n rows finds."""
    return Neighbours(np.empty((n, 0), dtype=np.uint32), np.empty((n, 0)), 0.0)
