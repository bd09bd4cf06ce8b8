"""Images beside what an attack made of them, and what layers make of both."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from cutaway.errors import InputError
from cutaway.views.figures.arrays import floats_of, pictures_of
from cutaway.views.figures.canvas import (
    MARGIN,
    PAGE,
    TITLE,
    fitted,
    head,
    new_picture,
    panel,
    width_of,
    write,
)
from cutaway.views.figures.grid import (
    gap_of,
    height_of,
    mosaic,
    opaque,
    round_columns,
    show,
)
from cutaway.views.figures.names import Number, ends, plain, shorten, widest
from cutaway.views.figures.theme import SMALL_POINTS, TEXT_POINTS, TITLE_POINTS, Look, drawing

_ROWS = ("clean", "attacked", "difference")
_TILE_INCHES = 0.72
_CAPTION = 0.3


def attacked(
    images: Any,
    changed: Any,
    names: Sequence[tuple[str, str]] | None = None,
    *,
    title: str | None = None,
    width: Number = PAGE,
    theme: str = "light",
) -> Axes:
    """Images above what an attack made of them, and the difference, enlarged until it is seen.

    Mid-grey is no difference; each image's largest one is drawn white or black.

    Args:
        images: Images (samples, height, width[, channels]); as many as fit are shown.
        changed: As many of the same shape.
        names: What the network names each, before and after, written beneath.
        title: Written above.
        width: Inches.
        theme: "light", "dark" or "inherit".

    Raises:
        InputError: There is no image, or the shapes differ.

    Example:
        >>> axes = attacked(np.zeros((2, 8, 8), np.uint8), np.ones((2, 8, 8), np.uint8))
        >>> [text.get_text() for text in axes.get_yticklabels()]
        ['clean', 'attacked', 'difference']
    """
    first, second = pictures_of(images, "images"), pictures_of(changed, "changed")
    if first.shape != second.shape or not len(first):
        raise InputError(
            f"images has shape {first.shape} and changed {second.shape}; expected one or more "
            "images, and as many changed ones of the same shape"
        )
    left = MARGIN + widest(_ROWS, TEXT_POINTS) + 0.08
    room = width - left - MARGIN
    count = max(1, min(len(first), int(room / _TILE_INCHES)))
    height, tile_width = first.shape[1:3]
    apart = second[:count].astype(np.int16) - first[:count]
    times = 127 / np.maximum(np.abs(apart).max(axis=(1, 2, 3), keepdims=True), 1)
    differences = np.rint(127.5 + apart * times).clip(0, 255).astype(np.uint8)
    tiles = opaque(np.concatenate([first[:count], second[:count], differences]))
    gap = gap_of(height, tile_width)
    image = mosaic(tiles, count, gap)
    across = min(room, count * _TILE_INCHES * 1.4)
    with drawing(theme) as look:
        top = MARGIN + (TITLE if title else 0)
        down = height_of(image, across)
        picture = new_picture(width, top + down + (_CAPTION if names else 0) + MARGIN, look)
        picture.set_label(f"{count} images before and after an attack")
        axes = panel(picture, left, top, across, down)
        show(axes, image, named=True)
        middles = np.arange(3) * (height + gap) + (height - 1) / 2
        axes.set_yticks(middles, _ROWS, fontsize=TEXT_POINTS, color=look.ink)
        step = across * (tile_width + gap) / image.shape[1]
        for column, pair in enumerate((names or ())[:count]):
            _caption(picture, pair, (left + step * column, top + down, step), look)
        head(axes, title)
    return axes


def _caption(
    figure: Figure, names: tuple[str, str], place: tuple[Number, Number, Number], look: Look
) -> None:
    left, top, room = place
    longest = max(4, int(room / (0.58 * SMALL_POINTS / 72)))
    before, after = (shorten(name, longest) for name in names)
    write(figure, left, top + 0.04, before, fontsize=SMALL_POINTS, color=look.quiet)
    weight = "bold" if before != after else "normal"
    write(figure, left, top + 0.17, after, fontsize=SMALL_POINTS, fontweight=weight)


def attacked_maps(
    clean: Any,
    changed: Any,
    *,
    n: int = 32,
    title: str | None = None,
    figure: Figure | None = None,
    width: Number = PAGE,
    theme: str = "light",
) -> Figure:
    """The feature maps of a layer for an image, for the same image attacked, and what differs.

    Clean and attacked maps share one scale, from the lowest value (black) to the highest (white);
    in the difference mid-grey is none. The channels of the largest difference are shown, in order.

    Args:
        clean: Activations (channels, height, width).
        changed: Those of the attacked image, of the same shape.
        n: At most this many channels.
        title: Written above.
        figure: Where to draw, its height adapted; a new figure by default.
        width: Inches of a new figure.
        theme: "light", "dark" or "inherit".

    Raises:
        InputError: The shapes differ, or are not those of feature maps.

    Example:
        >>> len(attacked_maps(np.ones((4, 6, 6)), np.zeros((4, 6, 6))).axes)
        3
    """
    before = np.nan_to_num(floats_of(clean, "clean", "channels height width"))
    after = np.nan_to_num(floats_of(changed, "changed", "channels height width"))
    if before.shape != after.shape or not before.size or n < 1:
        raise InputError(
            f"clean has shape {before.shape}, changed {after.shape}, and n={n}; expected equal "
            "shapes of one channel or more, and n of 1 or more"
        )
    sizes = np.linalg.norm((after - before).reshape(len(before), -1), axis=1)
    chosen = np.sort(np.argsort(-sizes, kind="stable")[:n])
    before, after, total = before[chosen], after[chosen], len(before)
    width = width_of(figure, width)
    stacked = width < 3.6
    cell = width - 2 * MARGIN if stacked else (width - 2 * MARGIN - 0.3) / 3
    columns = round_columns(len(chosen), 8)
    gap = gap_of(*before.shape[1:])
    limit = float(np.abs(after - before).max()) or 1.0
    low, high = float(min(before.min(), after.min())), float(max(before.max(), after.max()))
    scales = ((before, low, high), (after, low, high), (after - before, -limit, limit))
    down = height_of(mosaic(before, columns, gap), cell) + 0.43
    with drawing(theme) as look:
        top = MARGIN + (TITLE if title else 0)
        figure = fitted(figure, width, top + down * (3 if stacked else 1) + MARGIN, look)
        figure.set_label(f"Feature maps of {len(chosen)} channels before and after an attack")
        if title:
            write(figure, MARGIN, MARGIN, plain(title), fontweight="bold", fontsize=TITLE_POINTS)
        for number, (name, (values, lowest, highest)) in enumerate(zip(_ROWS, scales, strict=True)):
            row, column = (number, 0) if stacked else (0, number)
            left = MARGIN + column * (cell + 0.15)
            note = _chosen_in_words(len(chosen), total) if number == 0 else ""
            place = (left, top + row * down, cell)
            _mosaic(figure, name, note, values, (lowest, highest), (columns, gap), place, look)
    return figure


def _chosen_in_words(shown: int, total: int) -> str:
    return f"{shown} of {total} channels" if shown < total else f"{total} channels"


def _mosaic(
    figure: Figure,
    name: str,
    note: str,
    values: np.ndarray,
    scale: tuple[float, float],
    grid: tuple[int, int],
    place: tuple[Number, Number, Number],
    look: Look,
) -> None:
    left, top, cell = place
    columns, gap = grid
    low, high = scale
    lowest, highest = ends(low, high)
    write(figure, left, top, name, fontweight="bold")
    text = f"{note + ', ' if note else ''}{lowest} to {highest}"
    write(figure, left, top + 0.15, text, fontsize=SMALL_POINTS, color=look.quiet)
    image = mosaic(values, columns, gap)
    across = cell
    axes = panel(figure, left, top + 0.33, across, height_of(image, across))
    show(axes, image, cmap="gray", vmin=low, vmax=high if high > low else low + 1)
