"""What an autoencoder keeps of images, and what lies between them on its map."""

from typing import Any

import numpy as np
from matplotlib.axes import Axes

from cutaway.errors import InputError
from cutaway.views.figures.arrays import array_of, pictures_of
from cutaway.views.figures.canvas import MARGIN, PAGE, TITLE, head, new_picture, panel
from cutaway.views.figures.grid import gap_of, height_of, mosaic, opaque, show
from cutaway.views.figures.names import Number, widest
from cutaway.views.figures.theme import TEXT_POINTS, drawing

_ROWS = ("original", "reconstructed", "difference")
_TILE_INCHES = 0.5


def reconstructions(
    originals: Any,
    reconstructed: Any,
    *,
    n: int | None = None,
    title: str | None = None,
    axes: Axes | None = None,
    width: Number = PAGE,
    theme: str = "light",
) -> Axes:
    """Originals above their reconstructions, and what differs, in one picture.

    Args:
        originals: Images (samples, height, width[, channels]) or channels first.
        reconstructed: Images of the same shape.
        n: How many to show, the first ones; as many as fit by default.
        title: Written above.
        axes: Where to draw; a new figure by default.
        width: Inches of a new figure.
        theme: "light", "dark" or "inherit".

    Raises:
        InputError: The shapes differ.

    Example:
        >>> axes = reconstructions(np.zeros((4, 8, 8)), np.ones((4, 8, 8)))
        >>> [text.get_text() for text in axes.get_yticklabels()]
        ['original', 'reconstructed', 'difference']
    """
    first, second = _on_one_scale(originals, reconstructed)
    if first.shape != second.shape:
        raise InputError(
            f"originals has shape {first.shape} and reconstructed {second.shape}; "
            "expected the same images before and after"
        )
    left = MARGIN + widest(_ROWS, TEXT_POINTS) + 0.1
    room = width - left - MARGIN
    count = min(len(first), max(1, int(room / _TILE_INCHES)) if n is None else n)
    if count < 1:
        raise InputError("originals holds no image to show; expected 1 or more, and n of 1 or more")
    height, tile_width = first.shape[1:3]
    gap = gap_of(height, tile_width)
    apart = np.abs(first[:count].astype(np.int16) - second[:count]).astype(np.uint8)
    tiles = opaque(np.concatenate([first[:count], second[:count], apart]))
    if first.shape[3] == 4:
        tiles[2 * count :, ..., 3] = 255
    image = mosaic(tiles, count, gap)
    with drawing(theme) as look:
        if axes is None:
            across = min(room, count * _TILE_INCHES * 1.6)
            top = MARGIN + (TITLE if title else 0)
            down = height_of(image, across)
            picture = new_picture(width, top + down + MARGIN, look)
            picture.set_label(f"{count} images and their reconstructions")
            axes = panel(picture, left, top, across, down)
        show(axes, image, named=True)
        middles = np.arange(3) * (height + gap) + (height - 1) / 2
        axes.set_yticks(middles, _ROWS, fontsize=TEXT_POINTS, color=look.ink)
        head(axes, title)
    return axes


def _on_one_scale(originals: Any, reconstructed: Any) -> tuple[np.ndarray, np.ndarray]:
    """Both as bytes; floats of a decoder that leave the originals' range are clipped to it."""
    before, after = array_of(originals, "originals"), array_of(reconstructed, "reconstructed")
    if before.dtype != np.uint8 and before.size:
        low, high = float(before.min()), float(before.max())
        low, high = (0.0, 1.0) if low >= 0 and high <= 1 else (low, high)
        scale = max(high - low, np.finfo(np.float64).tiny)
        before, after = ((each - low) / scale for each in (before, after))
        after = np.clip(after, 0, 1)
    elif after.dtype != np.uint8:
        after = np.rint(np.clip(after * (255 if after.max(initial=0) <= 1.5 else 1), 0, 255))
        after = after.astype(np.uint8)
    return pictures_of(before, "originals"), pictures_of(after, "reconstructed")


def map_walk(
    decoded: Any,
    *,
    title: str | None = None,
    axes: Axes | None = None,
    width: Number = 4.5,
    theme: str = "light",
) -> Axes:
    """A walk over an autoencoder's map: what it decodes at each place of a grid.

    Args:
        decoded: Images (rows, columns, height, width[, channels]), the first row at the top.
        title: Written above.
        axes: Where to draw; a new figure by default.
        width: Inches of a new figure.
        theme: "light", "dark" or "inherit".

    Raises:
        InputError: The shape is not that of a grid of images.

    Example:
        >>> map_walk(np.zeros((3, 4, 8, 8))).images[0].get_array().shape
        (24, 32, 4)
    """
    values = array_of(decoded, "decoded")
    if values.ndim not in (4, 5) or not values.size:
        raise InputError(
            f"decoded has shape {values.shape}; expected (rows, columns, height, width) "
            "or (rows, columns, height, width, channels)"
        )
    rows, columns = values.shape[:2]
    tiles = pictures_of(values.reshape(rows * columns, *values.shape[2:]), "decoded")
    image = mosaic(opaque(tiles), columns, 0)
    with drawing(theme) as look:
        if axes is None:
            top = MARGIN + (TITLE if title else 0)
            across = width - 2 * MARGIN
            down = height_of(image, across)
            picture = new_picture(width, top + down + MARGIN, look)
            picture.set_label(f"Images decoded at {rows} by {columns} places of a map")
            axes = panel(picture, MARGIN, top, across, down)
        show(axes, image)
        head(axes, title)
    return axes
