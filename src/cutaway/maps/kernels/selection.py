"""Choosing each row's nearest neighbours from blocks of approximate distances, then exactly."""

import numpy as np
from jaxtyping import Bool, Float32, Float64, Int64, UInt32

from cutaway.compiled import compiled

LANES = 64


@compiled(nogil=True, error_model="numpy")
def keep_smallest(
    values: Float32[np.ndarray, "slots"],
    indices: UInt32[np.ndarray, "slots"],
    kept: int,
) -> np.float32:
    """Moves the `kept` smallest values, with indices, to the front; returns the largest of them.

    Source: Hoare 1961, "Algorithm 65: find".
    """
    low, high = 0, len(values) - 1
    target = kept - 1
    while low < high:
        pivot = values[(low + high) // 2]
        i, j = low, high
        while i <= j:
            while values[i] < pivot:
                i += 1
            while values[j] > pivot:
                j -= 1
            if i <= j:
                values[i], values[j] = values[j], values[i]
                indices[i], indices[j] = indices[j], indices[i]
                i += 1
                j -= 1
        if target <= j:
            high = j
        elif target >= i:
            low = i
        else:
            break
    largest = values[0]
    for slot in range(1, kept):
        largest = max(largest, values[slot])
    return largest


@compiled(nogil=True, error_model="numpy")
def any_below(line: Float32[np.ndarray, "columns"], start: np.uint64, limit: np.float32) -> bool:
    """Whether one of `LANES` scores from `start` is below the limit; a count, which vectorizes."""
    below = np.int32(0)
    for lane in range(LANES):
        below += np.int32(line[start + np.uint64(lane)] < limit)
    return bool(below > 0)


@compiled(nogil=True, error_model="numpy")
def take_candidates(
    first: int,
    last: int,
    scores: Float32[np.ndarray, "rows block"],
    offset: int,
    kept: int,
    threshold: Float32[np.ndarray, "rows"],
    filled: Int64[np.ndarray, "rows"],
    values: Float32[np.ndarray, "rows slots"],
    indices: UInt32[np.ndarray, "rows slots"],
) -> None:
    """Adds to each row's candidates the columns of a block that may be among its `kept` nearest.

    A row buffers candidates below its threshold; a full buffer is cut to the `kept` smallest, whose
    largest is the new threshold. `LANES` scores at a time are compared with it.

    Args:
        first: The first row to handle.
        last: One past the last.
        scores: Squared distances of this block's columns, up to a term a row.
        offset: Index of the block's first column.
        kept: Candidates to keep.
        threshold: Score that a candidate must stay below; changed in place.
        filled: Candidates buffered; changed in place.
        values: Scores of the candidates; changed in place.
        indices: Columns of the candidates; changed in place.
    """
    columns = scores.shape[1]
    slots = values.shape[1]
    for row in range(first, last):
        limit, count = threshold[row], filled[row]
        line = scores[row]
        for start in range(0, columns, LANES):
            if start + LANES <= columns and not any_below(line, np.uint64(start), limit):
                continue
            for column in range(start, min(start + LANES, columns)):
                if line[column] < limit:
                    values[row, count] = line[column]
                    indices[row, count] = offset + column
                    count += 1
                    if count == slots:
                        limit = keep_smallest(values[row], indices[row], kept)
                        count = kept
        threshold[row], filled[row] = limit, count


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
