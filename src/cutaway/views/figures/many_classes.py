"""Which of many classes are taken for which others."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from jaxtyping import Float, Int64
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from cutaway.errors import InputError
from cutaway.views.figures.arrays import floats_of
from cutaway.views.figures.canvas import MARGIN, PAGE, TITLE, fitted, panel, width_of, write
from cutaway.views.figures.matrix import confusion, draw_cells
from cutaway.views.figures.names import Number, names_of, plain, shorten, widest
from cutaway.views.figures.theme import SMALL_POINTS, TITLE_POINTS, Look, drawing

_BLOCK = 14
_HEAD, _LINE, _BETWEEN = 0.36, 0.15, 0.3
_NARROW = 5.0


def confusion_overview(
    matrix: Any,
    class_names: Sequence[Any] | None = None,
    *,
    pairs: int = 12,
    title: str | None = None,
    figure: Figure | None = None,
    width: Number = PAGE,
    theme: str = "light",
) -> Figure:
    """The confusion matrix of more classes than can be named: whole, worst block, worst pairs.

    Classes are ordered so that those that are taken for each other stand together. The frame marks
    the fourteen neighbours with most errors among them, drawn beside with names and counts.

    Args:
        matrix: Counts (classes, classes), true classes as rows.
        class_names: A name for each class number.
        pairs: So many of the most confused pairs are listed.
        title: Written above.
        figure: Where to draw, its height adapted; a new figure by default.
        width: Inches of a new figure.
        theme: "light", "dark" or "inherit".

    Raises:
        InputError: The matrix is not square, or holds negative counts.

    Example:
        >>> counts = np.eye(60, dtype=int) * 9
        >>> counts[3, 40] = 5
        >>> picture = confusion_overview(counts, pairs=1)
        >>> picture.texts[-1].get_text()
        '3 taken for 40: 5 of 14'
    """
    # Its room takes longer to import than all figures, and not all need it.
    from cutaway.diagnosis.confusion import confused_pairs, confusion_order, worst_block

    counts = np.nan_to_num(floats_of(matrix, "matrix", "classes classes"))
    classes = len(counts)
    if counts.shape != (classes, classes) or not classes or np.any(counts < 0):
        raise InputError(
            f"matrix has shape {counts.shape} and a lowest value of {counts.min(initial=0):g}; "
            "expected counts of shape (classes, classes), true classes as rows"
        )
    whole = counts.astype(np.int64)
    names = names_of(class_names, classes)
    order = confusion_order(whole)
    side = min(_BLOCK, classes)
    first = worst_block(whole[np.ix_(order, order)], side)
    lines = _lines(confused_pairs(whole, pairs), whole.sum(axis=1), names)
    width = width_of(figure, width)
    stacked = width < _NARROW
    cell = width - 2 * MARGIN if stacked else (width - 2 * MARGIN - _BETWEEN) / 2
    columns = 1 if stacked else 2
    top = MARGIN + (TITLE if title else 0)
    below = (_LINE * -(-len(lines) // columns) + 0.3) if lines else 0.05
    with drawing(theme) as look:
        high = _HEAD + cell
        body = (2 * high + 0.15) if stacked else high
        figure = fitted(figure, width, top + body + below + MARGIN, look)
        figure.set_label(f"Confusion matrix of {classes} classes")
        if title:
            write(figure, MARGIN, MARGIN, plain(title), fontweight="bold", fontsize=TITLE_POINTS)
        _draw_whole(figure, counts[np.ix_(order, order)], (MARGIN, top, cell), first, side, look)
        place = (MARGIN, top + high + 0.15) if stacked else (MARGIN + cell + _BETWEEN, top)
        chosen = order[first : first + side]
        _draw_block(figure, counts, chosen, names, (*place, cell), look, theme)
        _write_lines(figure, lines, (top + body + 0.12, columns, cell + _BETWEEN), look)
    return figure


def _lines(
    pairs: Sequence[tuple[int, int, int]],
    totals: Int64[np.ndarray, " classes"],
    names: Sequence[str],
) -> list[str]:
    return [
        f"{shorten(names[label], 20)} taken for {shorten(names[predicted], 20)}: "
        f"{count:,} of {totals[label]:,}"
        for label, predicted, count in pairs
    ]


def _draw_whole(
    figure: Figure,
    counts: Float[np.ndarray, "classes classes"],
    place: tuple[Number, Number, Number],
    first: int,
    side: int,
    look: Look,
) -> None:
    left, top, cell = place
    write(figure, left, top, f"All {len(counts)} classes", fontweight="bold")
    note = "those taken for each other side by side; rows true, columns predicted"
    small = {"fontsize": SMALL_POINTS, "color": look.quiet}
    write(figure, left, top + 0.16, _fit(note, cell), **small)
    axes = panel(figure, left, top + _HEAD, cell, cell)
    draw_cells(axes, counts, look)
    frame = Rectangle((first - 0.5, first - 0.5), side, side, fill=False, linewidth=1.2)
    frame.set(edgecolor=look.second, clip_on=False)
    axes.add_patch(frame)


def _fit(text: str, room: Number) -> str:
    """The text's first clause where the whole would not fit."""
    return text if widest([text], SMALL_POINTS) <= room else text.partition(";")[0]


def _draw_block(
    figure: Figure,
    counts: Float[np.ndarray, "classes classes"],
    chosen: Int64[np.ndarray, " side"],
    names: Sequence[str],
    place: tuple[Number, Number, Number],
    look: Look,
    theme: str,
) -> None:
    left, top, cell = place
    write(figure, left, top, "Where most is mistaken", fontweight="bold")
    words = [shorten(names[label], 12) for label in chosen]
    room = widest(words, SMALL_POINTS) + 0.05
    small = {"fontsize": SMALL_POINTS, "color": look.quiet}
    write(figure, left, top + 0.16, _fit("the frame; numbers are samples", cell), **small)
    side = cell - room
    axes = panel(figure, left + room, top + _HEAD + room, side, side)
    confusion(counts[np.ix_(chosen, chosen)], words, axes=axes, theme=theme)
    axes.set(xlabel="", ylabel="")
    for text in axes.get_xticklabels():
        text.set_rotation(90)


def _write_lines(
    figure: Figure, lines: list[str], place: tuple[Number, int, Number], look: Look
) -> None:
    top, columns, step = place
    if not lines:
        return
    write(figure, MARGIN, top, "Most confused pairs", fontweight="bold")
    rows = -(-len(lines) // columns)
    for index, line in enumerate(lines):
        column, row = divmod(index, rows)
        left = MARGIN + column * step
        write(figure, left, top + 0.18 + row * _LINE, line, fontsize=SMALL_POINTS, color=look.ink)
