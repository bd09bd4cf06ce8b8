"""How sure a network is, and whether rightly so."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from cutaway.errors import InputError
from cutaway.views.figures.arrays import array_of, floats_of
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
from cutaway.views.figures.names import Number, plain
from cutaway.views.figures.theme import SMALL_POINTS, TITLE_POINTS, Look, drawing

_SURENESS = (
    ("confidence", "Confidence"),
    ("margin", "Margin to the second class"),
    ("entropy", "Entropy, nats"),
)
_BINS = 20
_COUNTS = 0.5


def reliability(
    found: Mapping[str, Any],
    *,
    title: str | None = None,
    figure: Figure | None = None,
    width: Number = 4.2,
    theme: str = "light",
) -> Figure:
    """The reliability diagram: how often predictions are right, by how sure the network is.

    Bars that stay below the diagonal are of a network that is too sure. Below, how many predictions
    stand in each bin.

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
    left, top = MARGIN + 0.42, MARGIN + (TITLE if title else 0) + 0.2
    side = width - left - MARGIN - 0.1
    with drawing(theme) as look:
        figure = fitted(figure, width, top + side + 0.12 + _COUNTS + 0.45, look)
        figure.set_label("How often predictions are right, by how sure the network is")
        if title:
            write(figure, MARGIN, MARGIN, plain(title), fontweight="bold", fontsize=TITLE_POINTS)
        note = (
            f"{found['confidence']:.1%} sure, {found['accuracy']:.1%} right; expected calibration "
            f"error {found['error']:.1%}"
        )
        write(figure, left, top - 0.2, note, fontsize=SMALL_POINTS, color=look.quiet)
        axes = panel(figure, left, top, side, side)
        _draw_bins(axes, bins, look)
        _draw_counts(panel(figure, left, top + side + 0.12, side, _COUNTS), bins, look)
    return figure


def _draw_bins(axes: Axes, bins: list[Mapping[str, Any]], look: Look) -> None:
    lows, wide = (
        np.array([one["low"] for one in bins]),
        np.array([one["high"] - one["low"] for one in bins]),
    )
    accuracy = np.array([one["accuracy"] for one in bins])
    axes.bar(lows + wide / 2, accuracy, wide * 0.88, color=look.accent, linewidth=0)
    axes.plot([0, 1], [0, 1], color=look.quiet, linewidth=0.9, linestyle=(0, (4, 2)))
    axes.plot([one["confidence"] for one in bins], accuracy, "D", color=look.second, markersize=3.5)
    axes.set(xlim=(0, 1), ylim=(0, 1), ylabel="right")
    axes.set_xticklabels([])
    axes.yaxis.set_major_formatter(lambda value, _: f"{value:.0%}")


def _draw_counts(axes: Axes, bins: list[Mapping[str, Any]], look: Look) -> None:
    middles = [(one["low"] + one["high"]) / 2 for one in bins]
    wide = [(one["high"] - one["low"]) * 0.88 for one in bins]
    axes.bar(middles, [one["count"] for one in bins], wide, color=look.rule, linewidth=0)
    axes.set(xlim=(0, 1), xlabel="confidence")
    most = max(one["count"] for one in bins)
    axes.set_yticks([most], [f"{most:,}"])
    axes.xaxis.set_major_formatter(lambda value, _: f"{value:.0%}")


def sureness(
    samples: Any,
    *,
    figure: Figure | None = None,
    width: Number = PAGE,
    theme: str = "light",
) -> Figure:
    """How sure a network is of its predictions, right ones and wrong ones apart.

    Args:
        samples: A table (DataFrame, or mapping from column to values) with one or more of the
            columns confidence, margin and entropy, and with label and predicted where right and
            wrong are to be told apart.
        figure: Where to draw, its height adapted; a new figure by default.
        width: Inches of a new figure.
        theme: "light", "dark" or "inherit".

    Raises:
        InputError: None of the columns is there.

    Example:
        >>> picture = sureness({"confidence": [0.9, 0.6], "label": [0, 1], "predicted": [0, 0]})
        >>> [axes.get_title("left") for axes in picture.axes]
        ['Confidence']
    """
    columns = set(samples.keys())
    shown = [one for one in _SURENESS if one[0] in columns]
    if not shown:
        raise InputError(
            f"samples has the columns {sorted(map(str, columns))}; expected one or more of "
            "confidence, margin and entropy"
        )
    width = width_of(figure, width)
    across = max(1, min(len(shown), int(width / 1.9)))
    cell = (width - 2 * MARGIN) / across
    rows = -(-len(shown) // across)
    with drawing(theme) as look:
        figure = fitted(figure, width, MARGIN + 0.2 + rows * (TITLE + 1.2 + 0.3), look)
        figure.set_label("How sure the network is of right and of wrong predictions")
        groups = _right_and_wrong(samples, look)
        _key(figure, groups, look)
        for index, (column, words) in enumerate(shown):
            row, place = divmod(index, across)
            top = MARGIN + 0.2 + TITLE + row * (TITLE + 1.2 + 0.3)
            axes = panel(figure, MARGIN + place * cell + 0.05, top, cell - 0.2, 1.2)
            values = floats_of(list(samples[column]), column, "samples")
            _draw_spread(axes, values, groups)
            head(axes, words)
    return figure


def _right_and_wrong(samples: Any, look: Look) -> list[tuple[str, Any, str]]:
    """Names of groups with the samples in them and their colours."""
    if not {"label", "predicted"} <= set(samples.keys()):
        return [("all", slice(None), look.accent)]
    right = array_of(samples["label"], "label") == array_of(samples["predicted"], "predicted")
    return [("right", right, look.accent), ("wrong", ~right, look.second)]


def _draw_spread(axes: Axes, values: np.ndarray, groups: list[tuple[str, Any, str]]) -> None:
    low, high = 0.0, float(values.max(initial=1.0))
    edges = np.linspace(low, high, _BINS + 1)
    most = 0.0
    for _, chosen, colour in groups:
        counts = np.histogram(values[chosen], edges)[0]
        share = counts / max(counts.sum(), 1)
        most = max(most, float(share.max(initial=0.0)))
        axes.stairs(share, edges, fill=True, color=colour, alpha=0.25, linewidth=0)
        axes.stairs(share, edges, color=colour, linewidth=1.3)
    axes.set(xlim=(low, high), ylim=(0, most * 1.05 or 1))
    axes.set_yticks([])
    # The ends of neighbouring panels would meet.
    axes.xaxis.set_major_locator(MaxNLocator(nbins=2, steps=[1, 5, 10]))
    axes.xaxis.set_major_formatter(lambda value, _: f"{value:g}")
    axes.spines["left"].set_visible(False)


def _key(figure: Figure, groups: list[tuple[str, Any, str]], look: Look) -> None:
    left = MARGIN + 0.05
    for name, _, colour in groups:
        write(figure, left, MARGIN, "■", fontsize=SMALL_POINTS, color=colour)
        write(figure, left + 0.13, MARGIN, name, fontsize=SMALL_POINTS, color=look.ink)
        left += 0.65
    note = "share of the predictions of each kind"
    write(figure, left + 0.1, MARGIN, note, fontsize=SMALL_POINTS, color=look.quiet)
