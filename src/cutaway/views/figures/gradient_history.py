"""How gradients change through training."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from jaxtyping import Float
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator, NullLocator

from cutaway.errors import InputError
from cutaway.views.figures.arrays import floats_of
from cutaway.views.figures.canvas import MARGIN, PAGE, TITLE, head, inches_of, new_picture, panel
from cutaway.views.figures.names import Number, shorten, widest
from cutaway.views.figures.palette import value_colours
from cutaway.views.figures.theme import SMALL_POINTS, Look, drawing

_PREFIX = "gradient_norm/"
_DOWN = 2.6
_MOST_NAMES = 16


def gradient_history(
    history: Any,
    *,
    title: str | None = None,
    axes: Axes | None = None,
    width: Number = PAGE,
    theme: str = "light",
) -> Axes:
    """The norm of the gradient at each layer's parameters over the epochs, a line a layer.

    The scale is logarithmic. Colours run from the first layer (dark) to the last (bright); of more
    than 16 layers, some are named. Epochs in which no gradient was a number are shaded.

    Args:
        history: A table (DataFrame, or mapping from column to values) with the columns
            gradient_norm/LAYER, in order of the layers, and where it is known epoch.
        title: Written above.
        axes: Where to draw; a new figure by default.
        width: Inches of a new figure.
        theme: "light", "dark" or "inherit".

    Raises:
        InputError: There is no such column.

    Example:
        >>> axes = gradient_history({"epoch": [1, 2], "gradient_norm/block1.0": [0.5, 0.2]})
        >>> axes.lines[0].get_label()
        'block1.0'
    """
    found = [str(name) for name in history.keys() if str(name).startswith(_PREFIX)]  # noqa: SIM118 (a table)
    if not found:
        raise InputError(
            f"history has the columns {sorted(map(str, history.keys()))}; expected "
            "gradient_norm/LAYER for one layer or more"
        )
    layers = [shorten(name.removeprefix(_PREFIX), 24) for name in found]
    values = np.array([floats_of(list(history[name]), name, "epochs") for name in found])
    broken = ~np.isfinite(values).any(axis=0)
    values = np.where(np.isfinite(values) & (values > 0), values, np.nan)
    known = "epoch" in set(history.keys())
    epochs = floats_of(list(history["epoch"]), "epoch", "epochs") if known else None
    epochs = np.arange(1.0, values.shape[1] + 1) if epochs is None else epochs
    with drawing(theme) as look:
        if axes is None:
            top = MARGIN + (TITLE if title else 0.05)
            picture = new_picture(width, top + _DOWN + 0.5, look)
            picture.set_label("Gradients through training")
            room = widest(layers, SMALL_POINTS) + 0.2
            axes = panel(picture, MARGIN + 0.5, top, max(width - 0.7 - room, 0.5), _DOWN)
        _draw(axes, epochs, values, layers, look)
        _mark_broken(axes, epochs[broken], look)
        head(axes, title)
    return axes


def _draw(
    axes: Axes,
    epochs: Float[np.ndarray, " epochs"],
    values: Float[np.ndarray, "layers epochs"],
    layers: Sequence[str],
    look: Look,
) -> None:
    colours = value_colours()(np.linspace(0, 1, len(layers)))
    axes.set_yscale("log")
    for line, name, colour in zip(values, layers, colours, strict=True):
        axes.plot(
            epochs,
            line,
            color=tuple(colour),
            linewidth=1.3,
            marker="o" if len(epochs) <= 12 else None,
            markersize=3,
            label=name,
        )
    axes.yaxis.set_minor_locator(NullLocator())
    axes.yaxis.set_major_formatter(lambda value, _: f"{value:g}".replace("-", "−"))
    axes.xaxis.set_major_locator(MaxNLocator(integer=True, nbins=6, min_n_ticks=1))
    axes.yaxis.grid(visible=True, color=look.rule, linewidth=0.4)
    axes.set_axisbelow(True)
    axes.set_xlabel("epoch")
    axes.set_ylabel("norm of the gradient")
    _name_lines(axes, values, layers, look)


def _mark_broken(axes: Axes, epochs: Float[np.ndarray, " broken"], look: Look) -> None:
    """Marks the epochs in which no layer's gradient was a number."""
    for epoch in epochs.tolist():
        axes.axvspan(epoch - 0.5, epoch + 0.5, color=look.faint, linewidth=0)
    if len(epochs):
        words = axes.text(epochs[0] - 0.45, 0.96, "no number", va="top")
        words.set(fontsize=SMALL_POINTS, color=look.quiet, transform=axes.get_xaxis_transform())


def _name_lines(
    axes: Axes, values: Float[np.ndarray, "layers epochs"], layers: Sequence[str], look: Look
) -> None:
    """Names lines at the right, in the order of their ends, no two over each other."""
    ends = np.array([line[np.isfinite(line)][-1:].sum() for line in values])
    named = [at for at in np.argsort(ends) if ends[at] > 0]
    step = -(-len(named) // _MOST_NAMES) or 1
    named = named[::step]
    low, high = np.log(axes.get_ylim())
    height = SMALL_POINTS * 1.25 / 72 / inches_of(axes)[1]
    places = [(np.log(ends[at]) - low) / max(high - low, 1e-9) for at in named]
    colours = value_colours()(np.linspace(0, 1, len(layers)))
    for place, at in zip(_spread(places, height), named, strict=True):
        share = (np.log(ends[at]) - low) / max(high - low, 1e-9)
        box = axes.transAxes
        line = {"arrowstyle": "-", "linewidth": 0.6, "color": tuple(colours[at])}
        axes.annotate("", (1.0, share), (1.035, place), box, box, line)
        axes.text(
            1.04,
            place,
            layers[at],
            transform=box,
            va="center",
            fontsize=SMALL_POINTS,
            color=look.ink,
        )


def _spread(places: Sequence[Number], least: Number) -> list[float]:
    """Rising places moved apart to a least distance, kept around where they were."""
    moved: list[float] = []
    for place in places:
        moved.append(max(float(place), moved[-1] + least) if moved else float(place))
    excess = (moved[-1] - places[-1]) / 2 if moved else 0.0
    return [place - excess for place in moved]
