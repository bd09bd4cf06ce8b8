"""Whether a network is as often right as it says."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from cutaway.errors import InputError
from cutaway.views.figures.canvas import (
    MARGIN,
    PAGE,
    TITLE,
    fitted,
    head,
    panel,
    width_of,
    write,
)
from cutaway.views.figures.legend import legend
from cutaway.views.figures.names import Number, plain
from cutaway.views.figures.theme import SMALL_POINTS, TITLE_POINTS, Look, drawing

_LEFT, _BELOW, _BETWEEN = 0.5, 0.42, 0.65
_NARROW, _LARGEST = 4.6, 3.4
_COUNTS = 0.9

Bins = list[Mapping[str, Any]]


def reliability(
    found: Mapping[str, Any],
    *,
    title: str | None = None,
    figure: Figure | None = None,
    width: Number = PAGE,
    theme: str = "light",
) -> Figure:
    """The reliability diagram, and the histogram of confidence beside it, or below where narrow.

    On the left, how often predictions are right by how sure the network is: bars that stay below
    the diagonal are of a network that is too sure, and hollow boxes are what is missing or too
    much. On the right, how many predictions are how sure, with the mean confidence and the share
    that is right. Source: Guo et al. 2017, arXiv:1706.04599.

    Args:
        found: What `Calibration.to_dict` gives: error, confidence, accuracy and bins.
        title: Written above.
        figure: Where to draw, its height adapted; a new figure by default.
        width: Inches of a new figure.
        theme: "light", "dark" or "inherit".

    Raises:
        InputError: There are no bins.

    Example:
        >>> one = {"low": 0.5, "high": 1.0, "count": 4, "confidence": 0.8, "accuracy": 0.75}
        >>> found = {"error": 0.05, "confidence": 0.8, "accuracy": 0.75, "bins": [one]}
        >>> len(reliability(found).axes)
        2
    """
    bins = [one for one in found["bins"] if one["count"]]
    if not bins:
        raise InputError("found has no bin with a prediction; expected some of a calibration")
    width = width_of(figure, width)
    stacked = width < _NARROW
    top = MARGIN + (TITLE if title else 0) + 0.42
    room = width - 2 * MARGIN - _LEFT - 0.12
    side = min(room if stacked else (room - _BETWEEN) * 0.5, _LARGEST)
    down = side + _BELOW + (0.42 + _COUNTS + _BELOW if stacked else 0)
    with drawing(theme) as look:
        figure = fitted(figure, width, top + down, look)
        figure.set_label("How often predictions are right, by how sure the network is")
        if title:
            write(figure, MARGIN, MARGIN, plain(title), fontweight="bold", fontsize=TITLE_POINTS)
        left = MARGIN + _LEFT
        axes = panel(figure, left, top, side, side)
        _draw_bins(axes, bins, look)
        note = f"calibration error (ECE) {found['error']:.1%}; boxes: how sure"
        _head(axes, "Right, by confidence", note, look)
        if stacked:
            counts = panel(figure, left, top + side + _BELOW + 0.42, room, _COUNTS)
        else:
            beside = left + side + _BETWEEN
            counts = panel(figure, beside, top, width - beside - MARGIN - 0.12, side)
        _draw_counts(counts, bins, found, look)
    return figure


def _head(axes: Axes, title: str, note: str, look: Look) -> None:
    head(axes, title, 17)
    axes.annotate(
        note,
        (0, 1),
        (0, 5),
        xycoords="axes fraction",
        textcoords="offset points",
        fontsize=SMALL_POINTS,
        color=look.quiet,
    )


def _draw_bins(axes: Axes, bins: Bins, look: Look) -> None:
    lows = np.array([one["low"] for one in bins])
    wide = np.array([one["high"] - one["low"] for one in bins])
    accuracy = np.array([one["accuracy"] for one in bins])
    confidence = np.array([one["confidence"] for one in bins])
    axes.bar(lows + wide / 2, accuracy, wide * 0.88, color=look.accent, linewidth=0)
    axes.bar(
        lows + wide / 2,
        confidence - accuracy,
        wide * 0.88,
        accuracy,
        facecolor="none",
        edgecolor=look.second,
        linewidth=1.1,
    )
    axes.plot([0, 1], [0, 1], color=look.quiet, linewidth=0.9, linestyle=(0, (4, 2)))
    axes.set(xlim=(0, 1), ylim=(0, 1), xlabel="confidence", ylabel="right")
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_ticks([0, 0.25, 0.5, 0.75, 1])
        axis.set_major_formatter(lambda value, _: f"{value:.0%}")


def _draw_counts(axes: Axes, bins: Bins, found: Mapping[str, Any], look: Look) -> None:
    """How many predictions stand in each bin, and the two means that should be one."""
    middles = [(one["low"] + one["high"]) / 2 for one in bins]
    wide = [(one["high"] - one["low"]) * 0.88 for one in bins]
    counts = [one["count"] for one in bins]
    axes.bar(middles, counts, wide, color=look.rule, linewidth=0)
    for value, colour, dashes in (
        (found["accuracy"], look.accent, "-"),
        (found["confidence"], look.second, (0, (4, 1.6))),
    ):
        axes.axvline(value, color=colour, linewidth=1.5, linestyle=dashes)
    axes.set(xlim=(0, 1), ylim=(0, max(counts) * 1.08), xlabel="confidence")
    axes.set_yticks([max(counts)], [f"{max(counts):,}"])
    axes.xaxis.set_ticks([0, 0.25, 0.5, 0.75, 1])
    axes.xaxis.set_major_formatter(lambda value, _: f"{value:.0%}")
    head(axes, "Predictions, by confidence", 17)
    right, sure = f"{found['accuracy']:.1%} right", f"{found['confidence']:.1%} sure"
    legend(axes, [(right, "s", look.accent), (sure, "s", look.second)], look)
