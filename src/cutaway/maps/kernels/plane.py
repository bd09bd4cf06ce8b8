"""Nearest points in the plane, by cells."""

import numpy as np
from jaxtyping import Float32, Float64, Int64, UInt32

from cutaway.compiled import compiled
from cutaway.maps.kernels.selection import insert_sorted

ROUNDING = 4.0 * 2.0**-23


@compiled(nogil=True, error_model="numpy")
def room_around(place: float, cells: int, radius: int) -> tuple[int, int, float]:
    """The first and last cell within `radius` of a place's, and how far the nearest other cell is.

    Args:
        place: A coordinate in cells; off the cells, it belongs to the first or last.
        cells: Cells along this axis.
        radius: Cells to each side.
    """
    here = int(min(max(place, 0.0), cells - 1.0))
    first, last = max(here - radius, 0), min(here + radius, cells - 1)
    room = np.inf
    if first > 0:
        room = place - first
    if last < cells - 1:
        room = min(room, last + 1.0 - place)
    return first, last, room


@compiled(nogil=True, error_model="numpy")
def nearest_within(
    point: Float32[np.ndarray, "2"],
    columns: tuple[int, int],
    rows: tuple[int, int],
    x: Float32[np.ndarray, "n"],
    y: Float32[np.ndarray, "n"],
    order: UInt32[np.ndarray, "n"],
    starts: Int64[np.ndarray, "cells_and_one"],
    across: int,
    distances: Float64[np.ndarray, "k"],
    neighbours: UInt32[np.ndarray, "k"],
) -> int:
    """Writes the nearest points of a rectangle of cells, ties by index; returns how many."""
    count = 0
    for row in range(rows[0], rows[1] + 1):
        for slot in range(starts[row * across + columns[0]], starts[row * across + columns[1] + 1]):
            dx = np.float64(point[0]) - np.float64(x[slot])
            dy = np.float64(point[1]) - np.float64(y[slot])
            distance = dx * dx + dy * dy
            count = insert_sorted(distance, order[slot], count, distances, neighbours)
    return count


@compiled(nogil=True, error_model="numpy")
def nearest_in_plane(
    first: int,
    last: int,
    queries: Float32[np.ndarray, "queries 2"],
    x: Float32[np.ndarray, "n"],
    y: Float32[np.ndarray, "n"],
    order: UInt32[np.ndarray, "n"],
    starts: Int64[np.ndarray, "cells_and_one"],
    low: Float32[np.ndarray, "2"],
    per_unit: np.float32,
    across: int,
    down: int,
    neighbours: UInt32[np.ndarray, "queries k"],
) -> None:
    """Writes the nearest points of the queries first..last, nearest first, ties by index.

    The cells around a query are searched, twice as far each time, until none outside can hold a
    nearer point. Source: Bentley, Weide and Yao 1980, "Optimal expected-time algorithms for closest
    point problems".

    Args:
        first: The first query.
        last: One past the last.
        queries: Places to search around.
        x: First coordinates of the points, as `near.sort_into_cells` sorted them.
        y: Their second coordinates.
        order: Their numbers.
        starts: Where each cell starts among them.
        low: Corner of the first cell.
        per_unit: Cells to a unit.
        across: Cells to a row.
        down: Rows of cells.
        neighbours: Receives numbers of points; there are at least as many as its columns.
    """
    k = neighbours.shape[1]
    distances = np.empty(k)
    slack = ROUNDING * max(across, down)
    for query in range(first, last):
        u = (np.float64(queries[query, 0]) - np.float64(low[0])) * np.float64(per_unit)
        v = (np.float64(queries[query, 1]) - np.float64(low[1])) * np.float64(per_unit)
        radius = 1
        while True:
            left, right, beside = room_around(u, across, radius)
            bottom, top, above = room_around(v, down, radius)
            cells = (x, y, order, starts, across)
            count = nearest_within(
                queries[query], (left, right), (bottom, top), *cells, distances, neighbours[query]
            )
            room = (min(beside, above) - slack) / np.float64(per_unit)
            if room == np.inf or (count == k and room > 0 and distances[k - 1] < room * room):
                break
            radius *= 2
