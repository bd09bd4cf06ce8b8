"""What units want to see, above the samples that move them most."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from PIL import Image

from cutaway.errors import InputError
from cutaway.views.figures.arrays import pictures_of
from cutaway.views.figures.canvas import PAGE, require_width
from cutaway.views.figures.grid import opaque
from cutaway.views.figures.named_tiles import named_tiles
from cutaway.views.figures.names import Number, shorten


def unit_images(
    images: Any,
    names: Sequence[Any] | None = None,
    samples: Any = None,
    *,
    title: str | None = None,
    width: Number = PAGE,
    theme: str = "light",
) -> Axes:
    """Images that units answer most to, each unit's number or name beneath.

    Args:
        images: Images (units, height, width[, channels]), as `cutaway.diagnosis.unit_images` gives
            them.
        names: A number or name for each unit; their places by default.
        samples: For each unit the sample that moves it most, drawn under its image at the same
            size; it may be of another size.
        title: Written above.
        width: Inches.
        theme: "light", "dark" or "inherit".

    Raises:
        InputError: There is no image, or there are not as many names or samples.

    Example:
        >>> axes = unit_images(np.zeros((2, 8, 8)), [3, 7])
        >>> [text.get_text() for text in axes.texts]
        ['3', '7']
    """
    tiles = opaque(pictures_of(images, "images"))
    under = None if samples is None else opaque(pictures_of(samples, "samples"))
    given = list(range(len(tiles))) if names is None else list(names)
    counts = {len(tiles), len(given), len(tiles if under is None else under)}
    if len(counts) > 1 or not len(tiles):
        raise InputError(
            f"images has {len(tiles)} images, names {len(given)} and samples "
            f"{'none' if under is None else len(under)}; expected one or more, and as many of each"
        )
    if under is not None:
        gap = max(1, tiles.shape[1] // 16)
        space = np.zeros((len(tiles), gap, *tiles.shape[2:]), np.uint8)
        tiles = np.concatenate([tiles, space, _sized(under, tiles.shape[1:3])], axis=1)
    label = f"Images that {len(tiles)} units answer most to"
    texts = [shorten(name) for name in given]
    return named_tiles(tiles, texts, label, title, require_width(width), theme)


def _sized(tiles: np.ndarray, size: tuple[int, ...]) -> np.ndarray:
    if tiles.shape[1:3] == size:
        return tiles
    height, width = size
    return np.stack(
        [
            np.asarray(Image.fromarray(tile).resize((width, height), Image.Resampling.BILINEAR))
            for tile in tiles
        ]
    )
