"""What marks of a figure stand for, written above its axes."""

from collections.abc import Sequence
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from cutaway.views.figures.canvas import inches_of
from cutaway.views.figures.names import Number, inches
from cutaway.views.figures.theme import SMALL_POINTS, Look

Mark = tuple[str, str, str]
"""What it stands for, matplotlib's marker, a colour."""

_SIZE = 4.5


def legend(axes: Axes, marks: Sequence[Mark], look: Look, above: Number = 0) -> None:
    """Writes marks and what they stand for in a line above axes, `above` points higher."""
    box: dict[str, Any] = {
        "xycoords": "axes fraction",
        "textcoords": "offset points",
        "va": "center",
    }
    across, down = inches_of(axes)
    along = 0.0
    for words, marker, colour in marks:
        beside = (72 * along + 9, 8 + above)
        axes.annotate(words, (0, 1), beside, fontsize=SMALL_POINTS, color=look.ink, **box)
        axes.plot(
            [(along + 0.04) / across],
            [1 + (8 + above) / 72 / down],
            marker=marker,
            markersize=_SIZE,
            color=colour,
            transform=axes.transAxes,
            clip_on=False,
        )
        along += inches(words, SMALL_POINTS) + 0.3


def in_lines(marks: Sequence[Mark], width: Number) -> list[list[Mark]]:
    """Marks in lines of at most `width` inches, as `legend` writes them."""
    lines: list[list[Mark]] = []
    along = float("inf")
    for mark in marks:
        own = inches(mark[0], SMALL_POINTS) + 0.3
        if along + own > width:
            lines.append([])
            along = 0.0
        lines[-1].append(mark)
        along += own
    return lines


def legend_at(
    figure: Figure, place: tuple[Number, Number], marks: Sequence[Mark], look: Look
) -> float:
    """Writes the same at a place in inches from the left and top; returns where it ends."""
    width, height = figure.get_size_inches()
    left, top = float(place[0]), place[1]
    level = 1 - (top + 0.06) / height
    for words, marker, colour in marks:
        spot = Line2D([(left + 0.04) / width], [level], transform=figure.transFigure)
        spot.set(marker=marker, markersize=_SIZE, color=colour)
        figure.add_artist(spot)
        style: dict[str, Any] = {"fontsize": SMALL_POINTS, "color": look.ink}
        figure.text((left + 0.13) / width, level, words, va="center_baseline", **style)
        left += inches(words, SMALL_POINTS) + 0.3
    return left
