"""How training went, and how far the classes are apart at each depth."""

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
    new_picture,
    panel,
    width_of,
)
from cutaway.views.figures.legend import legend_mark
from cutaway.views.figures.names import Number, shorten, widest
from cutaway.views.figures.theme import SMALL_POINTS, TEXT_POINTS, Look, drawing

_PANELS = (
    ("Loss", (("train_loss", "training"), ("val_loss", "validation"))),
    ("Accuracy", (("train_accuracy", "training"), ("val_accuracy", "validation"))),
)
_ACCURACIES = (
    ("knn_accuracy", "k-NN", "o"),
    ("probe_accuracy", "linear probe", "D"),
)
_LAYER_ROW = 0.21


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


def separability(
    layers: Any,
    *,
    title: str | None = None,
    axes: Axes | None = None,
    width: Number = PAGE,
    theme: str = "light",
) -> Axes:
    """How well the classes can be told apart from each layer's features, from input to output.

    Args:
        layers: A table (DataFrame, or mapping from column to values) with the columns layer,
            knn_accuracy and probe_accuracy in [0, 1]; one of the two may be missing, as may values.
        title: Written above.
        axes: Where to draw; a new figure by default.
        width: Inches of a new figure.
        theme: "light", "dark" or "inherit".

    Raises:
        InputError: A column is missing.

    Example:
        >>> axes = separability({"layer": ["pixels", "fc"], "knn_accuracy": [0.4, 0.8]})
        >>> [text.get_text() for text in axes.get_yticklabels()]
        ['pixels', 'fc']
    """
    columns = set(layers.keys())
    measures = [measure for measure in _ACCURACIES if measure[0] in columns]
    if "layer" not in columns or not measures:
        raise InputError(
            f"layers has the columns {sorted(str(name) for name in columns)}; "
            "expected layer, and knn_accuracy or probe_accuracy"
        )
    names = [shorten(name, 30) for name in layers["layer"]]
    with drawing(theme) as look:
        if axes is None:
            left = MARGIN + widest(names, TEXT_POINTS) + 0.1
            top = MARGIN + (TITLE if title else 0) + 0.2
            down = max(len(names), 1) * _LAYER_ROW
            picture = new_picture(width, top + down + 0.42, look)
            picture.set_label("Accuracy of simple classifiers on each layer's features")
            axes = panel(picture, left, top, max(width - left - 0.25, 0.5), down)
        _draw_measures(axes, layers, measures, names, look)
        head(axes, title, 17)
    return axes


def _draw_measures(
    axes: Axes,
    layers: Any,
    measures: Sequence[tuple[str, str, str]],
    names: Sequence[str],
    look: Look,
) -> None:
    rows = np.arange(len(names))
    axes.hlines(rows, 0, 1, color=look.rule, linewidth=0.4)
    along = 0.0
    for (column, words, marker), colour in zip(measures, (look.second, look.accent), strict=False):
        values = floats_of(list(layers[column]), column, "layers")
        axes.plot(
            values,
            rows,
            color=colour,
            marker=marker,
            markersize=4.5,
            linewidth=1.2,
            linestyle="-" if marker == "D" else (0, (4, 1.6)),
            clip_on=False,
        )
        along += legend_mark(axes, along, words, marker, colour, look)
    axes.set_xlim(0, 1)
    axes.set_ylim(max(len(names), 1) - 0.5, -0.5)
    axes.set_yticks(rows, names, fontsize=TEXT_POINTS, color=look.ink, parse_math=False)
    axes.xaxis.set_major_formatter(lambda value, _: f"{value:.0%}")
    axes.spines["left"].set_visible(False)
    axes.tick_params(axis="y", length=0)
    axes.set_xlabel("accuracy on samples held out")
