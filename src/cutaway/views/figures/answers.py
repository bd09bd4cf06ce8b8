"""Images with what was said of each."""

from collections.abc import Sequence
from typing import Any

from matplotlib.figure import Figure

from cutaway.errors import InputError
from cutaway.views.figures.arrays import pictures_of
from cutaway.views.figures.canvas import MARGIN, PAGE, TITLE, fitted, panel, width_of, write
from cutaway.views.figures.grid import opaque, show
from cutaway.views.figures.names import Number, plain, shorten
from cutaway.views.figures.theme import SMALL_POINTS, TITLE_POINTS, drawing

_CELL, _GAP, _LINE = 0.95, 0.12, 0.125


def answers(
    images: Any,
    captions: Sequence[Sequence[str]],
    *,
    title: str | None = None,
    figure: Figure | None = None,
    width: Number = PAGE,
    theme: str = "light",
) -> Figure:
    """Images in rows, each with lines of text below: its label, what it was taken for, how surely.

    Args:
        images: As `plot.samples` takes them.
        captions: Lines for each image; the first is set in bold.
        title: Written above.
        figure: Where to draw, its height adapted; a new figure by default.
        width: Inches of a new figure.
        theme: "light", "dark" or "inherit".

    Raises:
        InputError: There is no image, or not a caption for each.

    Example:
        >>> import numpy as np
        >>> picture = answers(np.zeros((2, 8, 8)), [["cat", "right"], ["dog", "taken for cat"]])
        >>> [text.get_text() for text in picture.texts][-2:]
        ['dog', 'taken for cat']
    """
    tiles = opaque(pictures_of(images, "images"))
    if not len(tiles) or len(tiles) != len(captions):
        raise InputError(
            f"images holds {len(tiles)} and captions {len(captions)}; expected one or more images "
            "and a caption for each"
        )
    width = width_of(figure, width)
    room = width - 2 * MARGIN
    across = max(1, min(len(tiles), int((room + _GAP) / (_CELL + _GAP))))
    cell = min((room - _GAP * (across - 1)) / across, 1.4)
    lines = max(len(caption) for caption in captions)
    step = cell + 0.05 + lines * _LINE + _GAP
    top = MARGIN + (TITLE if title else 0)
    with drawing(theme) as look:
        figure = fitted(figure, width, top + -(-len(tiles) // across) * step + 0.02, look)
        figure.set_label(f"{len(tiles)} images and what was said of them")
        if title:
            write(figure, MARGIN, MARGIN, plain(title), fontweight="bold", fontsize=TITLE_POINTS)
        for index, (tile, caption) in enumerate(zip(tiles, captions, strict=True)):
            row, column = divmod(index, across)
            left, down = MARGIN + column * (cell + _GAP), top + row * step
            show(panel(figure, left, down, cell, cell), tile)
            for number, line in enumerate(caption):
                style: dict[str, Any] = {
                    "fontweight": "normal" if number else "bold",
                    "fontsize": SMALL_POINTS,
                }
                colour = look.quiet if number else look.ink
                place = (left, down + cell + 0.05 + number * _LINE)
                write(figure, *place, shorten(line, int(cell * 17)), color=colour, **style)
    return figure
