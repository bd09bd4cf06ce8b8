"""The points of a t-SNE map on the CPU, and the steps they take."""

import numpy as np
from jaxtyping import Float32

from cutaway.maps.affinities import Affinities
from cutaway.maps.gradient_descent import LONGEST_STEP, Phase
from cutaway.maps.kernels.arrangement import arrange_rows, curve_order
from cutaway.maps.kernels.attraction import attraction, packed
from cutaway.maps.kernels.descent import descend, total
from cutaway.maps.kernels.threads import Running, balanced_ranges, over_ranges
from cutaway.maps.repulsion import Repulsion


class CompiledPoints:
    """Points that compiled functions move, on all cores.

    They stand in memory along a curve through the map, anew for each phase; so the neighbours of a
    point, which pull at it in every step, are mostly in the nearest cache.

    Args:
        affinities: What the map is to reproduce.
        Y: Where the points start, a row an axis.
        axes: Axes along which points move, 1 or 2.
    """

    def __init__(
        self, affinities: Affinities, Y: Float32[np.ndarray, "2 n"], axes: int = 2
    ) -> None:
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

    def rest(self) -> None:
        """Stops the points, and puts them into order."""
        self._velocity[:] = 0
        self._gains[:] = 1
        self._arrange()

    def step(self, phase: Phase) -> None:
        """Takes one step down the gradient."""
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
        descend(
            self._attraction,
            self._repulsion.force,
            np.float32(phase.exaggeration),
            np.float32(max(total(self._repulsion.potential), 1e-12)),
            np.float32(phase.learning_rate),
            np.float32(phase.momentum),
            np.float32(LONGEST_STEP),
            self._Y,
            self._axes,
            self._velocity,
            self._gains,
            self._bounds,
        )

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
