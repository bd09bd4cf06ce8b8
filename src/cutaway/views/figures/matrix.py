"""Which classes are taken for which others."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from jaxtyping import Float
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb

from cutaway.errors import InputError
from cutaway.views.figures.arrays import floats_of
from cutaway.views.figures.canvas import MARGIN, TITLE, head, inches_of, new_picture, panel
from cutaway.views.figures.grid import show
from cutaway.views.figures.names import Number, names_of, shorten, widest
from cutaway.views.figures.theme import SMALL_POINTS, Look, drawing

_NUMBERS_UP_TO = 25
_LEAST_POINTS = 4.5


def confusion(
    matrix: Any,
    class_names: Sequence[Any] | None = None,
    *,
    title: str | None = None,
    axes: Axes | None = None,
    width: Number = 5.0,
    theme: str = "light",
) -> Axes:
    """The confusion matrix: a row a true class, a column a predicted one.

    A cell's depth is its share of the row (its square root, so that rare mistakes are seen); its
    number is the count, written for up to 25 classes, zeros left out. Names are written where they
    find room; `confusion_overview` shows more classes than that.

    Args:
        matrix: Counts (classes, classes).
        class_names: A name for each class number.
        title: Written above.
        axes: Where to draw; a new figure by default.
        width: Inches of a new figure.
        theme: "light", "dark" or "inherit".

    Raises:
        InputError: The matrix is not square, or holds negative counts.

    Example:
        >>> axes = confusion([[8, 2], [0, 10]], ["cat", "dog"])
        >>> [text.get_text() for text in axes.texts]
        ['8', '2', '10']
    """
    counts = np.nan_to_num(floats_of(matrix, "matrix", "classes classes"))
    classes = len(counts)
    if counts.shape != (classes, classes) or not classes or np.any(counts < 0):
        raise InputError(
            f"matrix has shape {counts.shape} and a lowest value of {counts.min(initial=0):g}; "
            "expected counts of shape (classes, classes), true classes as rows"
        )
    names = [shorten(name, 14) for name in names_of(class_names, classes)[:classes]]
    upright = classes * widest(names, SMALL_POINTS) < width - 1 or all(len(n) <= 3 for n in names)
    points = min(SMALL_POINTS, 72 * (width - 1) / classes / 1.15)
    named = points >= _LEAST_POINTS
    with drawing(theme) as look:
        if axes is None:
            room = widest(names, SMALL_POINTS) if named else 0.0
            left = MARGIN + 0.22 + room
            above = MARGIN + (TITLE if title else 0) + 0.22 + (0.1 if upright else room)
            side = max(min(width - left - MARGIN, classes * 0.7), 0.5)
            picture = new_picture(width, above + side + MARGIN, look)
            picture.set_label(f"Confusion matrix of {classes} classes")
            axes = panel(picture, left, above, side, side)
        draw_cells(axes, counts, look)
        if classes <= _NUMBERS_UP_TO:
            _write_counts(axes, counts, look)
        if named:
            axes.set_yticks(range(classes), names)
            axes.set_xticks(range(classes), names, rotation=0 if upright else 90)
            for text in (*axes.get_xticklabels(), *axes.get_yticklabels()):
                text.set(fontsize=points, color=look.ink, parse_math=False)
        axes.xaxis.tick_top()
        axes.xaxis.set_label_position("top")
        axes.tick_params(length=0, pad=3)
        axes.set_xlabel("predicted", labelpad=4)
        axes.set_ylabel("true", labelpad=4)
        head(axes, title)
    return axes


def draw_cells(axes: Axes, counts: Float[np.ndarray, "classes classes"], look: Look) -> None:
    """Draws a cell for each pair of classes, deep where much of the row lies in it."""
    cells = np.empty((*counts.shape, 4))
    cells[..., :3] = to_rgb(look.accent)
    cells[..., 3] = 0.04 + 0.96 * _depth(counts)
    show(axes, cells, named=True)


def _depth(counts: Float[np.ndarray, "classes classes"]) -> Float[np.ndarray, "classes classes"]:
    """The square root of each cell's share of its row, by which rare mistakes are seen."""
    return np.sqrt(counts / np.maximum(counts.sum(axis=1, keepdims=True), 1))


def _write_counts(axes: Axes, counts: Float[np.ndarray, "classes classes"], look: Look) -> None:
    side = inches_of(axes)[0]
    depth = _depth(counts)
    longest = max(len(f"{count:.0f}") for count in counts.ravel())
    points = min(SMALL_POINTS, 72 * side / len(counts) / (0.68 * longest))
    for row, column in np.argwhere(counts > 0):
        axes.text(
            column,
            row,
            f"{counts[row, column]:.0f}",
            ha="center",
            va="center",
            fontsize=points,
            color="#ffffff" if depth[row, column] > 0.6 else look.ink,
        )
