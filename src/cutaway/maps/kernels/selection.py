"""Choosing each row's nearest neighbours from candidates, exactly."""

import numpy as np
from jaxtyping import Bool, Float32, Float64, Int64, UInt32

from cutaway.compiled import compiled


@compiled(nogil=True, fastmath=True, error_model="numpy")
def squared_distance(
    query: Float32[np.ndarray, "features"],
    rows: Float32[np.ndarray, "n features"],
    index: np.uint64,
) -> float:
    """Σ (q − x)², summed in float64 in an order that depends on the number of features alone."""
    result = 0.0
    for feature in range(len(query)):
        difference = np.float64(query[feature]) - np.float64(rows[index, feature])
        result += difference * difference
    return result


@compiled(nogil=True, error_model="numpy")
def insert_sorted(
    distance: float,
    index: np.uint32,
    count: int,
    distances: Float64[np.ndarray, "k"],
    neighbours: UInt32[np.ndarray, "k"],
) -> int:
    """Inserts into the first `count` of a sorted list, ties by index; returns the new count."""
    place = count
    if count == len(distances):
        worst = distances[count - 1]
        if distance > worst or (distance == worst and index > neighbours[count - 1]):
            return count
        place = count - 1
    else:
        count += 1
    while place > 0 and (
        distances[place - 1] > distance
        or (distances[place - 1] == distance and neighbours[place - 1] > index)
    ):
        distances[place] = distances[place - 1]
        neighbours[place] = neighbours[place - 1]
        place -= 1
    distances[place] = distance
    neighbours[place] = index
    return count


@compiled(nogil=True, error_model="numpy")
def settle_neighbours(
    first: int,
    last: int,
    queries: Float32[np.ndarray, "rows features"],
    rows: Float32[np.ndarray, "n features"],
    own: Int64[np.ndarray, "rows"],
    filled: Int64[np.ndarray, "rows"],
    indices: UInt32[np.ndarray, "rows slots"],
    floor: Float64[np.ndarray, "rows"],
    distances: Float64[np.ndarray, "rows k"],
    neighbours: UInt32[np.ndarray, "rows k"],
    settled: Bool[np.ndarray, "rows"],
) -> None:
    """Sorts each row's candidates by exact squared distance, ties by index, and keeps the first k.

    Where the k-th distance is not below `floor`, the least that a row outside the candidates can
    have, all rows are gone through. So the result is exact, and does not depend on rounding.

    Args:
        first: The first query to handle.
        last: One past the last.
        queries: Points whose neighbours are wanted.
        rows: Points to choose from.
        own: Index of the query among the rows, which is left out; -1 where it is none.
        filled: Number of candidates.
        indices: Candidates.
        floor: Lower bound of the squared distance to any row that is no candidate.
        distances: Receives squared distances, ascending.
        neighbours: Receives indices.
        settled: Receives whether the candidates were enough.
    """
    k = distances.shape[1]
    for query in range(first, last):
        point, near, near_distances = queries[query], neighbours[query], distances[query]
        candidates, itself = indices[query], own[query]
        count = 0
        for slot in range(filled[query]):
            index = candidates[slot]
            if index != itself:
                distance = squared_distance(point, rows, np.uint64(index))
                count = insert_sorted(distance, index, count, near_distances, near)
        settled[query] = count == k and near_distances[k - 1] < floor[query]
        if settled[query]:
            continue
        count = 0
        for other in range(len(rows)):
            if other != itself:
                distance = squared_distance(point, rows, np.uint64(other))
                count = insert_sorted(distance, np.uint32(other), count, near_distances, near)
