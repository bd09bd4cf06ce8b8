"""How alike the layers of a network are."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from cutaway.errors import InputError
from cutaway.views.figures.arrays import floats_of
from cutaway.views.figures.canvas import MARGIN, TITLE, head, inches_of, new_picture, panel
from cutaway.views.figures.grid import colour_bar, show
from cutaway.views.figures.names import Number, shorten, widest
from cutaway.views.figures.theme import SMALL_POINTS, Look, drawing

_NUMBERS_UP_TO = 18
_NAMES_UP_TO = 60
_BAR = 0.5
_NAME = 0.2


def similarity(
    matrix: Any,
    layers: Sequence[Any],
    others: Sequence[Any] | None = None,
    *,
    names: tuple[str, str] = ("", ""),
    title: str | None = None,
    axes: Axes | None = None,
    width: Number = 5.0,
    theme: str = "light",
) -> Axes:
    """How alike layers are, each to each, by centred kernel alignment (CKA).

    Light cells are layers that see the samples alike. Hundredths are written for up to 18 layers.

    Args:
        matrix: CKA (layers, others), up to 1; what is not finite stays blank.
        layers: Names of the layers that are rows.
        others: Of those that are columns, where they are of another network.
        names: What to call the two networks, written at rows and columns.
        title: Written above.
        axes: Where to draw; a new figure by default.
        width: Inches of a new figure.
        theme: "light", "dark" or "inherit".

    Raises:
        InputError: The matrix does not fit the names.

    Example:
        >>> axes = similarity([[1, 0.25], [0.25, 1]], ["pixels", "fc"])
        >>> [text.get_text() for text in axes.texts]
        ['100', '25', '25', '100']
    """
    values = floats_of(matrix, "matrix", "layers others")
    across = layers if others is None else others
    if values.shape != (len(layers), len(across)) or not values.size:
        raise InputError(
            f"matrix has shape {values.shape} and layers names {len(layers)}"
            f"{'' if others is None else f', others {len(others)}'}; expected a row and a column a "
            "layer"
        )
    rows, columns = (_shown(each) for each in (layers, across))
    with drawing(theme) as look:
        if axes is None:
            axes = _new_axes(values, (rows, columns), names, title, width, look)
        show(axes, values, named=True, cmap="cividis", vmin=0, vmax=1)
        if rows:
            axes.set_yticks(range(len(rows)), rows)
        if columns:
            axes.set_xticks(range(len(columns)), columns, rotation=90)
        axes.xaxis.tick_top()
        axes.xaxis.set_label_position("top")
        for text in (*axes.get_xticklabels(), *axes.get_yticklabels()):
            text.set(fontsize=SMALL_POINTS, color=look.ink, parse_math=False)
        axes.tick_params(length=0, pad=3)
        for write, name in ((axes.set_ylabel, names[0]), (axes.set_xlabel, names[1])):
            write(shorten(name, 40), fontweight="bold").set_parse_math(False)
        _write_hundredths(axes, values)
        head(axes, title)
    return axes


def _shown(layers: Sequence[Any]) -> list[str]:
    """Names as they are written; none of very many layers."""
    return [shorten(name, 22) for name in layers] if len(layers) <= _NAMES_UP_TO else []


def _new_axes(
    values: np.ndarray,
    shown: tuple[list[str], list[str]],
    names: tuple[str, str],
    title: str | None,
    width: Number,
    look: Look,
) -> Axes:
    beside, over = (widest(each, SMALL_POINTS) for each in shown)
    left = MARGIN + beside + 0.08 + (_NAME if names[0] else 0)
    above = MARGIN + (TITLE if title else 0) + over + 0.08 + (_NAME if names[1] else 0)
    cell = min(max(width - left - _BAR, 0.5) / values.shape[1], 0.5)
    side, down = max(cell * values.shape[1], 0.5), max(cell * values.shape[0], 0.5)
    picture = new_picture(width, above + down + MARGIN, look)
    picture.set_label(f"How alike {' and '.join(dict.fromkeys(map(str, values.shape)))} layers are")
    bar = (left + side + 0.1, above, 0.1, min(down, 1.6))
    colour_bar(picture, bar, "cividis", ("0", "1"), look)
    return panel(picture, left, above, side, down)


def _write_hundredths(axes: Axes, values: np.ndarray) -> None:
    count = values.shape[1]
    if max(values.shape) > _NUMBERS_UP_TO:
        return
    points = min(SMALL_POINTS, 72 * inches_of(axes)[0] / count / 2.2)
    for row, column in np.argwhere(np.isfinite(values)):
        value = values[row, column]
        axes.text(
            column,
            row,
            f"{100 * value:.0f}".replace("-", "−"),
            ha="center",
            va="center",
            fontsize=points,
            color="#ffffff" if value < 0.55 else "#1b1e23",
        )
