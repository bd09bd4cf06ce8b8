"""Axes with a row a layer, from the input at the top to the output at the bottom."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes

from cutaway.views.figures.canvas import MARGIN, TITLE, new_picture, panel
from cutaway.views.figures.names import Number, widest
from cutaway.views.figures.theme import TEXT_POINTS, Look

_ROW_INCHES = 0.2


def layer_axes(
    names: Sequence[str],
    label: str,
    title: str | None,
    width: Number,
    margins: tuple[Number, Number, Number],
    look: Look,
) -> Axes:
    """Axes of a new figure, as high as the rows need.

    Args:
        names: Of the layers, short enough to be drawn.
        label: What the figure shows, for those who cannot see it.
        title: What will be written above, or None.
        width: Inches.
        margins: Inches above, below and right of the rows.
        look: The theme's colours.
    """
    above, below, right = margins
    left = MARGIN + widest(names, TEXT_POINTS) + 0.1
    top = MARGIN + (TITLE if title else 0) + above
    down = max(len(names), 1) * _ROW_INCHES
    picture = new_picture(width, top + down + below, look)
    picture.set_label(label)
    return panel(picture, left, top, max(width - left - right, 0.5), down)


def name_rows(axes: Axes, names: Sequence[str], look: Look) -> None:
    """Names the rows, the first at the top."""
    axes.set_ylim(max(len(names), 1) - 0.5, -0.5)
    rows = np.arange(len(names))
    axes.set_yticks(rows, names, fontsize=TEXT_POINTS, color=look.ink, parse_math=False)
    axes.spines["left"].set_visible(False)
    axes.tick_params(axis="y", length=0)
