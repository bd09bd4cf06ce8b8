"""What drives the points of a t-SNE map apart, by the cheapest way that is accurate enough."""

import numpy as np
from jaxtyping import Float32

from cutaway.maps.kernels.near import add_near_repulsion, sort_into_cells
from cutaway.maps.kernels.potential import ChargeGrid
from cutaway.maps.kernels.repulsion import exact_repulsion, gather_potential
from cutaway.maps.kernels.threads import even_ranges, over_ranges

EXACT_BELOW = 800
_EXACT_NORMALIZATION_BELOW = 20_000
POINTLIKE = 0.05
_FINE = 1 / 3
_COARSEST = 3.0
_NEAR_POINTS = 20
_SHARPNESS = 0.5
_CUTOFF_EXPONENT = 5.0
_CELLS_A_REACH = 1


class Repulsion:
    """Exact sums for few points; for many, a grid for what is far and sums for what is near.

    The spacing of the grid follows the density of the map, so that a point has some twenty near
    ones: there the two parts cost about the same. A spacing of a third carries the whole kernel.
    On a map much smaller than 1 all similarities are 1, and what is left is the distance to the
    mean.

    Attributes:
        force: Σ_j (y_i − y_j) / (1 + |y_i − y_j|²)², after `update`.
        potential: Σ_{j≠i} 1 / (1 + |y_i − y_j|²), after `update`.
    """

    def __init__(self, n: int) -> None:
        self.force = np.zeros((2, n), dtype=np.float32)
        self.potential = np.zeros(n, dtype=np.float32)
        self._ranges = even_ranges(n)
        self._grid: ChargeGrid | None = None
        self._order = np.empty(n, dtype=np.uint32)
        self._sorted = np.empty((2, n), dtype=np.float32)

    def update(self, Y: Float32[np.ndarray, "2 n"], bounds: Float32[np.ndarray, "2 2"]) -> None:
        """Computes force and potential for the map `Y`, which lies between the two `bounds`."""
        if Y.shape[1] < EXACT_BELOW:
            over_ranges(exact_repulsion, self._ranges, Y, self.potential, self.force)
            return
        if float(np.max(bounds[1] - bounds[0])) < POINTLIKE:
            self.potential[:] = Y.shape[1] - 1
            np.multiply(Y - Y.mean(axis=1, keepdims=True), Y.shape[1], out=self.force)
            return
        if self._grid is None or not self._grid.holds(*bounds):
            self._grid = _grid_for(Y, bounds)
        grid = self._grid
        place = (grid.corner, grid.per_unit, grid.potential(Y))
        over_ranges(gather_potential, self._ranges, Y, *place, self.potential, self.force)
        if grid.sharpness > 0:
            self._add_near(Y, bounds, grid.sharpness)

    def _add_near(
        self, Y: Float32[np.ndarray, "2 n"], bounds: Float32[np.ndarray, "2 2"], sharpness: float
    ) -> None:
        reach = float(np.sqrt(_CUTOFF_EXPONENT / sharpness - 1))
        per_unit = np.float32(_CELLS_A_REACH / reach)
        across, down = (int(cells) + 1 for cells in (bounds[1] - bounds[0]) * per_unit)
        starts = np.empty(across * down + 1, dtype=np.int64)
        x, y = self._sorted
        low = bounds[0]
        sort_into_cells(Y, low, per_unit, across, starts, self._order, x, y)
        cells = (x, y, self._order, starts, low, per_unit, across, down)
        rule = (np.float32(reach), np.float32(sharpness))
        over_ranges(add_near_repulsion, self._ranges, *cells, *rule, self.potential, self.force)


class Field:
    """The potential of a finished map, fine enough to read off anywhere.

    Attributes:
        grid: Corner, nodes to a unit, and B-spline coefficients, as kernels take them.
    """

    def __init__(self, Y: Float32[np.ndarray, "2 n"]) -> None:
        grid = ChargeGrid(Y.min(axis=1), Y.max(axis=1), _FINE)
        self.grid = (grid.corner, grid.per_unit, grid.potential(Y))

    def normalization(self, Y: Float32[np.ndarray, "2 n"]) -> float:
        """Z = Σ_{i≠j} 1 / (1 + |y_i − y_j|²) of the map that made the field."""
        n = Y.shape[1]
        potential, force = np.empty(n, dtype=np.float32), np.empty_like(Y)
        if n < _EXACT_NORMALIZATION_BELOW:
            over_ranges(exact_repulsion, even_ranges(n), Y, potential, force)
        else:
            over_ranges(gather_potential, even_ranges(n), Y, *self.grid, potential, force)
        return float(potential.sum(dtype=np.float64))


def _grid_for(Y: Float32[np.ndarray, "2 n"], bounds: Float32[np.ndarray, "2 2"]) -> ChargeGrid:
    """A grid whose spacing leaves each point about `_NEAR_POINTS` to be summed over."""
    reach = np.sqrt(_NEAR_POINTS / (np.pi * _density(Y, bounds)))
    # The reach ρ at sharpness α = c/h² solves α(1 + ρ²) = e, so h² = c(1 + ρ²)/e.
    spacing = float(np.sqrt(_SHARPNESS * (1 + reach**2) / _CUTOFF_EXPONENT))
    if spacing <= 1.2 * _FINE:
        return ChargeGrid(bounds[0], bounds[1], _FINE)
    spacing = min(spacing, _COARSEST)
    return ChargeGrid(bounds[0], bounds[1], spacing, _SHARPNESS / spacing**2)


def _density(Y: Float32[np.ndarray, "2 n"], bounds: Float32[np.ndarray, "2 2"]) -> float:
    """Points to a unit of area, as a point of the map meets them on average."""
    n = Y.shape[1]
    across = int(np.sqrt(n / 8)) + 1
    width = max(float(np.max(bounds[1] - bounds[0])), 1e-12) / across
    low = bounds[0][:, None]
    column, row = ((Y - low) / np.float32(width)).astype(np.int64).clip(0, across - 1)
    counts = np.bincount(row * across + column)
    return float(np.square(counts).sum() / n) / width**2
