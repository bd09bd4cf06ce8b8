"""One row of numbers as a strip of colours."""

import numpy as np
from jaxtyping import Float
from matplotlib.axes import Axes

from cutaway.views.figures.canvas import bare
from cutaway.views.figures.names import Number

COLOURS = "cividis"


def range_of(values: Float[np.ndarray, "..."]) -> tuple[float, float]:
    """The lowest and the highest of the finite values; zeros where there are none."""
    finite = values[np.isfinite(values)]
    return (float(finite.min()), float(finite.max())) if finite.size else (0.0, 0.0)


def draw_strip(axes: Axes, values: Float[np.ndarray, " units"], low: Number, high: Number) -> None:
    """Draws values side by side, from `low` (dark) to `high` (light)."""
    bare(axes)
    if len(values):
        axes.imshow(
            values[np.newaxis],
            cmap=COLOURS,
            vmin=low,
            vmax=high if high > low else low + 1,
            aspect="auto",
            interpolation="none",
        )
