"""Gathering what may be a row's nearest neighbours from blocks of float32 products."""

import numpy as np
from jaxtyping import Float32, Int64, UInt32

from cutaway.compiled import compiled

LANES = 32


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
def any_near(
    products: Float32[np.ndarray, "columns"],
    half_norm: np.float32,
    half_norms: Float32[np.ndarray, "columns"],
    limit: np.float32,
    limits: Float32[np.ndarray, "columns"],
    start: np.uint64,
) -> bool:
    """Whether a pair of `LANES` from `start` is near enough for its row or for its column.

    It counts, which vectorizes.
    """
    near = np.int32(0)
    for lane in range(LANES):
        column = start + np.uint64(lane)
        score = (half_norm + half_norms[column]) - products[column]
        near += np.int32(score < max(limit, limits[column]))
    return bool(near > 0)


@compiled(nogil=True, error_model="numpy")
def add_candidate(
    score: np.float32,
    index: int,
    kept: int,
    point: int,
    threshold: Float32[np.ndarray, "points"],
    filled: Int64[np.ndarray, "points"],
    scores: Float32[np.ndarray, "points slots"],
    indices: UInt32[np.ndarray, "points slots"],
) -> None:
    """Adds a row to a point's candidates; a full buffer is cut to the `kept` best."""
    count = filled[point]
    scores[point, count] = score
    indices[point, count] = index
    filled[point] = count + 1
    if count + 1 == scores.shape[1]:
        threshold[point] = keep_smallest(scores[point], indices[point], kept)
        filled[point] = kept


@compiled(nogil=True, error_model="numpy")
def take_candidates(
    products: Float32[np.ndarray, "rows columns"],
    kept: int,
    first_row: int,
    row_half_norms: Float32[np.ndarray, "rows"],
    row_threshold: Float32[np.ndarray, "rows"],
    row_filled: Int64[np.ndarray, "rows"],
    row_scores: Float32[np.ndarray, "rows slots"],
    row_indices: UInt32[np.ndarray, "rows slots"],
    first_column: int,
    column_half_norms: Float32[np.ndarray, "columns"],
    column_threshold: Float32[np.ndarray, "columns"],
    column_filled: Int64[np.ndarray, "columns"],
    column_scores: Float32[np.ndarray, "columns slots"],
    column_indices: UInt32[np.ndarray, "columns slots"],
) -> None:
    """Offers the columns of a block of products to its rows, and the rows to its columns.

    The score of a pair is half its squared distance, |x|²/2 + |y|²/2 − x·y. `LANES` scores at a
    time are compared with the thresholds. Where columns take nothing, their thresholds are −inf.

    Args:
        products: x·y of the rows x and columns y.
        kept: Candidates that a full buffer keeps.
        first_row: Index of the first row.
        row_half_norms: |x|²/2.
        row_threshold: Score that a candidate of a row must stay below; changed in place.
        row_filled: Candidates of each row; changed in place.
        row_scores: Their scores; changed in place.
        row_indices: Their indices; changed in place.
        first_column: Index of the first column.
        column_half_norms: |y|²/2.
        column_threshold: As of rows.
        column_filled: As of rows.
        column_scores: As of rows.
        column_indices: As of rows.
    """
    count = products.shape[1]
    for row in range(len(products)):
        line, half_norm = products[row], row_half_norms[row]
        for start in range(0, count, LANES):
            stop = min(start + LANES, count)
            if stop - start == LANES and not any_near(
                line, half_norm, column_half_norms, row_threshold[row], column_threshold,
                np.uint64(start),
            ):  # fmt: skip
                continue
            for column in range(start, stop):
                score = (half_norm + column_half_norms[column]) - line[column]
                if score < row_threshold[row]:
                    add_candidate(
                        score, first_column + column, kept, row,
                        row_threshold, row_filled, row_scores, row_indices,
                    )  # fmt: skip
                if score < column_threshold[column]:
                    add_candidate(
                        score, first_row + row, kept, column,
                        column_threshold, column_filled, column_scores, column_indices,
                    )  # fmt: skip


@compiled(nogil=True, error_model="numpy")
def cut_candidates(
    first: int,
    last: int,
    kept: int,
    threshold: Float32[np.ndarray, "points"],
    filled: Int64[np.ndarray, "points"],
    scores: Float32[np.ndarray, "points slots"],
    indices: UInt32[np.ndarray, "points slots"],
) -> None:
    """Cuts the candidates of the points first..last to the `kept` best, and lowers thresholds."""
    for point in range(first, last):
        count = filled[point]
        if count > kept:
            threshold[point] = keep_smallest(scores[point, :count], indices[point, :count], kept)
            filled[point] = kept
