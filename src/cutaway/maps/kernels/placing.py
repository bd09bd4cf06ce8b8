"""Placing single points on a finished map."""

import numpy as np
from jaxtyping import Float32, Float64, UInt32

from cutaway.compiled import compiled
from cutaway.maps.kernels.repulsion import spline_slopes, spline_weights

STEPS = 60
FIRST_STEP = 1.0
SHORTEST_STEP = 1e-4


@compiled(nogil=True, error_model="numpy")
def potential_at(
    x: float,
    y: float,
    corner: Float32[np.ndarray, "2"],
    per_unit: np.float32,
    grid: Float32[np.ndarray, "nodes nodes"],
) -> tuple[float, float, float]:
    """φ and its gradient at a point, read off the grid; at a point off the grid, off its edge."""
    most = len(grid) - 4
    u = np.float32(min(max((x - corner[0]) * per_unit, 0.0), most + 0.999))
    v = np.float32(min(max((y - corner[1]) * per_unit, 0.0), most + 0.999))
    column, row = int(u), int(v)
    across, across_slope = spline_weights(u - column), spline_slopes(u - column)
    down, down_slope = spline_weights(v - row), spline_slopes(v - row)
    value, slope_x, slope_y = 0.0, 0.0, 0.0
    for b in range(4):
        for a in range(4):
            node = grid[row + b, column + a]
            value += down[b] * across[a] * node
            slope_x += down[b] * across_slope[a] * node
            slope_y += down_slope[b] * across[a] * node
    return value, slope_x * float(per_unit), slope_y * float(per_unit)


@compiled(nogil=True, error_model="numpy")
def divergence_at(
    x: float,
    y: float,
    near: UInt32[np.ndarray, "k"],
    affinities: Float32[np.ndarray, "k"],
    Y: Float32[np.ndarray, "n 2"],
    corner: Float32[np.ndarray, "2"],
    per_unit: np.float32,
    grid: Float32[np.ndarray, "nodes nodes"],
) -> tuple[float, float, float]:
    """Σ_j p_j log(1 + |y − y_j|²) + log φ(y) and its gradient."""
    value, slope_x, slope_y = potential_at(x, y, corner, per_unit, grid)
    value = max(value, 1e-6)
    divergence, slope_x, slope_y = np.log(value), slope_x / value, slope_y / value
    for slot in range(len(near)):
        dx = x - Y[near[slot], 0]
        dy = y - Y[near[slot], 1]
        similarity = 1.0 / (1.0 + dx * dx + dy * dy)
        divergence -= affinities[slot] * np.log(similarity)
        slope_x += 2.0 * affinities[slot] * similarity * dx
        slope_y += 2.0 * affinities[slot] * similarity * dy
    return divergence, slope_x, slope_y


@compiled(nogil=True, error_model="numpy")
def place_in_field(
    first: int,
    last: int,
    near: UInt32[np.ndarray, "queries k"],
    affinities: Float32[np.ndarray, "queries k"],
    squared_distances: Float64[np.ndarray, "queries k"],
    Y: Float32[np.ndarray, "n 2"],
    corner: Float32[np.ndarray, "2"],
    per_unit: np.float32,
    grid: Float32[np.ndarray, "nodes nodes"],
    placed: Float32[np.ndarray, "queries 2"],
) -> None:
    """Moves each query of first..last down its divergence, from its nearest sample's place.

    A step that does not lead down is halved; a point that copies a mapped one takes its place.
    """
    for query in range(first, last):
        nearest = near[query, 0]
        placed[query, 0], placed[query, 1] = Y[nearest, 0], Y[nearest, 1]
        if squared_distances[query, 0] == 0.0:
            continue
        x, y = best_start(near[query], affinities[query], Y, corner, per_unit, grid)
        step = FIRST_STEP
        divergence, slope_x, slope_y = divergence_at(
            x, y, near[query], affinities[query], Y, corner, per_unit, grid
        )
        for _ in range(STEPS):
            length = np.sqrt(slope_x * slope_x + slope_y * slope_y)
            if length < 1e-9 or step < SHORTEST_STEP:
                break
            new_x, new_y = x - step * slope_x / length, y - step * slope_y / length
            new_divergence, new_slope_x, new_slope_y = divergence_at(
                new_x, new_y, near[query], affinities[query], Y, corner, per_unit, grid
            )
            if new_divergence < divergence:
                x, y, divergence = new_x, new_y, new_divergence
                slope_x, slope_y = new_slope_x, new_slope_y
                step *= 1.5
            else:
                step *= 0.5
        placed[query, 0], placed[query, 1] = x, y


@compiled(nogil=True, error_model="numpy")
def best_start(
    near: UInt32[np.ndarray, "k"],
    affinities: Float32[np.ndarray, "k"],
    Y: Float32[np.ndarray, "n 2"],
    corner: Float32[np.ndarray, "2"],
    per_unit: np.float32,
    grid: Float32[np.ndarray, "nodes nodes"],
) -> tuple[float, float]:
    """The place of the mapped neighbour where the divergence is least."""
    x, y, least = 0.0, 0.0, np.inf
    for slot in range(len(near)):
        j = near[slot]
        divergence, _, _ = divergence_at(
            Y[j, 0], Y[j, 1], near, affinities, Y, corner, per_unit, grid
        )
        if divergence < least:
            least, x, y = divergence, Y[j, 0], Y[j, 1]
    return x, y


@compiled(nogil=True, error_model="numpy")
def neighbour_overlap(
    first: int,
    last: int,
    one: UInt32[np.ndarray, "queries k"],
    other: UInt32[np.ndarray, "queries k"],
    share: Float32[np.ndarray, "queries"],
) -> None:
    """Writes, for the rows first..last, the share of the entries of `one` that are in `other`."""
    k = one.shape[1]
    for i in range(first, last):
        count = 0
        for a in range(k):
            for b in range(k):
                count += one[i, a] == other[i, b]
        share[i] = count / k
