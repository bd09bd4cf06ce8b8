"""Many small images composed into one, so that one call draws them all."""

from typing import Any

import numpy as np
from jaxtyping import Float, UInt8
from matplotlib.axes import Axes
from matplotlib.colors import Colormap
from matplotlib.figure import Figure

from cutaway.views.figures.canvas import bare, panel
from cutaway.views.figures.theme import SMALL_POINTS

_ROUND_COUNTS = (1, 2, 4, 5, 8, 10, 12, 16, 20, 24, 32, 40, 50, 64)

Tiles = Float[np.ndarray, "tiles height width"] | UInt8[np.ndarray, "tiles height width rgba=4"]


def mosaic(tiles: Tiles, columns: int, gap: int) -> np.ndarray:
    """Tiles set row by row into one image, `gap` pixels apart.

    Args:
        tiles: Values, or colours with opacity.
        columns: Tiles a row; the last row may be shorter.
        gap: Pixels between tiles; they are NaN, or transparent, and show what is behind.

    Returns:
        Image of rows·(height + gap) − gap by columns·(width + gap) − gap pixels.

    Example:
        >>> mosaic(np.ones((3, 2, 2)), columns=2, gap=1).shape
        (5, 5)
    """
    count, height, width = tiles.shape[:3]
    rows = -(-count // columns)
    blank = 0 if tiles.dtype == np.uint8 else np.nan
    cells = np.full(
        (rows * columns, height + gap, width + gap, *tiles.shape[3:]), blank, dtype=tiles.dtype
    )
    cells[:count, :height, :width] = tiles
    cells = cells.reshape(rows, columns, *cells.shape[1:])
    image = np.swapaxes(cells, 1, 2).reshape(
        rows * (height + gap), columns * (width + gap), *tiles.shape[3:]
    )
    return image[: rows * (height + gap) - gap, : columns * (width + gap) - gap]


def gap_of(height: int, width: int) -> int:
    """Pixels between tiles: about a tenth of a tile, so that it is seen at any size."""
    return max(1, round(min(height, width) / 10))


def opaque(pictures: UInt8[np.ndarray, "tiles height width channels"]) -> Tiles:
    """Grey, colour, or colour with opacity, as colour with opacity."""
    channels = pictures.shape[3]
    if channels == 4:
        return pictures
    rgba = np.full((*pictures.shape[:3], 4), 255, dtype=np.uint8)
    rgba[..., :3] = pictures
    return rgba


def round_columns(count: int, most: int) -> int:
    """A number of columns that is easy to count by, at most `most` and no more than needed.

    Example:
        >>> round_columns(64, most=18), round_columns(6, most=18)
        (16, 6)
    """
    if count <= most:
        return max(count, 1)
    return max(number for number in _ROUND_COUNTS if number <= max(most, 1))


def height_of(image: np.ndarray, width: float) -> float:
    """How high an image is when it is drawn `width` inches wide."""
    return width * image.shape[0] / max(image.shape[1], 1)


def show(axes: Axes, image: np.ndarray, **options: Any) -> None:
    """Draws an image pixel by pixel, without frame; SVG keeps its own resolution."""
    bare(axes)
    axes.imshow(image, interpolation="none", aspect="equal", **options)


def number_tiles(axes: Axes, count: int, columns: int, height: int, width: int, gap: int) -> None:
    """Numbers rows by their first tile at the left, columns from 0 at the top.

    The number of a tile is the sum of the two.
    """
    rows = -(-count // columns)
    if rows > 1:
        axes.set_yticks(
            [row * (height + gap) + (height - 1) / 2 for row in range(rows)],
            [str(row * columns) for row in range(rows)],
            fontsize=SMALL_POINTS,
        )
    axes.xaxis.tick_top()
    axes.tick_params(length=0, pad=1.5)
    axes.set_xticks(
        [column * (width + gap) + (width - 1) / 2 for column in range(columns)],
        [str(column) for column in range(columns)],
        fontsize=SMALL_POINTS,
    )


def colour_bar(
    figure: Figure,
    place: tuple[float, float, float, float],
    colours: str | Colormap,
    ends: tuple[str, ...],
) -> Axes:
    """A vertical colour bar whose labels, from low to high, stand evenly at its right.

    Args:
        figure: Where to draw.
        place: Left, top, width and height in inches.
        colours: A matplotlib colour map or its name.
        ends: Texts from the lowest to the highest value.
    """
    axes = bare(panel(figure, *place))
    ramp = np.linspace(0, 1, 128)[:, np.newaxis]
    axes.imshow(ramp, cmap=colours, aspect="auto", origin="lower", interpolation="none")
    axes.yaxis.tick_right()
    axes.tick_params(length=0, pad=2)
    # The outer labels stand within the bar's height, so that neighbours never touch.
    axes.set_yticks(np.linspace(0, 127, len(ends)), ends, fontsize=SMALL_POINTS)
    alignments = ["bottom", *["center"] * (len(ends) - 2), "top"][: len(ends)]
    for text, alignment in zip(axes.get_yticklabels(), alignments, strict=True):
        text.set(verticalalignment=alignment)
    return axes
