"""Images that are nearly the same: saved anew, brightened, cropped by a little."""

import numpy as np
from jaxtyping import Float32, Int64, UInt8
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from cutaway.compiled import announce_compilation, compiled
from cutaway.data.signatures import directions
from cutaway.progress import task

CORRELATION = 0.95
"""Least correlation of two signatures of near duplicates."""

CLOSENESS = 0.5
"""A near duplicate is at most this part of the way to an image's tenth nearest."""

NEIGHBOURS = 10
MOST_IMAGES = 100_000
"""Of more images the first so many are compared: the work grows with their square."""

_PROJECTED = 64
_SAMPLE = 8192
_QUERY_BLOCK = 1024
_ROW_BLOCK = 8192
_SEED = 0


def near_pairs(
    values: UInt8[np.ndarray, "samples numbers"], compared: int | None = None
) -> Int64[np.ndarray, "pairs 2"]:
    """Pairs of images that are nearly the same, each with the smaller position first.

    Two images are near duplicates where their signatures correlate by 0.95 or more, and they are
    twice as near to each other as one of them is to its tenth nearest image: a plain sky resembles
    a thousand others and is a copy of none. That is the ratio test of Lowe 2004, "Distinctive Image
    Features from Scale-Invariant Keypoints", section 7.1. Candidates are the ten nearest in the 64
    principal components of the signatures. Images of one colour are left out.

    Args:
        values: What `signatures` gives.
        compared: The first so many are compared with all; by default all are.

    Example:
        >>> noise = np.random.default_rng(0).integers(0, 200, (50, 64)).astype(np.uint8)
        >>> near_pairs(np.concatenate([noise, noise[7:8] + np.uint8(3)])).tolist()
        [[7, 50]]
    """
    points = directions(values)
    shown = np.flatnonzero(points.any(axis=1))
    queries = shown if compared is None else shown[shown < compared]
    if len(queries) == 0 or len(shown) < 2:
        return np.empty((0, 2), np.int64)
    nearest = shown[_nearest(_projected(points[shown]), len(queries))]
    distances = _squared_distances(points, queries, nearest)
    usual = distances.max(axis=1) if nearest.shape[1] == NEIGHBOURS else np.full(len(queries), 4.0)
    near = (distances <= 2 - 2 * CORRELATION) & (distances <= CLOSENESS**2 * usual[:, None])
    rows, ranks = np.nonzero(near)
    pairs = np.stack([queries[rows], nearest[rows, ranks]], axis=1)
    return np.unique(np.sort(pairs, axis=1), axis=0)


def groups_of(pairs: Int64[np.ndarray, "pairs 2"], count: int) -> tuple[tuple[int, ...], ...]:
    """Positions joined by pairs, also by way of others, in order of the first of each group.

    Example:
        >>> groups_of(np.array([[3, 4], [0, 2], [2, 5]]), 6)
        ((0, 2, 5), (3, 4))
    """
    graph = coo_array((np.ones(len(pairs)), (pairs[:, 0], pairs[:, 1])), shape=(count, count))
    _, belongs = connected_components(graph, directed=False)
    groups: dict[int, list[int]] = {}
    for position in np.unique(pairs):
        groups.setdefault(int(belongs[position]), []).append(int(position))
    return tuple(tuple(group) for group in groups.values())


def _projected(points: Float32[np.ndarray, "n numbers"]) -> Float32[np.ndarray, "n components"]:
    """Coordinates along the principal directions of a sample of the points."""
    if points.shape[1] <= _PROJECTED:
        return points
    chosen = np.random.default_rng(_SEED).permutation(len(points))[:_SAMPLE]
    sample = points[np.sort(chosen)].astype(np.float64)
    _, vectors = np.linalg.eigh(sample.T @ sample)
    return points @ vectors[:, -_PROJECTED:].astype(np.float32)


def _squared_distances(
    points: Float32[np.ndarray, "n numbers"],
    queries: Int64[np.ndarray, " queries"],
    nearest: Int64[np.ndarray, "queries k"],
) -> Float32[np.ndarray, "queries k"]:
    """Of each query to its nearest points, all of length 1."""
    correlations = np.empty(nearest.shape, np.float32)
    for rank in range(nearest.shape[1]):
        for start in range(0, len(queries), _QUERY_BLOCK):
            rows = slice(start, start + _QUERY_BLOCK)
            pair = points[nearest[rows, rank]], points[queries[rows]]
            correlations[rows, rank] = np.einsum("nd,nd->n", *pair)
    return 2 - 2 * correlations


def _nearest(
    points: Float32[np.ndarray, "n components"], queries: int
) -> Int64[np.ndarray, "queries k"]:
    """The ten nearest other points of each of the first `queries`, or all where there are fewer."""
    announce_compilation(keep_nearest, "near duplicates")
    n, k = len(points), min(NEIGHBOURS, len(points) - 1)
    norms = np.einsum("ij,ij->i", points, points)
    indices = np.zeros((queries, k), np.int64)
    with task("Looking for near duplicates", total=queries) as progress:
        for start in range(0, queries, _QUERY_BLOCK):
            stop = min(start + _QUERY_BLOCK, queries)
            best = np.full((stop - start, k), np.inf, np.float32)
            for first in range(0, n, _ROW_BLOCK):
                rows = slice(first, first + _ROW_BLOCK)
                scores = points[start:stop] @ points[rows].T
                keep_nearest(scores, norms[rows], start, first, best, indices[start:stop])
            progress.advance(stop - start)
    return indices


@compiled(nogil=True)
def keep_nearest(
    scores: Float32[np.ndarray, "queries rows"],
    norms: Float32[np.ndarray, " rows"],
    query: int,
    row: int,
    best: Float32[np.ndarray, "queries k"],
    indices: Int64[np.ndarray, "queries k"],
) -> None:
    """Inserts rows into each query's sorted list of nearest, by |x|² − 2·x·q; itself left out."""
    k = best.shape[1]
    for i in range(scores.shape[0]):
        worst = best[i, k - 1]
        for j in range(scores.shape[1]):
            value = norms[j] - 2 * scores[i, j]
            if value >= worst or query + i == row + j:
                continue
            place = k - 1
            while place > 0 and best[i, place - 1] > value:
                best[i, place] = best[i, place - 1]
                indices[i, place] = indices[i, place - 1]
                place -= 1
            best[i, place] = value
            indices[i, place] = row + j
            worst = best[i, k - 1]
