"""Nearest neighbours of very many rows, sought among near clusters, with their recall measured."""

import itertools
from typing import Literal

import numpy as np
import scipy.sparse
from jaxtyping import Float32, Int64
from threadpoolctl import threadpool_limits

from cutaway.maps.candidates import half_norms, rounds
from cutaway.maps.kernels.threads import over_ranges
from cutaway.maps.neighbours import NeighbourIndex, Neighbours
from cutaway.progress import say

RECALL = 0.99

EXACT_UP_TO = 100_000
"""Samples up to which neighbours are exact by themselves."""

Search = Literal["auto", "exact", "approximate"]
SEARCHES = ("auto", "exact", "approximate")

_ROWS_A_CLUSTER = 512
_SAMPLE_A_CLUSTER = 64
_LLOYD_STEPS = 8
_AT_ONCE = 4096
_LARGEST_BLOCK = 1024
_ASKED = 1000


def neighbours_of(index: NeighbourIndex, k: int, search: Search) -> Neighbours:
    """The k nearest other rows of every row, exact or sought among near clusters.

    Args:
        index: The rows.
        k: Number of neighbours, at most n − 1.
        search: "exact", "approximate", or "auto": exact up to 100,000 rows.
    """
    if search == "approximate" or (search == "auto" and len(index) > EXACT_UP_TO):
        return clustered_neighbours(index, k)
    return index.among_themselves(k)


def clustered_neighbours(index: NeighbourIndex, k: int, wanted: float = RECALL) -> Neighbours:
    """The k nearest other rows of every row, but for a few that lie in clusters farther away.

    Each cluster meets as many of its nearest as it takes for the neighbours of a sample of rows,
    which are known exactly, to be found at the `wanted` rate. Distances are exact. The recall on
    that sample is said aloud and kept.

    Source: Sivic and Zisserman 2003, "Video Google", and Jegou et al. 2011, "Product quantization
    for nearest neighbor search", section 4, for lists by cluster; k-means after Lloyd 1982.

    Args:
        index: The rows.
        k: Number of neighbours, at most n − 1.
        wanted: Share of the true neighbours to find, in (0, 1].

    Example:
        >>> rows = np.random.default_rng(0).random((3000, 3))
        >>> clustered_neighbours(NeighbourIndex(rows), 5).recall > 0.9
        True
    """
    n = len(index)
    with threadpool_limits(1, "blas"):
        cluster = nearest_centres(index.rows, cluster_centres(index.rows))
    order = np.argsort(cluster, kind="stable").astype(np.int64)
    blocks = _blocks(cluster[order])
    arranged = NeighbourIndex.from_arrays({**index.to_arrays(), "rows": index.rows[order]})
    asked = np.linspace(0, n - 1, min(n, _ASKED)).astype(np.int64)
    true = _other_than(asked, arranged.query(_as_given(arranged, asked), k + 1).indices)
    rank = _ranks(arranged.rows, blocks)
    reach = _reach(rank, blocks, asked, true, wanted)
    meetings = [[pair for pair in pairs if rank[pair] <= reach] for pairs in rounds(len(blocks))]
    candidates = arranged.candidates(blocks, [pairs for pairs in meetings if pairs], k)
    found = arranged.settled(candidates, np.arange(n, dtype=np.int64), k, proven=False)
    recall = _shared(found.indices[asked], true)
    say(f"Neighbours among {n:,} samples are sought in near clusters: {recall:.1%} are found")
    indices = np.empty_like(found.indices)
    distances = np.empty_like(found.squared_distances)
    indices[order], distances[order] = order[found.indices], found.squared_distances
    return Neighbours(indices, distances, found.recounted, recall)


def cluster_centres(
    rows: Float32[np.ndarray, "n features"],
) -> Float32[np.ndarray, "clusters features"]:
    """Centres of clusters of some 512 rows each, by k-means on a part of the rows."""
    clusters = max(len(rows) // _ROWS_A_CLUSTER, 1)
    drawn = np.random.default_rng(0).choice(
        len(rows), min(len(rows), clusters * _SAMPLE_A_CLUSTER), replace=False
    )
    sample = rows[drawn]
    centres = sample[:clusters].copy()
    for _ in range(_LLOYD_STEPS):
        nearest = nearest_centres(sample, centres)
        ones = np.ones(len(sample), dtype=np.float32)
        members = scipy.sparse.csr_array(
            (ones, (nearest, np.arange(len(sample)))), shape=(clusters, len(sample))
        )
        counts = np.bincount(nearest, minlength=clusters)[:, None]
        means = (members @ sample) / np.maximum(counts, 1).astype(np.float32)
        centres = np.where(counts > 0, means, centres)
    return centres


def nearest_centres(
    rows: Float32[np.ndarray, "n features"], centres: Float32[np.ndarray, "clusters features"]
) -> Int64[np.ndarray, "n"]:
    """The number of each row's nearest centre."""
    halves = half_norms(centres)
    nearest = np.empty(len(rows), dtype=np.int64)

    def assign(first: int, last: int) -> None:
        nearest[first:last] = np.argmin(halves - rows[first:last] @ centres.T, axis=1)

    over_ranges(assign, (*range(0, len(rows), _AT_ONCE), len(rows)))
    return nearest


def _blocks(cluster: Int64[np.ndarray, "n"]) -> list[slice]:
    """Ranges of ascending cluster numbers that hold one cluster, or a part of a large one."""
    bounds = [0, *(np.flatnonzero(np.diff(cluster)) + 1).tolist(), len(cluster)]
    blocks = []
    for first, last in itertools.pairwise(bounds):
        parts = -(-(last - first) // _LARGEST_BLOCK)
        cuts = [first + (last - first) * part // parts for part in range(parts + 1)]
        blocks += [slice(*pair) for pair in itertools.pairwise(cuts)]
    return blocks


def _ranks(
    rows: Float32[np.ndarray, "n features"], blocks: list[slice]
) -> Int64[np.ndarray, "blocks blocks"]:
    """How many blocks are nearer to one of a pair than the other is: the less of the two counts."""
    centres = np.stack([rows[block].mean(axis=0, dtype=np.float64) for block in blocks])
    halves = np.einsum("ij,ij->i", centres, centres) / 2
    distances = halves + halves[:, None] - centres @ centres.T
    np.fill_diagonal(distances, -np.inf)
    rank = distances.argsort(axis=1, kind="stable").argsort(axis=1, kind="stable")
    return np.minimum(rank, rank.T)


def _reach(
    rank: Int64[np.ndarray, "blocks blocks"],
    blocks: list[slice],
    asked: Int64[np.ndarray, "asked"],
    true: Int64[np.ndarray, "asked k"],
    wanted: float,
) -> int:
    """The rank up to which blocks must meet for the `wanted` share of true neighbours to do so."""
    block_of = np.repeat(np.arange(len(blocks)), [block.stop - block.start for block in blocks])
    needed = np.sort(rank[block_of[asked][:, None], block_of[true]], axis=None)
    return int(needed[max(int(np.ceil(wanted * needed.size)) - 1, 0)])


def _as_given(index: NeighbourIndex, chosen: Int64[np.ndarray, "chosen"]) -> np.ndarray:
    return index.rows[chosen].astype(np.float64) * index.scale + index.mean


def _other_than(
    asked: Int64[np.ndarray, "asked"], indices: np.ndarray
) -> Int64[np.ndarray, "asked k"]:
    """The neighbours without the row itself, or without the last where copies stand before it."""
    itself = indices == asked[:, None]
    itself[~itself.any(axis=1), -1] = True
    return indices[~itself].reshape(len(asked), -1).astype(np.int64)


def _shared(found: np.ndarray, true: np.ndarray) -> float:
    shares = [len(np.intersect1d(*pair)) for pair in zip(found, true, strict=True)]
    return float(np.sum(shares) / true.size)
