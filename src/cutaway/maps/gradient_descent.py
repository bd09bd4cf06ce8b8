"""The descent that t-SNE maps take: early exaggeration, then the KL divergence as it is."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float32

from cutaway.maps.affinities import Affinities
from cutaway.maps.kernels.arrangement import arrange_rows, curve_order
from cutaway.maps.kernels.attraction import attraction, packed
from cutaway.maps.kernels.descent import descend, total
from cutaway.maps.kernels.threads import Running, balanced_ranges, over_ranges
from cutaway.maps.repulsion import Repulsion
from cutaway.progress import Task

_LONGEST_STEP = 5.0


@dataclass(frozen=True)
class Phase:
    """A stretch of the descent with one set of hyper-parameters."""

    iterations: int
    exaggeration: float
    learning_rate: float
    momentum: float


class Descent:
    """A map on its way down the gradient.

    Its points stand in memory along a curve through the map, anew for each phase; so the neighbours
    of a point, which pull at it in every step, are mostly in the nearest cache.

    Args:
        affinities: What the map is to reproduce.
        Y: Where the points start, a row an axis.
        axes: Axes along which points move, 1 or 2.

    Attributes:
        done: Steps taken.
    """

    def __init__(
        self, affinities: Affinities, Y: Float32[np.ndarray, "2 n"], axes: int = 2
    ) -> None:
        self.done = 0
        self._axes = axes
        self._affinities = affinities
        self._order = np.arange(Y.shape[1], dtype=np.uint32)
        self._arranged = affinities
        self._ranges = balanced_ranges(affinities.row_starts)
        self._Y = Y.copy()
        self._attraction = np.zeros_like(Y)
        self._repulsion = Repulsion(Y.shape[1])
        self._velocity = np.zeros_like(Y)
        self._gains = np.ones_like(Y)
        self._bounds = np.stack([Y.min(axis=1), Y.max(axis=1)])

    @property
    def places(self) -> Float32[np.ndarray, "2 n"]:
        """Where the points are, a row an axis."""
        places = np.empty_like(self._Y)
        places[:, self._order] = self._Y
        return places

    def step(self, phase: Phase) -> float:
        """Takes one step; returns the norm of the gradient."""
        pull = Running(
            attraction,
            self._ranges,
            self._arranged.row_starts,
            self._arranged.columns,
            self._arranged.values,
            packed(self._Y),
            self._attraction,
        )
        try:
            self._repulsion.update(self._Y, self._bounds)
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
            self._Y,
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
        report: Callable[[int, Float32[np.ndarray, "2 n"]], object],
        every: int,
    ) -> None:
        """Takes the phase's steps from rest, and reports each `every` of all steps."""
        self._velocity[:] = 0
        self._gains[:] = 1
        self._arrange()
        for _ in range(phase.iterations):
            self.step(phase)
            self.done += 1
            progress.advance()
            if self.done % every == 0:
                report(self.done, self.places)

    def _arrange(self) -> None:
        """Puts points and affinities into the order of a curve through the map."""
        order = curve_order(self._Y)
        self._Y = np.ascontiguousarray(self._Y[:, order])
        self._order = self._order[order]
        place = np.empty_like(self._order)
        place[self._order] = np.arange(len(place), dtype=np.uint32)
        given = self._affinities
        starts = np.zeros_like(given.row_starts)
        np.cumsum(np.diff(given.row_starts)[self._order], out=starts[1:])
        if self._arranged is given:
            self._arranged = Affinities(
                starts, np.empty_like(given.columns), np.empty_like(given.values)
            )
        self._arranged.row_starts[:] = starts
        self._ranges = balanced_ranges(starts)
        rows = (self._order, place, given.row_starts, given.columns, given.values)
        arranged = (starts, self._arranged.columns, self._arranged.values)
        over_ranges(arrange_rows, self._ranges, *rows, *arranged)
