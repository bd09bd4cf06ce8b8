"""The inner loops of a pass over activations, compiled; a row is read while it is in the cache."""

from typing import Any

import numpy as np
from jaxtyping import Float32, Float64, Int32, Int64

from cutaway.activations.binning import count_rows, scale_of
from cutaway.compiled import compiled

_LARGEST = np.float64(np.finfo(np.float32).max)
_BLOCK = 512
_Row = tuple[float, float, float, float, np.integer[Any] | int, np.integer[Any] | int, float, float]
_LANES = 32
_BINNED = 4096


@compiled(nogil=True)
def summarize_units(
    rows: Float32[np.ndarray, "samples units positions"],
    patterns: Int32[np.ndarray, "samples units positions"],
    figures: Float64[np.ndarray, "4 samples units"],
    numbers: Int64[np.ndarray, "2 samples units"],
    cells: Float32[np.ndarray, "samples units grid grid"],
    exponents: Int64[np.ndarray, " units"],
    firsts: Int64[np.ndarray, " units"],
    counts: Int64[np.ndarray, "units bins"],
    width: int,
    start: int,
    stop: int,
) -> None:
    """Writes all figures of the units from start to stop.

    Args:
        rows: What each unit gives for each sample.
        patterns: The same memory as whole numbers.
        figures: Written: sum, scatter, minimum and maximum of each row.
        numbers: Written: how many values of a row are positive, and where its maximum stands.
        cells: Written: averages of the row, as a map, over the cells of a raster; may be empty.
        exponents: Written: scale of a unit's histogram, as `binning` has it.
        firsts: Written: index of the histogram's first bin.
        counts: Written: the histogram; zeros come in.
        width: Of a map.
        start: First unit.
        stop: Unit after the last.
    """
    bins = np.empty(_BINNED, np.uint8)
    columns = np.empty(width, np.float32)
    positions = rows.shape[2]
    for unit in range(start, stop):
        low, high = np.inf, -np.inf
        for sample in range(rows.shape[0]):
            row = rows[sample, unit]
            found = _summarize_row(row, patterns[sample, unit])
            figures[0, sample, unit], figures[1, sample, unit] = found[0], found[1]
            figures[2, sample, unit], figures[3, sample, unit] = found[2], found[3]
            numbers[0, sample, unit], numbers[1, sample, unit] = found[4], found[5]
            least, most = found[6], found[7]
            low, high = min(low, least), max(high, most)
            if cells.shape[2]:
                image = row.reshape(positions // width, width)
                _average_cells(image, columns, cells[sample, unit])
        if low > high:
            continue
        exponents[unit], firsts[unit] = scale_of(low, high)
        scale = exponents[unit], firsts[unit]
        count_rows(rows, unit, figures[1], high, *scale, bins, counts[unit])


@compiled(nogil=True)
def _summarize_row(
    row: Float32[np.ndarray, " positions"], patterns: Int32[np.ndarray, " positions"]
) -> _Row:
    """A row's figures and numbers, then its smallest and largest finite value."""
    positions = row.shape[0]
    first = np.float64(row[0])
    distance, squares = _sums(row, first)
    total = positions * first + distance
    # Rounding may leave a trace below 0.
    scatter = squares - distance * distance / positions
    if not np.isfinite(scatter):
        return _careful_extremes(row, total, scatter)
    scatter = max(scatter, 0.0)
    least, _, positive, place = _extremes(patterns)
    low, high = _unfolded(least), np.float64(row[place])
    return total, scatter, low, high, np.int64(positive), place, low, high


@compiled(nogil=True)
def _careful_extremes(row: Float32[np.ndarray, " positions"], total: float, scatter: float) -> _Row:
    """The same for a row in which a value is NaN or infinite; NaN is left out."""
    low, high = np.nan, np.nan
    positive, peak = 0, -1
    least, most = np.inf, -np.inf
    for place in range(row.shape[0]):
        value = np.float64(row[place])
        if not value >= low and not np.isnan(value):
            low = value
        if not value <= high and not np.isnan(value):
            high = value
            peak = place
        positive += int(value > 0)
        if np.isfinite(value):
            least, most = min(least, value), max(most, value)
    return total, scatter, low, high, np.int64(positive), np.int64(peak), least, most


@compiled(nogil=True, fastmath={"reassoc", "contract"})
def _sums(row: Float32[np.ndarray, " positions"], first: float) -> tuple[float, float]:
    """Sums of distances from the first value, and of their squares."""
    distance = 0.0
    squares = 0.0
    for place in range(row.shape[0]):
        away = np.float64(row[place]) - first
        distance += away
        squares += away * away
    return distance, squares


@compiled(nogil=True)
def _extremes(
    patterns: Int32[np.ndarray, " positions"],
) -> tuple[np.int32, np.int32, np.int32, int]:
    """Minimum and maximum as folded patterns, how many are above 0, where the maximum stands first.

    Whole numbers compare faster than floats; the maximum is looked for in its own block alone.
    """
    low = high = _folded(patterns[0])
    positive = np.int32(0)
    begin = 0
    for start in range(0, patterns.shape[0], _BLOCK):
        least, most, above = _extremes_of_block(patterns[start : start + _BLOCK])
        low = min(low, least)
        positive += above
        if most > high:
            high, begin = most, start
    place = _place_of(patterns[begin : begin + _BLOCK], _folded(high))
    return low, high, positive, begin + place


@compiled(nogil=True)
def _extremes_of_block(
    patterns: Int32[np.ndarray, " positions"],
) -> tuple[np.int32, np.int32, np.int32]:
    low = high = _folded(patterns[0])
    positive = np.int32(0)
    for place in range(patterns.shape[0]):
        order = _folded(patterns[place])
        low = min(low, order)
        high = max(high, order)
        positive += np.int32(order > 0)
    return low, high, positive


@compiled(nogil=True)
def _place_of(patterns: Int32[np.ndarray, " positions"], wanted: np.int32) -> int:
    """Where a pattern stands first; several are compared at once."""
    begin = 0
    for begin in range(0, len(patterns), _LANES):
        found = False
        for pattern in patterns[begin : begin + _LANES]:
            found |= pattern == wanted
        if found:
            break
    while patterns[begin] != wanted:
        begin += 1
    return begin


@compiled(nogil=True)
def _folded(pattern: np.int32) -> np.int32:
    """A float's bits as a whole number that orders as the float does; its own inverse."""
    return np.int32(pattern ^ ((pattern >> 31) & 0x7FFFFFFF))


@compiled(nogil=True)
def _unfolded(order: np.int32) -> float:
    return np.float64(np.int32(_folded(order)).view(np.float32))


@compiled(nogil=True)
def _average_cells(
    image: Float32[np.ndarray, "height width"],
    columns: Float32[np.ndarray, " width"],
    cells: Float32[np.ndarray, "grid grid"],
) -> None:
    """Averages a map over a raster whose cells are those of adaptive average pooling."""
    grid = cells.shape[0]
    height, width = image.shape
    for down in range(grid):
        top, bottom = down * height // grid, -(-(down + 1) * height // grid)
        for place in range(width):
            columns[place] = image[top, place]
        for line in range(top + 1, bottom):
            for place in range(width):
                columns[place] += image[line, place]
        for across in range(grid):
            left, right = across * width // grid, -(-(across + 1) * width // grid)
            total = np.float32(0)
            for place in range(left, right):
                total += columns[place]
            cells[down, across] = total / np.float32((bottom - top) * (right - left))
