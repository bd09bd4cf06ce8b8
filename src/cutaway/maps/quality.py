"""How far a map can be trusted: what it keeps of the neighbours and distances in the data."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Float, Float32, Float64, UInt32
from sklearn.utils import check_array
from threadpoolctl import threadpool_limits

from cutaway.errors import InputError
from cutaway.maps.kernels import announce_compilation
from cutaway.maps.kernels.placing import neighbour_overlap
from cutaway.maps.kernels.ranks import neighbour_ranks
from cutaway.maps.kernels.threads import even_ranges, over_ranges
from cutaway.maps.neighbours import NeighbourIndex, no_neighbours

NEIGHBOURS = 15
"""A map is judged by so many neighbours of each point, unless told otherwise."""
_PAIRS = 100_000
_RANKED_BLOCK = 256


@dataclass(frozen=True)
class Quality:
    """What a map keeps of the data.

    Attributes:
        k: Number of neighbours that the figures are about.
        trustworthiness: 1 where neighbours on the map are such in the data (Venna, Kaski 2001).
        continuity: 1 where neighbours in the data are neighbours on the map: the same.
        neighbours_kept: Share of the k nearest in the data that are among the k nearest on the map.
        shepard: Rank correlation of distances in the data and on the map, over random pairs.
        per_point: Each point's share of neighbours kept, in [0, 1].
    """

    k: int
    trustworthiness: float
    continuity: float
    neighbours_kept: float
    shepard: float
    per_point: Float32[np.ndarray, "n"]


class Neighbourhoods:
    """Rows of data with the nearest of each, found once for all maps that are made of them.

    Args:
        X: Rows (n, features).
        k: Neighbours of each; lowered to n / 2 where n is small.

    Attributes:
        k: Number of neighbours that were found.
        index: The rows.
        nearest: The k nearest of each row.

    Raises:
        InputError: X is no finite matrix, or k is below 1.

    Example:
        >>> Neighbourhoods(np.array([[0.0], [1.0], [3.0]]), k=1).nearest.ravel().tolist()
        [1, 0, 1]
    """

    def __init__(self, X: Any, k: int = NEIGHBOURS) -> None:
        if k < 1:
            raise InputError(f"k={k}; expected a number of neighbours of 1 or more")
        rows = _rows(X, "X")
        self.k = max(0, min(k, (len(rows) - 1) // 2))
        self.index = NeighbourIndex(rows)
        self.nearest = no_neighbours(len(rows)).indices
        if self.k:
            announce_compilation()
            self.nearest = self.index.among_themselves(self.k).indices


def map_quality(
    X: Any, embedding: Any, k: int = NEIGHBOURS, *, ranked: int = 10_000, seed: int = 0
) -> Quality:
    """Measures how a map of `X` keeps neighbours and distances.

    Trustworthiness and continuity need ranks among all points; a sample of the points says enough.

    Args:
        X: Rows of the data (n, features), or their `Neighbourhoods`, which then also say k.
        embedding: Their coordinates (n, components).
        k: Neighbours to compare; lowered to n / 2 where n is small.
        ranked: How many points have their neighbours ranked; all where there are no more.
        seed: Chooses the pairs of the Shepard correlation, and the sample.

    Raises:
        InputError: The two have different numbers of rows, or hold NaN.

    Example:
        >>> line = np.arange(10.0)[:, None]
        >>> map_quality(line, 2 * line, k=3).trustworthiness
        1.0
    """
    known = X if isinstance(X, Neighbourhoods) else Neighbourhoods(X, k)
    Y = _rows(embedding, "embedding")
    data, k, n = known.index, known.k, len(known.index)
    if len(Y) != n:
        raise InputError(
            f"X has {n} rows and embedding has {len(Y)}; expected one place on the map a row"
        )
    if k < 1:
        return Quality(0, 1.0, 1.0, 1.0, 1.0, np.ones(n, dtype=np.float32))
    drawn, near_data = NeighbourIndex(Y), known.nearest
    near_map = drawn.among_themselves(k).indices
    per_point = np.empty(n, dtype=np.float32)
    over_ranges(neighbour_overlap, even_ranges(n), near_data, near_map, per_point)
    sample = _sample(n, ranked, seed)
    return Quality(
        k=k,
        trustworthiness=_kept_close(data, near_map, sample),
        continuity=_kept_close(drawn, near_data, sample),
        neighbours_kept=float(per_point.mean(dtype=np.float64)),
        shepard=_shepard(data.rows, drawn.rows, seed),
        per_point=per_point,
    )


def _rows(array: Any, name: str) -> Float[np.ndarray, "n columns"]:
    try:
        return check_array(array, dtype=[np.float64, np.float32], input_name=name)
    except ValueError as error:
        raise InputError(f"{name} is no finite matrix: {error}") from error


def _sample(n: int, ranked: int, seed: int) -> UInt32[np.ndarray, "ranked"]:
    if n <= ranked:
        return np.arange(n, dtype=np.uint32)
    chosen = np.random.default_rng(seed).choice(n, ranked, replace=False)
    return np.sort(chosen).astype(np.uint32)


def _kept_close(
    space: NeighbourIndex, near: UInt32[np.ndarray, "n k"], ranked: UInt32[np.ndarray, "ranked"]
) -> float:
    """1 less the scaled sum of how far beyond rank k the points `near` lie in `space`."""
    n, k = near.shape
    excess = np.empty(len(ranked))

    def rank(first: int, last: int) -> None:
        block = ranked[first:last]
        scores, errors = space.scores(block)
        neighbour_ranks(space.rows, block, scores, errors, near[block], excess[first:last])

    with threadpool_limits(1, "blas"):
        over_ranges(rank, even_ranges(len(ranked), 16, _RANKED_BLOCK))
    worst = len(ranked) * k * (2 * n - 3 * k - 1) / 2
    return 1.0 - float(excess.sum()) / worst


def _shepard(
    X: Float32[np.ndarray, "n features"], Y: Float32[np.ndarray, "n components"], seed: int
) -> float:
    from scipy.stats import spearmanr

    rng = np.random.default_rng(seed)
    first, second = rng.integers(0, len(X), (2, _PAIRS))
    first, second = first[first != second], second[first != second]
    far_data = _distances(X, first, second)
    far_map = _distances(Y, first, second)
    if np.ptp(far_data) == 0 or np.ptp(far_map) == 0:
        return 1.0 if np.ptp(far_data) == np.ptp(far_map) else 0.0
    return float(spearmanr(far_data, far_map).statistic)


def _distances(
    rows: Float32[np.ndarray, "n columns"], first: np.ndarray, second: np.ndarray
) -> Float64[np.ndarray, "pairs"]:
    squared = np.empty(len(first))
    for start in range(0, len(first), 4096):
        block = slice(start, start + 4096)
        squared[block] = np.square(rows[first[block]] - rows[second[block]]).sum(axis=1)
    return np.sqrt(squared)
