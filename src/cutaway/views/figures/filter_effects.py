"""Filters sorted by what they do."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from cutaway.errors import InputError
from cutaway.views.figures.arrays import floats_of
from cutaway.views.figures.canvas import MARGIN, PAGE, TITLE, fitted, panel, width_of, write
from cutaway.views.figures.filters import filter_tiles
from cutaway.views.figures.grid import height_of, mosaic, show
from cutaway.views.figures.names import Number, plain, shorten
from cutaway.views.figures.theme import SMALL_POINTS, TITLE_POINTS, drawing

_TILE = 0.42
_HEAD, _LABEL = 0.24, 0.14


def filter_effects(
    weights: Any,
    effects: Sequence[str],
    *,
    title: str | None = None,
    figure: Figure | None = None,
    width: Number = PAGE,
    theme: str = "light",
) -> Figure:
    """The filters of a convolution in groups of what they do, the largest group first.

    Under each filter stand its number and, for edges, their angle. Colours and greys are those of
    `filters`.

    Args:
        weights: (filters, channels, height, width).
        effects: What each filter does, such as "smoothing" or "oriented edge (45°)"; the words in
            brackets do not make a group of their own.
        title: Written above.
        figure: Where to draw, its height adapted; a new figure by default.
        width: Inches of a new figure.
        theme: "light", "dark" or "inherit".

    Raises:
        InputError: There are no filters, or not an effect for each.

    Example:
        >>> picture = filter_effects(np.ones((2, 1, 3, 3)), ["smoothing", "noise-like"])
        >>> len(picture.axes)
        2
    """
    values = np.nan_to_num(floats_of(weights, "weights", "filters channels height width"))
    if not len(values) or len(effects) != len(values):
        raise InputError(
            f"effects holds {len(effects)} names and weights {len(values)} filters; expected one "
            "for each filter"
        )
    tiles, scale = filter_tiles(values)
    groups: dict[str, list[int]] = {}
    for number, effect in enumerate(effects):
        groups.setdefault(effect.partition(" (")[0] or "silent", []).append(number)
    width = width_of(figure, width)
    columns = max(1, int((width - 2 * MARGIN) / _TILE))
    gap = max(1, tiles.shape[1] // 6)
    ordered = sorted(groups.items(), key=lambda group: -len(group[1]))
    heights = [_HEAD + -(-len(group) // columns) * (_TILE + _LABEL) for _, group in ordered]
    top = MARGIN + (TITLE if title else 0)
    with drawing(theme) as look:
        figure = fitted(figure, width, top + sum(heights) + MARGIN, look)
        figure.set_label("Filters by what they do")
        if title:
            write(figure, MARGIN, MARGIN, plain(title), fontweight="bold", fontsize=TITLE_POINTS)
        small = {"fontsize": SMALL_POINTS, "color": look.quiet, "ha": "center"}
        for (kind, group), height in zip(ordered, heights, strict=True):
            words = f"{shorten(kind, 30)}: {len(group)} of {len(values)}"
            write(figure, MARGIN, top, words, fontweight="bold")
            for row, start in enumerate(range(0, len(group), columns)):
                chosen = group[start : start + columns]
                image = mosaic(tiles[chosen], len(chosen), gap)
                pixels = tiles.shape[2] + gap
                across = _TILE * (len(chosen) - gap / pixels)
                below = top + _HEAD + row * (_TILE + _LABEL)
                axes = panel(figure, MARGIN, below, across, height_of(image, across))
                show(axes, image, **scale)
                for place, number in enumerate(chosen):
                    middle = MARGIN + _TILE * (place + 0.5 - gap / pixels / 2)
                    under = below + height_of(image, across) + 0.02
                    write(figure, middle, under, _label(number, effects[number]), **small)
            top += height
    return figure


def _label(number: int, effect: str) -> str:
    angle = effect.partition(" (")[2].rstrip(")")
    return f"{number} {angle}" if angle.endswith("°") else str(number)
