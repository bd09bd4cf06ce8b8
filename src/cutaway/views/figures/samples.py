"""What the images of a data set look like."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from jaxtyping import Int64
from matplotlib.axes import Axes

from cutaway.errors import InputError
from cutaway.views.figures.arrays import labelled, labels_of, pictures_of
from cutaway.views.figures.canvas import (
    MARGIN,
    PAGE,
    TITLE,
    head,
    new_picture,
    panel,
    require_width,
)
from cutaway.views.figures.grid import gap_of, height_of, mosaic, opaque, round_columns, show
from cutaway.views.figures.names import Number, names_of, widest
from cutaway.views.figures.theme import TEXT_POINTS, drawing

_TILE_INCHES = 0.4
_MOST_CLASSES = 25


def samples(
    data: Any,
    n: int | None = None,
    by_class: bool = True,
    *,
    labels: Any = None,
    class_names: Sequence[Any] | None = None,
    title: str | None = None,
    axes: Axes | None = None,
    width: Number = PAGE,
    theme: str = "light",
) -> Axes:
    """Sample images in one picture, a row of them for each class.

    The samples are spread evenly over the data in its own order, so that equal data gives an equal
    picture. Where labels are missing or not wanted, the rows mean nothing. Of more than 25 classes
    the first 25 are shown, and the title says so.

    Args:
        data: `Images`, or an array of images: (n, height, width), channels last or channels first.
        n: About how many images to show in all; as many as fit in at most ten rows or one a class
            by default.
        by_class: Whether each row holds one class.
        labels: Class numbers, where `data` does not bring them.
        class_names: A name for each class number.
        title: Written above.
        axes: Where to draw; a new figure by default.
        width: Inches of a new figure.
        theme: "light", "dark" or "inherit".

    Raises:
        InputError: Shapes do not fit.

    Example:
        >>> axes = samples(np.zeros((6, 8, 8), np.uint8), labels=[0, 0, 1, 1, 2, 2])
        >>> [text.get_text() for text in axes.get_yticklabels()]
        ['0', '1', '2']
    """
    labels, class_names = labelled(data, labels, class_names)
    pictures = pictures_of(data)
    if n is not None and n < 1:
        raise InputError(f"n={n} samples cannot be shown; expected 1 or more")
    numbers = labels_of(labels, len(pictures)) if by_class else None
    chosen = _in_order(len(pictures), n, width)
    names: tuple[str, ...] = ()
    columns = None
    if numbers is not None and numbers.size:
        known = names_of(class_names, int(numbers.max()) + 1)
        chosen, names, columns = _class_rows(numbers, n, known, width)
        title = _note_of_left_out(title, numbers, len(names))
    return _draw(opaque(pictures), chosen, columns, names, title, axes, width, theme)


def _in_order(count: int, n: int | None, width: Number) -> Int64[np.ndarray, " shown"]:
    wanted = n or int((width - 2 * MARGIN) / _TILE_INCHES) * 6
    return _spread(np.arange(count), wanted)


def _class_rows(
    labels: Int64[np.ndarray, " samples"], n: int | None, names: tuple[str, ...], width: Number
) -> tuple[Int64[np.ndarray, " shown"], tuple[str, ...], int]:
    """Sample numbers row by row, −1 for an empty place; the rows' names; the columns."""
    present = np.unique(labels)[:_MOST_CLASSES]
    room = width - 2 * MARGIN - widest([names[label] for label in present], TEXT_POINTS)
    columns = max(1, int(room / _TILE_INCHES)) if n is None else max(1, n // len(present))
    columns = min(columns, int(np.bincount(labels).max()))
    rows = np.full((len(present), columns), -1, dtype=np.int64)
    for row, label in zip(rows, present, strict=True):
        members = _spread(np.flatnonzero(labels == label), columns)
        row[: len(members)] = members
    return rows.ravel(), tuple(names[label] for label in present), columns


def _spread(indices: np.ndarray, wanted: int) -> Int64[np.ndarray, " shown"]:
    if len(indices) <= wanted:
        return indices.astype(np.int64)
    return indices[np.linspace(0, len(indices) - 1, wanted).astype(np.int64)]


def _note_of_left_out(title: str | None, labels: np.ndarray, shown: int) -> str | None:
    classes = len(np.unique(labels))
    if classes <= shown:
        return title
    note = f"{shown} of {classes} classes"
    return f"{title} ({note})" if title else note


def _draw(
    tiles: np.ndarray,
    chosen: Int64[np.ndarray, " shown"],
    columns: int | None,
    names: tuple[str, ...],
    title: str | None,
    axes: Axes | None,
    width: Number,
    theme: str,
) -> Axes:
    height, tile_width = tiles.shape[1:3]
    gap = gap_of(height, tile_width)
    left = MARGIN + (widest(names, TEXT_POINTS) + 0.08 if names else 0.0)
    room = require_width(width) - left - MARGIN
    columns = columns or round_columns(len(chosen), int(room / _TILE_INCHES))
    shown = tiles[np.maximum(chosen, 0)] if len(tiles) else np.zeros((1, 8, 8, 4), np.uint8)
    shown[chosen < 0] = 0
    image = mosaic(shown, columns, gap)
    with drawing(theme) as look:
        if axes is None:
            # Few images stay small rather than fill the page with one picture.
            across = min(room, columns * _TILE_INCHES * 2)
            top = MARGIN + (TITLE if title else 0)
            down = height_of(image, across)
            picture = new_picture(width, top + down + MARGIN, look)
            picture.set_label(f"{len(chosen[chosen >= 0])} sample images")
            axes = panel(picture, left, top, across, down)
        show(axes, image, named=bool(names))
        if names:
            middles = np.arange(len(names)) * (height + gap) + (height - 1) / 2
            axes.set_yticks(middles, names, fontsize=TEXT_POINTS, color=look.ink, parse_math=False)
        if not len(tiles):
            axes.text(0, 0, "no images", color=look.quiet, va="center")
        head(axes, title)
    return axes
