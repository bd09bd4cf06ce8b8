"""What marks of a figure stand for, written above its axes."""

from typing import Any

from matplotlib.axes import Axes

from cutaway.views.figures.canvas import inches_of
from cutaway.views.figures.names import Number, inches
from cutaway.views.figures.theme import SMALL_POINTS, Look


def legend_mark(
    axes: Axes, along: Number, words: str, marker: str, colour: str, look: Look
) -> float:
    """Marker and words above the axes, `along` inches from the left; the inches they took."""
    box: dict[str, Any] = {
        "xycoords": "axes fraction",
        "textcoords": "offset points",
        "va": "center",
    }
    axes.annotate(words, (0, 1), (72 * along + 9, 8), fontsize=SMALL_POINTS, color=look.ink, **box)
    across, down = inches_of(axes)
    axes.plot(
        [(along + 0.04) / across],
        [1 + 8 / 72 / down],
        marker=marker,
        markersize=4.5,
        color=colour,
        transform=axes.transAxes,
        clip_on=False,
    )
    return inches(words, SMALL_POINTS) + 0.3
