"""The inner loops of a pass over activations, compiled; a row is read while it is in the cache."""

from typing import Any

import numpy as np
from jaxtyping import Float32, Float64, Int64

from cutaway.activations.binning import count_rows, scale_of
from cutaway.activations.lanes import LANES, first_equal, row_figures
from cutaway.compiled import compiled

_Row = tuple[float, float, float, float, np.integer[Any] | int, np.integer[Any] | int, float, float]
_BINNED = 4096
_HOT = 1 << 17  # values; half a megabyte stays in a core's cache until it is read again


@compiled(nogil=True)
def summarize_units(
    rows: Float32[np.ndarray, "samples units positions"],
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
        rows: What each unit gives for each sample, in one piece of memory.
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
    bounds = np.empty((stop - start, 2))
    samples, positions = rows.shape[0], rows.shape[2]
    step = max(1, _HOT // (samples * positions))
    for begin in range(start, stop, step):
        end = min(begin + step, stop)
        _summarize_rows(rows, figures, numbers, bounds, begin, end)
        for unit in range(begin, end):
            low, high = bounds[unit - begin]
            if low <= high:
                exponents[unit], firsts[unit] = scale_of(low, high)
                scale = exponents[unit], firsts[unit]
                count_rows(rows, unit, figures[1], high, *scale, bins, counts[unit])
        if cells.shape[2]:
            for sample in range(samples):
                for unit in range(begin, end):
                    image = rows[sample, unit].reshape(positions // width, width)
                    _average_cells(image, columns, cells[sample, unit])


@compiled(nogil=True)
def _summarize_rows(
    rows: Float32[np.ndarray, "samples units positions"],
    figures: Float64[np.ndarray, "4 samples units"],
    numbers: Int64[np.ndarray, "2 samples units"],
    bounds: Float64[np.ndarray, "some 2"],
    begin: int,
    end: int,
) -> None:
    """Figures and numbers of some units, in the order of memory, and their finite extremes."""
    # Taken once, since asking an array for its address counts a reference to it.
    memory = np.uintp(rows.ctypes.data)
    bounds[:, 0], bounds[:, 1] = np.inf, -np.inf
    for sample in range(rows.shape[0]):
        for unit in range(begin, end):
            before = (sample * rows.shape[1] + unit) * rows.shape[2]
            found = _summarize_row(rows, memory + np.uintp(4 * before), sample, unit)
            figures[0, sample, unit], figures[1, sample, unit] = found[0], found[1]
            figures[2, sample, unit], figures[3, sample, unit] = found[2], found[3]
            numbers[0, sample, unit], numbers[1, sample, unit] = found[4], found[5]
            bounds[unit - begin, 0] = min(bounds[unit - begin, 0], found[6])
            bounds[unit - begin, 1] = max(bounds[unit - begin, 1], found[7])


@compiled(nogil=True)
def _summarize_row(
    rows: Float32[np.ndarray, "samples units positions"],
    address: np.uintp,
    sample: int,
    unit: int,
) -> _Row:
    """A row's figures and numbers, then its smallest and largest finite value."""
    positions = rows.shape[2]
    first = rows[sample, unit, 0]
    if positions < LANES:
        distance, squares, least, most, positive = _short_row(rows, sample, unit)
    else:
        distance, squares, least, most, positive = row_figures(address, np.uint64(positions), first)
    total = positions * np.float64(first) + distance
    # Rounding may leave a trace below 0.
    scatter = squares - distance * distance / positions
    if not np.isfinite(scatter):
        return _careful_extremes(rows[sample, unit], total, scatter)
    scatter = max(scatter, 0.0)
    low, high = np.float64(least), np.float64(most)
    place = 0
    if positions < LANES:
        while rows[sample, unit, place] != most:
            place += 1
    else:
        place = _place_of(address, positions, most)
    return total, scatter, low, high, np.int64(positive), np.int64(place), low, high


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


@compiled(nogil=True)
def _short_row(
    rows: Float32[np.ndarray, "samples units positions"], sample: int, unit: int
) -> tuple[float, float, np.float32, np.float32, np.int32]:
    """What `row_figures` says, of a row of fewer values than there are lanes."""
    first = low = high = rows[sample, unit, 0]
    distance, squares, positive = 0.0, 0.0, np.int32(0)
    for place in range(rows.shape[2]):
        value = rows[sample, unit, place]
        away = np.float64(value) - np.float64(first)
        distance += away
        squares += away * away
        low, high = min(low, value), max(high, value)
        positive += np.int32(value > 0)
    return distance, squares, low, high, positive


@compiled(nogil=True)
def _place_of(address: np.uintp, positions: int, wanted: np.float32) -> int:
    """Where a value of a row of 16 values at least stands first."""
    for begin in range(0, positions - LANES, LANES):
        lane = first_equal(address + np.uintp(4 * begin), wanted)
        if lane < LANES:
            return begin + lane
    last = positions - LANES
    return last + first_equal(address + np.uintp(4 * last), wanted)


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
