"""Mean images of classes, and images beside what they resemble."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from cutaway.errors import InputError
from cutaway.views.figures.arrays import pictures_of
from cutaway.views.figures.canvas import MARGIN, PAGE, TITLE, head, new_picture, panel
from cutaway.views.figures.grid import gap_of, height_of, mosaic, opaque, show
from cutaway.views.figures.named_tiles import named_tiles
from cutaway.views.figures.names import Number, names_of, widest
from cutaway.views.figures.theme import TEXT_POINTS, drawing

_TILE_INCHES = 0.6
_MOST = 60


def mean_images(
    means: Any,
    class_names: Sequence[Any] | None = None,
    *,
    title: str | None = None,
    width: Number = PAGE,
    theme: str = "light",
) -> Axes:
    """The mean image of each class, its name beneath: what is common to a class, pixel by pixel.

    Args:
        means: Images (classes, height, width[, channels]), as `Summary.mean_images`; the first 60
            are shown.
        class_names: A name for each class number; without them, or with one image, none is written.
        title: Written above.
        width: Inches.
        theme: "light", "dark" or "inherit".

    Raises:
        InputError: `means` are no images.

    Example:
        >>> axes = mean_images(np.zeros((2, 8, 8)), ["cat", "dog"])
        >>> [text.get_text() for text in axes.texts]
        ['cat', 'dog']
    """
    tiles = opaque(pictures_of(means, "means"))[:_MOST]
    named = class_names is not None and len(tiles) > 1
    names = names_of(class_names, len(tiles))[: len(tiles)] if named else ()
    return named_tiles(tiles, names, f"Mean image of {len(tiles)} classes", title, width, theme)


def twins(
    images: Any,
    others: Any,
    names: tuple[str, str] = ("image", "near copy"),
    *,
    title: str | None = None,
    width: Number = PAGE,
    theme: str = "light",
) -> Axes:
    """Images, each above another that it resembles.

    Args:
        images: Images (pairs, height, width[, channels]); as many as fit in three rows are shown.
        others: As many of the same shape.
        names: What the upper and the lower row are called.
        title: Written above.
        width: Inches.
        theme: "light", "dark" or "inherit".

    Raises:
        InputError: There is no pair, or the shapes differ.

    Example:
        >>> axes = twins(np.zeros((3, 8, 8), np.uint8), np.ones((3, 8, 8), np.uint8))
        >>> [text.get_text() for text in axes.get_yticklabels()]
        ['image', 'near copy']
    """
    first, second = pictures_of(images, "images"), pictures_of(others, "others")
    if first.shape != second.shape or not len(first):
        raise InputError(
            f"images has shape {first.shape} and others {second.shape}; expected one or more "
            "images, and as many others of the same shape"
        )
    left = MARGIN + widest(names, TEXT_POINTS) + 0.08
    room = width - left - MARGIN
    columns = max(1, min(len(first), int(room / _TILE_INCHES)))
    count = min(len(first), 3 * columns)
    rows = -(-count // columns)
    height, tile_width = first.shape[1:3]
    gap = gap_of(height, tile_width)
    blank = np.zeros((rows * columns - count, height, tile_width, 4), np.uint8)
    parts = [np.concatenate([opaque(part[:count]), blank]) for part in (first, second)]
    shape = (rows, columns, height, tile_width, 4)
    both = np.stack([part.reshape(shape) for part in parts], axis=1)
    image = mosaic(both.reshape(-1, height, tile_width, 4), columns, gap)
    across = min(room, columns * _TILE_INCHES * 1.5)
    with drawing(theme) as look:
        top = MARGIN + (TITLE if title else 0)
        picture = new_picture(width, top + height_of(image, across) + MARGIN, look)
        picture.set_label(f"{count} pairs of images that resemble each other")
        axes = panel(picture, left, top, across, height_of(image, across))
        show(axes, image, named=True)
        middles = np.arange(2 * rows) * (height + gap) + (height - 1) / 2
        axes.set_yticks(
            middles, list(names) * rows, fontsize=TEXT_POINTS, color=look.ink, parse_math=False
        )
        head(axes, title)
    return axes
