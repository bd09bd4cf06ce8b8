"""Images that are nearly the same: saved anew, brightened, cropped by a little."""

import numpy as np
from jaxtyping import Float32, Int64, UInt8
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from cutaway.data.signatures import directions

CORRELATION = 0.95
"""Least correlation of two signatures of near duplicates."""

CORRELATION_OF_SMALL = 0.99
"""The same of images of few values, where samples of a class look alike: digits of 8 x 8 pixels by
one hand reach 0.98."""

SMALL = 256
"""Signatures of fewer numbers are of small images: grey ones below 16 x 16 pixels."""

CLOSENESS = 0.5
"""A near duplicate is at most this part of the way to an image's tenth nearest."""

NEIGHBOURS = 10
MOST_IMAGES = 100_000
"""Of more images the first so many are compared: the work grows with their square."""

_PROJECTED = 64
_SAMPLE = 8192
_BLOCK = 1024
_SEED = 0


def near_pairs(
    values: UInt8[np.ndarray, "samples numbers"], compared: int | None = None
) -> Int64[np.ndarray, "pairs 2"]:
    """Pairs of images that are nearly the same, each with the smaller position first.

    Two images are near duplicates where their signatures correlate by 0.95 or more (0.99 where they
    have fewer than 256 numbers), and they are twice as near to each other as one of them is to its
    tenth nearest image: a plain sky resembles a thousand others and is a copy of none. That is the
    ratio test of Lowe 2004, "Distinctive Image Features from Scale-Invariant Keypoints", section
    7.1. Candidates are the ten nearest in the 64 principal components of the signatures. Images of
    one colour are left out.

    Args:
        values: What `signatures` gives.
        compared: The first so many are compared with all; by default all are.

    Example:
        >>> noise = np.random.default_rng(0).integers(0, 200, (50, 64)).astype(np.uint8)
        >>> near_pairs(np.concatenate([noise, noise[7:8] + np.uint8(3)])).tolist()
        [[7, 50]]
    """
    from cutaway.maps.neighbours import NeighbourIndex

    points = directions(values)
    shown = np.flatnonzero(points.any(axis=1))
    queries = shown if compared is None else shown[shown < compared]
    if len(queries) == 0 or len(shown) < 2:
        return np.empty((0, 2), np.int64)
    index = NeighbourIndex(_projected(points[shown]))
    found = index.among_themselves(min(NEIGHBOURS, len(shown) - 1))
    nearest = shown[found.indices[: len(queries)]]
    distances = _squared_distances(points, queries, nearest)
    usual = distances.max(axis=1) if nearest.shape[1] == NEIGHBOURS else np.full(len(queries), 4.0)
    least = CORRELATION_OF_SMALL if points.shape[1] < SMALL else CORRELATION
    near = (distances <= 2 - 2 * least) & (distances <= CLOSENESS**2 * usual[:, None])
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
        for start in range(0, len(queries), _BLOCK):
            rows = slice(start, start + _BLOCK)
            pair = points[nearest[rows, rank]], points[queries[rows]]
            correlations[rows, rank] = np.einsum("nd,nd->n", *pair)
    return 2 - 2 * correlations
