"""The descent that t-SNE maps take: early exaggeration, then the KL divergence as it is."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import numpy as np
from jaxtyping import Float32

from cutaway.progress import Task

LONGEST_STEP = 5.0


@dataclass(frozen=True)
class Phase:
    """A stretch of the descent with one set of hyper-parameters."""

    iterations: int
    exaggeration: float
    learning_rate: float
    momentum: float


@runtime_checkable
class MovingPoints(Protocol):
    """The points of a map, wherever they lie in memory and whatever moves them."""

    @property
    def places(self) -> Float32[np.ndarray, "2 n"]:
        """Where the points are, a row an axis."""
        ...

    def rest(self) -> None:
        """Stops the points, before a phase."""
        ...

    def step(self, phase: Phase) -> None:
        """Takes one step down the gradient."""
        ...


class Descent:
    """A map on its way down the gradient.

    Args:
        points: What moves.

    Attributes:
        points: What moves.
        done: Steps taken.
    """

    def __init__(self, points: MovingPoints) -> None:
        self.points = points
        self.done = 0

    def run(
        self,
        phase: Phase,
        progress: Task,
        report: Callable[[int, Float32[np.ndarray, "2 n"]], object],
        every: int,
    ) -> None:
        """Takes the phase's steps from rest, and reports each `every` of all steps."""
        self.points.rest()
        for _ in range(phase.iterations):
            self.points.step(phase)
            self.done += 1
            progress.advance()
            if self.done % every == 0:
                report(self.done, self.points.places)
