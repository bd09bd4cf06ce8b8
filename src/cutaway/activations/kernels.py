"""The inner loops of a pass over activations, compiled; a row is read once and stays in cache."""

import numpy as np
from jaxtyping import Float32, Float64, Int32

from cutaway.compiled import compiled


@compiled(nogil=True)
def summarize_rows(
    rows: Float32[np.ndarray, "rows positions"],
    patterns: Int32[np.ndarray, "rows positions"],
    figures: Float64[np.ndarray, "rows 5"],
    cells: Float32[np.ndarray, "rows grid grid"],
    width: int,
    start: int,
    stop: int,
) -> None:
    """Writes sum, scatter, minimum, maximum and number of positive values of rows start to stop.

    Args:
        rows: One unit of one sample each.
        patterns: The same memory as whole numbers.
        figures: What is written.
        cells: Written too: averages of the row, as a map, over the cells of a raster; may be empty.
        width: Of the map.
        start: First row.
        stop: Row after the last.
    """
    positions = rows.shape[1]
    decoded = np.empty(2, np.int32)
    columns = np.empty(width, np.float32)
    for index in range(start, stop):
        first = np.float64(rows[index, 0])
        distance, squares = _sums(rows[index], first)
        figures[index, 0] = positions * first + distance
        # Rounding may leave a trace below 0.
        scatter = squares - distance * distance / positions
        figures[index, 1] = 0.0 if scatter < 0 else scatter  # max would lose a NaN
        low, high, positive = _extremes(patterns[index])
        decoded[0] = _folded(low)
        decoded[1] = _folded(high)
        figures[index, 2] = decoded.view(np.float32)[0]
        figures[index, 3] = decoded.view(np.float32)[1]
        figures[index, 4] = positive
        if cells.shape[1]:
            _average_cells(rows[index].reshape(positions // width, width), columns, cells[index])


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
def _extremes(patterns: Int32[np.ndarray, " positions"]) -> tuple[np.int32, np.int32, np.int32]:
    """Minimum and maximum as folded patterns: whole numbers compare faster than floats."""
    low = _folded(patterns[0])
    high = low
    positive = np.int32(0)
    for place in range(patterns.shape[0]):
        order = _folded(patterns[place])
        low = min(low, order)
        high = max(high, order)
        positive += np.int32(order > 0)
    return low, high, positive


@compiled(nogil=True)
def _folded(pattern: np.int32) -> np.int32:
    """A float's bits as a whole number that orders as the float does; its own inverse."""
    return np.int32(pattern ^ ((pattern >> 31) & 0x7FFFFFFF))


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
