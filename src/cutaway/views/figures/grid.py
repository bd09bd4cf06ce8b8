"""Many small images composed into one, so that one call draws them all."""

from typing import Any

import numpy as np
from jaxtyping import Float, UInt8
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Colormap, Normalize
from matplotlib.figure import Figure
from matplotlib.image import BboxImage
from matplotlib.transforms import Bbox, TransformedBbox

from cutaway.views.figures.canvas import bare, inches_of, write
from cutaway.views.figures.names import Number
from cutaway.views.figures.theme import SMALL_POINTS, Look

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


def height_of(image: np.ndarray, width: Number) -> Number:
    """How high an image is when it is drawn `width` inches wide."""
    return width * image.shape[0] / max(image.shape[1], 1)


def show(axes: Axes, image: np.ndarray, *, named: bool = False, **options: Any) -> None:
    """Draws an image pixel by pixel, without frame; SVG keeps its own resolution.

    Args:
        axes: Where to draw.
        image: Values, or colours.
        named: Whether ticks that are set later shall be seen. matplotlib spends more time on the
            ticks of an image than on its pixels.
        **options: Where the image holds values: cmap, vmin and vmax, as in `Axes.imshow`.
    """
    if named:
        bare(axes)
    else:
        axes.set_axis_off()
    if image.ndim == 2:
        # Few pixels become colours here, rather than many when matplotlib has enlarged them.
        image = ScalarMappable(_scale(**options), options["cmap"]).to_rgba(image, bytes=True)
    axes.imshow(image, interpolation="none", aspect="equal", **options)


def _scale(vmin: Number, vmax: Number, **_: Any) -> Normalize:
    return Normalize(vmin, vmax)


def number_tiles(
    axes: Axes, count: int, columns: int, tile: tuple[int, int], gap: int, look: Look
) -> None:
    """Numbers rows by their first tile at the left, columns from 0 at the top.

    The number of a tile is the sum of the two. Below two tiles there is nothing to number.
    """
    height, width = tile
    rows = -(-count // columns)
    # Two points, in pixels of the image.
    space = 2 / 72 * (columns * (width + gap)) / inches_of(axes)[0]
    style: dict[str, Any] = {"fontsize": SMALL_POINTS, "color": look.quiet}
    for row in range(rows if rows > 1 else 0):
        middle = row * (height + gap) + (height - 1) / 2
        axes.text(-0.5 - space, middle, str(row * columns), ha="right", va="center", **style)
    for column in range(columns if count > 1 else 0):
        middle = column * (width + gap) + (width - 1) / 2
        axes.text(middle, -0.5 - space, str(column), ha="center", va="bottom", **style)


def colour_bar(
    figure: Figure,
    place: tuple[Number, Number, Number, Number],
    colours: str | Colormap,
    ends: tuple[str, ...],
    look: Look,
) -> None:
    """A vertical colour bar whose labels, from low to high, stand evenly at its right.

    Args:
        figure: Where to draw.
        place: Left, top, width and height in inches.
        colours: A matplotlib colour map or its name.
        ends: Texts from the lowest to the highest value.
        look: The theme's colours.
    """
    left, top, width, height = place
    across, down = figure.get_size_inches()
    box = Bbox.from_bounds(left / across, 1 - (top + height) / down, width / across, height / down)
    # An image without axes, which would take ten times as long to set up.
    bar = BboxImage(TransformedBbox(box, figure.transFigure), origin="lower")
    ramp = np.linspace(0, 1, 128)[:, np.newaxis]
    bar.set_data(ScalarMappable(Normalize(0, 1), colours).to_rgba(ramp, bytes=True))
    figure.add_artist(bar)
    # The outer labels stand within the bar's height, so that neighbours never touch.
    alignments = ("bottom", *["center"] * (len(ends) - 2), "top")
    for text, share, alignment in zip(ends, np.linspace(1, 0, len(ends)), alignments, strict=True):
        write(
            figure,
            left + width + 0.035,
            top + share * height,
            text,
            va=alignment,
            fontsize=SMALL_POINTS,
            color=look.quiet,
        )
