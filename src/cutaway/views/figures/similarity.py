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
from cutaway.views.figures.theme import SMALL_POINTS, drawing

_NUMBERS_UP_TO = 18
_NAMES_UP_TO = 60
_BAR = 0.5


def similarity(
    matrix: Any,
    layers: Sequence[Any],
    *,
    title: str | None = None,
    axes: Axes | None = None,
    width: Number = 5.0,
    theme: str = "light",
) -> Axes:
    """How alike layers are, each to each, by centred kernel alignment (CKA).

    Light cells are layers that see the samples alike. Hundredths are written for up to 18 layers.

    Args:
        matrix: CKA (layers, layers), up to 1; what is not finite stays blank.
        layers: Their names.
        title: Written above.
        axes: Where to draw; a new figure by default.
        width: Inches of a new figure.
        theme: "light", "dark" or "inherit".

    Raises:
        InputError: The matrix is not square, or does not fit the names.

    Example:
        >>> axes = similarity([[1, 0.25], [0.25, 1]], ["pixels", "fc"])
        >>> [text.get_text() for text in axes.texts]
        ['100', '25', '25', '100']
    """
    values = floats_of(matrix, "matrix", "layers layers")
    count = len(values)
    if values.shape != (count, count) or count != len(layers) or not count:
        raise InputError(
            f"matrix has shape {values.shape} and layers names {len(layers)}; expected a row and a "
            "column a layer"
        )
    names = [shorten(name, 22) for name in layers]
    named = count <= _NAMES_UP_TO
    with drawing(theme) as look:
        if axes is None:
            room = widest(names, SMALL_POINTS) if named else 0.0
            above = MARGIN + (TITLE if title else 0) + room + 0.08
            left = MARGIN + room + 0.08
            side = max(min(width - left - _BAR, count * 0.5), 0.5)
            picture = new_picture(width, above + side + MARGIN, look)
            picture.set_label(f"How alike {count} layers are")
            axes = panel(picture, left, above, side, side)
            bar = (left + side + 0.1, above, 0.1, min(side, 1.6))
            colour_bar(picture, bar, "cividis", ("0", "1"), look)
        show(axes, values, named=True, cmap="cividis", vmin=0, vmax=1)
        if named:
            axes.set_yticks(range(count), names)
            axes.set_xticks(range(count), names, rotation=90)
        axes.xaxis.tick_top()
        for text in (*axes.get_xticklabels(), *axes.get_yticklabels()):
            text.set(fontsize=SMALL_POINTS, color=look.ink, parse_math=False)
        axes.tick_params(length=0, pad=3)
        _write_hundredths(axes, values)
        head(axes, title)
    return axes


def _write_hundredths(axes: Axes, values: np.ndarray) -> None:
    count = len(values)
    if count > _NUMBERS_UP_TO:
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
