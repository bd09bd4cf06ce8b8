"""Small images in rows, each with its name beneath."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes

from cutaway.views.figures.canvas import MARGIN, TITLE, head, new_picture, panel
from cutaway.views.figures.grid import Tiles, gap_of, height_of, mosaic, show
from cutaway.views.figures.names import Number, shorten
from cutaway.views.figures.theme import SMALL_POINTS, drawing

_TILE_INCHES = 0.6
_NAME_INCHES = 0.16


def named_tiles(
    tiles: Tiles, names: Sequence[str], label: str, title: str | None, width: Number, theme: str
) -> Axes:
    """Tiles row by row, as many in a row as fit, each name under its tile.

    Args:
        tiles: Colours with opacity (tiles, height, width, 4).
        names: One for each tile, or none at all.
        label: What the figure shows, for those who cannot see it.
        title: Written above.
        width: Inches.
        theme: "light", "dark" or "inherit".
    """
    room = width - 2 * MARGIN
    columns = max(1, min(len(tiles), int(room / _TILE_INCHES)))
    height, tile_width = tiles.shape[1:3]
    across = min(room, columns * _TILE_INCHES * 1.5)
    inch = tile_width * columns / across  # pixels an inch, names aside
    gap = gap_of(tile_width, tile_width)
    below = round(_NAME_INCHES * inch) if len(names) else 0
    padded = np.pad(tiles, ((0, 0), (0, below), (0, 0), (0, 0)))
    image = mosaic(padded, columns, gap)
    with drawing(theme) as look:
        top = MARGIN + (TITLE if title else 0)
        picture = new_picture(width, top + height_of(image, across) + MARGIN, look)
        picture.set_label(label)
        axes = panel(picture, MARGIN, top, across, height_of(image, across))
        show(axes, image)
        longest = max(3, int(across / columns / (0.62 * SMALL_POINTS / 72)))
        for at, name in enumerate(names):
            row, column = divmod(at, columns)
            axes.text(
                column * (tile_width + gap) + (tile_width - 1) / 2,
                row * (height + below + gap) + height + 0.11 * inch,
                shorten(name, longest),
                ha="center",
                va="baseline",
                fontsize=SMALL_POINTS,
                color=look.ink,
                parse_math=False,
            )
        head(axes, title)
    return axes
