"""The repulsive half of the t-SNE gradient: exact sums, and charges on a grid.

On the grid, every point is a unit charge. The potential φ(y) = Σ_j 1 / (1 + |y − y_j|²) gives both
the normalization Z = Σ_i φ(y_i) − n and the force, because
Σ_j (y_i − y_j) / (1 + |y_i − y_j|²)² = −½ ∇φ(y_i). So one convolution does for all. Charges are
spread, and the potential and its gradient gathered, by cubic B-splines: Essmann et al. 1995, "A
smooth particle mesh Ewald method", with t-SNE's kernel in place of Coulomb's.

A grid cannot carry what varies from node to node, so the kernel is split as Ewald split Coulomb's.
With s = 1/(1 + d²) and a sharpness α, s = (1 − e^(−α/s))·s + e^(−α/s)·s. The first part is smooth
and goes by the grid; the second dies out within a few nodes and is summed over near points, which
stand together once the points are sorted into cells.
"""

import numpy as np
from jaxtyping import Float32

from cutaway.compiled import compiled

ONE = np.float32(1)
ZERO = np.float32(0)
HALF = np.float32(0.5)
SIXTH = np.float32(1 / 6)
TWO_THIRDS = np.float32(2 / 3)


@compiled(nogil=True, fastmath=True, error_model="numpy")
def exact_repulsion(
    first: int,
    last: int,
    Y: Float32[np.ndarray, "2 n"],
    potential: Float32[np.ndarray, "n"],
    force: Float32[np.ndarray, "2 n"],
) -> None:
    """Writes φ(y_i) − 1 and Σ_j (y_i − y_j) / (1 + |y_i − y_j|²)² over all j, rows first..last.

    Source: van der Maaten and Hinton 2008, equations 4 and 5.
    """
    x, y = Y[0], Y[1]
    for i in range(first, last):
        total, force_x, force_y = -ONE, ZERO, ZERO
        for j in range(len(x)):
            dx = x[i] - x[j]
            dy = y[i] - y[j]
            similarity = ONE / (ONE + dx * dx + dy * dy)
            total += similarity
            force_x += similarity * similarity * dx
            force_y += similarity * similarity * dy
        potential[i] = total
        force[0, i] = force_x
        force[1, i] = force_y


@compiled(nogil=True, fastmath=True, error_model="numpy", inline="always")
def spline_weights(t: np.float32) -> tuple[np.float32, np.float32, np.float32, np.float32]:
    """The cubic B-spline at the four nodes around a point that is `t` in [0, 1) past the second."""
    s = ONE - t
    return (
        SIXTH * s * s * s,
        TWO_THIRDS - t * t * (ONE - HALF * t),
        TWO_THIRDS - s * s * (ONE - HALF * s),
        SIXTH * t * t * t,
    )


@compiled(nogil=True, fastmath=True, error_model="numpy", inline="always")
def spline_slopes(t: np.float32) -> tuple[np.float32, np.float32, np.float32, np.float32]:
    """The derivatives of `spline_weights` by the position of the point, in units of the spacing."""
    s = ONE - t
    inner = HALF + t - (ONE + HALF) * t * t
    outer_left, outer_right = -HALF * s * s, HALF * t * t
    return outer_left, -(outer_left + inner + outer_right), inner, outer_right


@compiled(nogil=True, fastmath=True, error_model="numpy")
def spread_charges(
    first: int,
    last: int,
    Y: Float32[np.ndarray, "2 n"],
    corner: Float32[np.ndarray, "2"],
    per_unit: np.float32,
    shares: Float32[np.ndarray, "shares nodes nodes"],
) -> None:
    """Spreads unit charges onto `shares`: share s takes rows n·s/shares to n·(s+1)/shares."""
    n, count = Y.shape[1], len(shares)
    for share in range(first, last):
        charge = shares[share]
        charge[:] = ZERO
        for i in range(n * share // count, n * (share + 1) // count):
            x = (Y[0, i] - corner[0]) * per_unit
            y = (Y[1, i] - corner[1]) * per_unit
            column, row = np.uint32(x), np.uint32(y)
            across = spline_weights(x - np.float32(column))
            down = spline_weights(y - np.float32(row))
            for b in range(4):
                for a in range(4):
                    charge[row + b, column + a] += down[b] * across[a]


@compiled(nogil=True, fastmath=True, error_model="numpy")
def gather_potential(
    first: int,
    last: int,
    Y: Float32[np.ndarray, "2 n"],
    corner: Float32[np.ndarray, "2"],
    per_unit: np.float32,
    grid: Float32[np.ndarray, "nodes columns"],
    potential: Float32[np.ndarray, "n"],
    force: Float32[np.ndarray, "2 n"],
) -> None:
    """Writes φ(y_i) − 1 and −½ ∇φ(y_i), read off the potential on the grid, rows first..last."""
    for i in range(first, last):
        x = (Y[0, i] - corner[0]) * per_unit
        y = (Y[1, i] - corner[1]) * per_unit
        column, row = np.uint32(x), np.uint32(y)
        t, u = x - np.float32(column), y - np.float32(row)
        across, across_slope = spline_weights(t), spline_slopes(t)
        down, down_slope = spline_weights(u), spline_slopes(u)
        value, slope_x, slope_y = ZERO, ZERO, ZERO
        for b in range(4):
            along, along_slope = ZERO, ZERO
            for a in range(4):
                node = grid[row + b, column + a]
                along += across[a] * node
                along_slope += across_slope[a] * node
            value += down[b] * along
            slope_x += down[b] * along_slope
            slope_y += down_slope[b] * along
        potential[i] = value - ONE
        force[0, i] = -HALF * per_unit * slope_x
        force[1, i] = -HALF * per_unit * slope_y
