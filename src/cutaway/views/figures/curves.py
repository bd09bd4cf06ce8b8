"""How training went."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from jaxtyping import Float
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from cutaway.errors import InputError
from cutaway.views.figures.arrays import floats_of
from cutaway.views.figures.canvas import (
    MARGIN,
    PAGE,
    TITLE,
    fitted,
    head,
    inches_of,
    panel,
    width_of,
)
from cutaway.views.figures.names import Number, widest
from cutaway.views.figures.theme import SMALL_POINTS, Look, drawing

_PANELS = (
    ("Loss", (("train_loss", "training"), ("val_loss", "validation"))),
    ("Accuracy", (("train_accuracy", "training"), ("val_accuracy", "validation"))),
)


def curves(
    history: Any,
    *,
    figure: Figure | None = None,
    width: Number = PAGE,
    theme: str = "light",
) -> Figure:
    """Loss and accuracy over the epochs, of training and of validation.

    Args:
        history: A table (DataFrame, or mapping from column to values) with the columns epoch,
            train_loss, val_loss, train_accuracy, val_accuracy; each but the first may be missing.
        figure: Where to draw, its height adapted; a new figure by default.
        width: Inches of a new figure.
        theme: "light", "dark" or "inherit".

    Raises:
        InputError: None of the columns is there.

    Example:
        >>> picture = curves({"epoch": [0, 1], "train_loss": [2.0, 1.0], "val_loss": [2.1, 1.4]})
        >>> [axes.get_title("left") for axes in picture.axes]
        ['Loss']
    """
    columns = set(history.keys())
    shown = [
        (title, [(name, words) for name, words in lines if name in columns])
        for title, lines in _PANELS
    ]
    shown = [(title, lines) for title, lines in shown if lines]
    if not shown:
        raise InputError(
            f"history has the columns {sorted(map(str, columns))}; expected one or more of "
            "train_loss, val_loss, train_accuracy, val_accuracy"
        )
    width = width_of(figure, width)
    stacked = width / len(shown) < 2.4
    across = 1 if stacked else len(shown)
    cell = (width - 2 * MARGIN) / across
    down = 1.7
    with drawing(theme) as look:
        rows = len(shown) if stacked else 1
        figure = fitted(figure, width, MARGIN + rows * (TITLE + down + 0.5), look)
        figure.set_label("Loss and accuracy over the epochs")
        for index, (title, lines) in enumerate(shown):
            row, column = (index, 0) if stacked else (0, index)
            left = MARGIN + column * cell + 0.4
            top = MARGIN + TITLE + row * (TITLE + down + 0.5)
            room = cell - 0.4 - widest([words for _, words in lines], SMALL_POINTS) - 0.12
            axes = panel(figure, left, top, room, down)
            _draw_lines(axes, history, lines, look)
            head(axes, title)
    return figure


def _draw_lines(axes: Axes, history: Any, lines: Sequence[tuple[str, str]], look: Look) -> None:
    ends = []
    for name, words in lines:
        values = floats_of(list(history[name]), name, "epochs")
        epochs = _epochs(history, len(values))
        known = np.isfinite(values)
        colour, dashes = (
            (look.second, (4, 1.6)) if words == "training" else (look.accent, (None, None))
        )
        axes.plot(
            epochs[known],
            values[known],
            color=colour,
            dashes=dashes,
            linewidth=1.5,
            marker="o" if known.sum() <= 12 else None,
            markersize=3,
            solid_capstyle="round",
        )
        if known.any():
            ends.append((words, epochs[known][-1], values[known][-1]))
    axes.xaxis.set_major_locator(MaxNLocator(integer=True, nbins=6, min_n_ticks=1))
    axes.yaxis.set_major_locator(MaxNLocator(nbins=5))
    axes.yaxis.grid(visible=True, color=look.rule, linewidth=0.4)
    axes.set_axisbelow(True)
    axes.spines["left"].set_visible(False)
    axes.tick_params(axis="y", length=0)
    axes.set_xlabel("epoch")
    _name_ends(axes, ends, look)


def _epochs(history: Any, count: int) -> Float[np.ndarray, " epochs"]:
    if "epoch" in set(history.keys()):
        return floats_of(list(history["epoch"]), "epoch", "epochs")
    return np.arange(count, dtype=np.float64)


def _name_ends(axes: Axes, ends: Sequence[tuple[str, Number, Number]], look: Look) -> None:
    """Names lines at their right ends, moved apart where the lines meet."""
    low, high = axes.get_ylim()
    line = (high - low) * SMALL_POINTS * 1.25 / 72 / inches_of(axes)[1]
    places = [value for *_, value in ends]
    if len(places) == 2 and abs(places[0] - places[1]) < line:
        middle, sign = np.mean(places), 1 if places[0] >= places[1] else -1
        places = [middle + sign * line / 2, middle - sign * line / 2]
    right = axes.get_xlim()[1]
    for (words, _, _), place in zip(ends, places, strict=True):
        axes.annotate(
            words,
            (right, place),
            xytext=(3, 0),
            textcoords="offset points",
            va="center",
            fontsize=SMALL_POINTS,
            color=look.ink,
            annotation_clip=False,
        )
    axes.set_ylim(low, high)
