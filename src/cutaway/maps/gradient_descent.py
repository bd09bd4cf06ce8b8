"""The descent that all t-SNE maps take: early exaggeration, then the gradient of the KL divergence."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float32

from cutaway.maps.affinities import Affinities
from cutaway.maps.kernels.attraction import attraction
from cutaway.maps.kernels.descent import descend, total
from cutaway.maps.kernels.potential import ChargeGrid
from cutaway.maps.kernels.repulsion import exact_repulsion, gather_repulsion
from cutaway.maps.kernels.threads import Running, balanced_ranges, even_ranges, over_ranges
from cutaway.progress import Task

EXACT_BELOW = 800
_LONGEST_STEP = 5.0


@dataclass(frozen=True)
class Phase:
    """A stretch of the descent with one set of hyper-parameters."""

    iterations: int
    exaggeration: float
    learning_rate: float
    momentum: float
    spacing: float


class Repulsion:
    """Computes what drives points apart: exact sums for few points, a grid for many.

    Attributes:
        force: Σ_j (y_i − y_j) / (1 + |y_i − y_j|²)², after `update`.
        potential: Σ_{j≠i} 1 / (1 + |y_i − y_j|²), after `update`.
    """

    def __init__(self, n: int) -> None:
        self.force = np.zeros((n, 2), dtype=np.float32)
        self.potential = np.zeros(n, dtype=np.float32)
        self._ranges = even_ranges(n, 1024)
        self._grid: ChargeGrid | None = None

    def update(
        self, Y: Float32[np.ndarray, "n 2"], bounds: Float32[np.ndarray, "2 2"], spacing: float
    ) -> None:
        """Computes force and potential for the map `Y`, which lies between the two `bounds`."""
        if len(Y) < EXACT_BELOW:
            over_ranges(exact_repulsion, even_ranges(len(Y)), Y, self.potential, self.force)
            return
        if self._grid is None or self._grid.widest != spacing or not self._grid.holds(*bounds):
            self._grid = ChargeGrid(bounds[0], bounds[1], spacing)
        grid = self._grid
        coefficients = grid.potential(Y)
        over_ranges(
            gather_repulsion,
            self._ranges,
            Y,
            grid.corner,
            grid.per_unit,
            coefficients,
            self.potential,
            self.force,
        )


class Descent:
    """A map on its way down the gradient.

    Args:
        affinities: What the map is to reproduce.
        Y: Where the points start; moved in place.
        axes: Axes along which points move, 1 or 2.

    Attributes:
        done: Steps taken.
    """

    def __init__(
        self, affinities: Affinities, Y: Float32[np.ndarray, "n 2"], axes: int = 2
    ) -> None:
        self.Y = Y
        self.done = 0
        self._axes = axes
        self._affinities = affinities
        self._ranges = balanced_ranges(affinities.row_starts)
        self._attraction = np.zeros_like(Y)
        self._repulsion = Repulsion(len(Y))
        self._velocity = np.zeros_like(Y)
        self._gains = np.ones_like(Y)
        self._bounds = np.stack([Y.min(axis=0), Y.max(axis=0)])

    def step(self, phase: Phase) -> float:
        """Takes one step; returns the norm of the gradient."""
        pull = Running(
            attraction,
            self._ranges,
            self._affinities.row_starts,
            self._affinities.columns,
            self._affinities.values,
            self.Y,
            self._attraction,
        )
        try:
            self._repulsion.update(self.Y, self._bounds, phase.spacing)
        finally:
            pull.finish()
        squared_norm = descend(
            self._attraction,
            self._repulsion.force,
            np.float32(phase.exaggeration),
            np.float32(max(total(self._repulsion.potential), 1e-12)),
            np.float32(phase.learning_rate),
            np.float32(phase.momentum),
            np.float32(_LONGEST_STEP),
            self.Y,
            self._axes,
            self._velocity,
            self._gains,
            self._bounds,
        )
        return float(np.sqrt(squared_norm))

    def run(
        self,
        phase: Phase,
        progress: Task,
        report: Callable[[int, Float32[np.ndarray, "n 2"]], object],
        every: int,
    ) -> None:
        """Takes the phase's steps from rest, and reports each `every` of all steps."""
        self._velocity[:] = 0
        self._gains[:] = 1
        for _ in range(phase.iterations):
            self.step(phase)
            self.done += 1
            progress.advance()
            if self.done % every == 0:
                report(self.done, self.Y)
