"""What two networks recognize of each class."""

from typing import Any

import numpy as np
from matplotlib.axes import Axes

from cutaway.errors import InputError
from cutaway.views.figures.arrays import floats_of
from cutaway.views.figures.canvas import MARGIN, PAGE, TITLE, head, new_picture, panel
from cutaway.views.figures.legend import legend
from cutaway.views.figures.names import Number, shorten, widest
from cutaway.views.figures.theme import SMALL_POINTS, TEXT_POINTS, Look, drawing

_ROW = 0.2
_MOST = 40
_KEY = 0.24


def compared_recalls(
    table: Any,
    names: tuple[str, str] = ("first", "second"),
    *,
    title: str | None = None,
    axes: Axes | None = None,
    width: Number = PAGE,
    theme: str = "light",
) -> Axes:
    """How many samples of each class two networks recognize, a row a class, joined by a line.

    Of more than 40 classes those that changed most are shown.

    Args:
        table: A table (DataFrame, or mapping from column to values) with the columns name, recall
            and other_recall, shares in [0, 1].
        names: What to call the two networks.
        title: Written above.
        axes: Where to draw; a new figure by default.
        width: Inches of a new figure.
        theme: "light", "dark" or "inherit".

    Raises:
        InputError: A column is missing.

    Example:
        >>> table = {"name": ["cat", "dog"], "recall": [0.5, 0.8], "other_recall": [0.6, 0.7]}
        >>> [text.get_text() for text in compared_recalls(table).get_yticklabels()]
        ['cat', 'dog']
    """
    if not {"name", "recall", "other_recall"} <= set(table.keys()):
        raise InputError(
            f"table has the columns {sorted(map(str, table.keys()))}; expected name, recall and "
            "other_recall"
        )
    before, after = (floats_of(list(table[c]), c, "classes") for c in ("recall", "other_recall"))
    shown = np.sort(np.argsort(-np.abs(after - before), kind="stable")[:_MOST])
    classes = [shorten(list(table["name"])[row], 24) for row in shown]
    with drawing(theme) as look:
        if axes is None:
            left = MARGIN + widest(classes, TEXT_POINTS) + 0.12
            top = MARGIN + (TITLE if title else 0) + _KEY
            down = max(len(shown), 1) * _ROW
            picture = new_picture(width, top + down + 0.35, look)
            picture.set_label("Samples of each class that two networks recognize")
            axes = panel(picture, left, top, max(width - left - 0.5, 0.5), down)
        _draw_pairs(axes, before[shown], after[shown], look)
        rows = range(len(shown))
        axes.set_yticks(rows, classes, fontsize=TEXT_POINTS, color=look.ink, parse_math=False)
        _key(axes, names, look)
        head(axes, title, 20)
    return axes


def _draw_pairs(axes: Axes, before: np.ndarray, after: np.ndarray, look: Look) -> None:
    rows = np.arange(len(before))
    both = np.concatenate([before, after])
    low = float(np.floor(10 * np.nanmin(both)) / 10) if np.isfinite(both).any() else 0.0
    axes.set_xlim(min(low, 0.9), 1)
    axes.set_ylim(max(len(rows), 1) - 0.5, -0.5)
    axes.hlines(rows, *axes.get_xlim(), color=look.rule, linewidth=0.4)
    axes.hlines(rows, before, after, color=look.quiet, linewidth=2.2)
    axes.plot(before, rows, "o", color=look.second, markersize=5, clip_on=False)
    axes.plot(after, rows, "D", color=look.accent, markersize=4.6, clip_on=False)
    for row, change in zip(rows.tolist(), (after - before).tolist(), strict=True):
        axes.text(
            1.02,
            row,
            f"{100 * change:+.1f}".replace("-", "−"),
            transform=axes.get_yaxis_transform(),
            va="center",
            fontsize=SMALL_POINTS,
            color=look.quiet,
        )
    axes.xaxis.set_major_formatter(lambda value, _: f"{value:.0%}")
    axes.spines["left"].set_visible(False)
    axes.tick_params(axis="y", length=0)


def _key(axes: Axes, names: tuple[str, str], look: Look) -> None:
    colours = (look.second, look.accent)
    pairs = zip(names, "oD", colours, strict=True)
    marks = [(shorten(name, 30), marker, colour) for name, marker, colour in pairs]
    legend(axes, marks, look)
