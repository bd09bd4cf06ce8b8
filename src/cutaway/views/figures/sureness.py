"""How sure a network is of right and of wrong predictions."""

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
from cutaway.views.figures.legend import legend_at
from cutaway.views.figures.names import Number
from cutaway.views.figures.theme import SMALL_POINTS, Look, drawing

_SURENESS = (
    ("confidence", "Confidence"),
    ("margin", "Margin to the second class"),
    ("entropy", "Entropy, nats"),
)
_BINS = 20


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
        marks = [(name, "s", colour) for name, _, colour in groups]
        end = legend_at(figure, (MARGIN + 0.05, MARGIN), marks, look)
        note = "share of the predictions of each kind"
        write(figure, end, MARGIN, note, fontsize=SMALL_POINTS, color=look.quiet)
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
    low, high = 0.0, float(values[np.isfinite(values)].max(initial=1.0))
    edges = np.linspace(low, high, _BINS + 1)
    most = 0.0
    for _, chosen, colour in groups:
        own = values[chosen]
        counts = np.histogram(own[np.isfinite(own)], edges)[0]
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
