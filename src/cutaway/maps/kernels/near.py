"""The sharp part of t-SNE's repulsion, summed over near points (see `kernels.repulsion`)."""

import numpy as np
from jaxtyping import Float32, Int64, UInt32

from cutaway.compiled import compiled

ONE = np.float32(1)
ZERO = np.float32(0)
EIGHTH = np.float32(1 / 8)
HALF = np.float32(1 / 2)
THIRD = np.float32(1 / 3)
QUARTER = np.float32(1 / 4)


@compiled(nogil=True, error_model="numpy")
def sort_into_cells(
    Y: Float32[np.ndarray, "2 n"],
    low: Float32[np.ndarray, "2"],
    per_unit: np.float32,
    across: int,
    starts: Int64[np.ndarray, "cells_and_one"],
    order: UInt32[np.ndarray, "n"],
    x: Float32[np.ndarray, "n"],
    y: Float32[np.ndarray, "n"],
) -> None:
    """Sorts points by cell, row by row of cells, points of a cell by number.

    Args:
        Y: Points.
        low: Corner of the first cell.
        per_unit: Cells to a unit.
        across: Cells to a row.
        starts: Receives where each cell starts in the order.
        order: Receives the numbers of the points.
        x: Receives their first coordinates, in this order.
        y: Receives their second coordinates.
    """
    starts[:] = 0
    cells = np.empty(len(order), dtype=np.uint32)
    for i in range(len(order)):
        column = np.uint32((Y[0, i] - low[0]) * per_unit)
        row = np.uint32((Y[1, i] - low[1]) * per_unit)
        cells[i] = row * across + column
        starts[cells[i] + 1] += 1
    for cell in range(len(starts) - 1):
        starts[cell + 1] += starts[cell]
    for i in range(len(order)):
        slot = starts[cells[i]]
        starts[cells[i]] += 1
        order[slot], x[slot], y[slot] = i, Y[0, i], Y[1, i]
    for cell in range(len(starts) - 1, 0, -1):
        starts[cell] = starts[cell - 1]
    starts[0] = 0


@compiled(nogil=True, fastmath=True, error_model="numpy")
def exponential(z: np.float32) -> np.float32:
    """e^−z for z in [0, 6], to within 0.0003: a Taylor polynomial at z/8, squared thrice."""
    u = z * EIGHTH
    root = ONE - u * (ONE - HALF * u * (ONE - THIRD * u * (ONE - QUARTER * u)))
    root *= root
    root *= root
    return root * root


@compiled(nogil=True, fastmath=True, error_model="numpy")
def add_near_repulsion(
    first: int,
    last: int,
    x: Float32[np.ndarray, "n"],
    y: Float32[np.ndarray, "n"],
    order: UInt32[np.ndarray, "n"],
    starts: Int64[np.ndarray, "cells_and_one"],
    low: Float32[np.ndarray, "2"],
    per_unit: np.float32,
    across: int,
    down: int,
    reach: np.float32,
    sharpness: np.float32,
    potential: Float32[np.ndarray, "n"],
    force: Float32[np.ndarray, "2 n"],
) -> None:
    """Adds Σ_j e^(−α(1+d²)) / (1 + d²) and −½ of its gradient, over points nearer than `reach`.

    Source: Ewald 1921 for the division of the sum; Hockney and Eastwood 1988, "Computer simulation
    using particles", chapter 8, for the cells.
    """
    scale = np.exp(-sharpness)
    limit = reach * reach
    for slot in range(first, last):
        x_here, y_here = x[slot], y[slot]
        left = max(int((x_here - reach - low[0]) * per_unit), 0)
        right = min(int((x_here + reach - low[0]) * per_unit), across - 1)
        bottom = max(int((y_here - reach - low[1]) * per_unit), 0)
        top = min(int((y_here + reach - low[1]) * per_unit), down - 1)
        total, force_x, force_y = ZERO, ZERO, ZERO
        for row in range(bottom, top + 1):
            begin, end = starts[row * across + left], starts[row * across + right + 1]
            near_x, near_y = x[begin:end], y[begin:end]
            for j in range(len(near_x)):
                dx, dy = x_here - near_x[j], y_here - near_y[j]
                squared = dx * dx + dy * dy
                similarity = ONE / (ONE + squared)
                sharp = scale * exponential(sharpness * min(squared, limit)) * similarity
                sharp = sharp if squared < limit else ZERO
                total += sharp
                sharp *= sharpness + similarity
                force_x += sharp * dx
                force_y += sharp * dy
        i = order[slot]
        potential[i] += total
        force[0, i] += force_x
        force[1, i] += force_y
