"""Which colour is which class: names at the medians of classes, or a key above the maps."""

from collections.abc import Sequence

import numpy as np
from jaxtyping import Float, Int64
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from cutaway.views.figures.canvas import MARGIN, inches_of
from cutaway.views.figures.names import Number, inches, widest
from cutaway.views.figures.palette import class_colours, marker_of
from cutaway.views.figures.placing import along_borders, crowded, spread_texts
from cutaway.views.figures.theme import SMALL_POINTS, TEXT_POINTS, Halo, Look

_ROW = 0.19
_MOST_NAMES = 30
_RIM = 0.04


def needs_key(names: Sequence[str], side: Number) -> bool:
    """Whether names are too long or too many to be written into a map of `side` inches."""
    if not names:
        return False
    area = sum(inches(name, TEXT_POINTS) * TEXT_POINTS / 72 for name in names)
    return widest(names, TEXT_POINTS) > side / 3 or area > side * side / 25


def key_height(names: Sequence[str], width: Number) -> float:
    """The height in inches of a key that is `width` inches wide."""
    return -(-min(len(names), _MOST_NAMES) // _key_columns(names, width)) * _ROW + 0.1


def _key_columns(names: Sequence[str], width: Number) -> int:
    """As few as keep the number of rows, so that rows are of nearly equal length."""
    count = min(len(names), _MOST_NAMES)
    most = max(1, int((width - 2 * MARGIN) / _column_width(names)))
    return -(-count // -(-count // most))


def _column_width(names: Sequence[str]) -> float:
    return 0.2 + widest([_entry(index, name) for index, name in enumerate(names)], SMALL_POINTS)


def _entry(index: int, name: str) -> str:
    return f"{index} {name}" if name != str(index) else name


def write_key(figure: Figure, names: Sequence[str], top: Number, look: Look) -> None:
    """Writes marker, number and name of each class, `top` inches below the figure's upper edge.

    Of more than 30 classes the first are listed, and how many follow.
    """
    width, height = figure.get_size_inches()
    columns = _key_columns(names, width)
    step = min(_column_width(names), 1.6)
    colours = class_colours(len(names))
    for index, name in enumerate(names[:_MOST_NAMES]):
        row, column = divmod(index, columns)
        left = MARGIN + column * step
        middle = 1 - (top + (row + 0.5) * _ROW) / height
        more = index == _MOST_NAMES - 1 and len(names) > _MOST_NAMES
        figure.text(
            (left + 0.13) / width,
            middle,
            f"… {len(names) - index} more" if more else _entry(index, name),
            va="center_baseline",
            fontsize=SMALL_POINTS,
            color=look.ink,
        )
        if not more:
            figure.add_artist(
                Line2D(
                    [(left + 0.05) / width],
                    [middle],
                    marker=marker_of(index),
                    markersize=4,
                    markerfacecolor=tuple(colours[index]),
                    markeredgewidth=0,
                    transform=figure.transFigure,
                )
            )


def write_medians(
    axes: Axes,
    places: Float[np.ndarray, "samples 2"],
    numbers: Int64[np.ndarray, " samples"],
    names: Sequence[str],
    look: Look,
    *,
    swatches: bool = True,
    leaders: bool = True,
) -> None:
    """Writes each class's name at the median of its points, with a halo, none over another.

    Where most medians coincide, names stand along the borders, with lines to the medians; without
    `leaders`, none is written then. Up to 15 classes show their marker before the name, unless
    `swatches` is false.
    """
    present = np.unique(numbers)
    if not present.size:
        return
    if len(present) > _MOST_NAMES:
        names = [str(index) for index in range(len(names))]
    medians = np.array([np.median(places[numbers == label], axis=0) for label in present])
    points = TEXT_POINTS if len(present) <= 15 else SMALL_POINTS
    swatch = points / 72 if swatches and len(present) <= 15 else 0.0
    low, high = np.transpose([axes.get_xlim(), axes.get_ylim()])
    unit = float(((high - low) / inches_of(axes)).max())
    # Bold letters are wider than `inches` takes them to be.
    sizes = np.array([[inches(names[label], points) * 1.1, points / 62] for label in present])
    sizes[:, 0] += swatch
    boxes = (medians, sizes * unit, low + _RIM * unit, high - _RIM * unit)
    piled = crowded(*boxes[:2])
    if piled and not leaders:
        return
    middles = (along_borders if piled else spread_texts)(*boxes)
    colours = class_colours(len(names))
    for label, middle, median, size in zip(present, middles, medians, sizes, strict=True):
        if np.hypot(*(middle - median)) > 1.5 * unit * size[1]:
            _draw_leader(axes, median, middle, unit * size, look)
        if swatch:
            left = middle[0] - unit * (size[0] - swatch) / 2
            _draw_swatch(axes, (left, middle[1]), int(label), tuple(colours[label]), look)
        place = (middle[0] + unit * swatch / 2, middle[1])
        _write_name(axes, place, names[label], points, look)


def _draw_leader(
    axes: Axes,
    median: Float[np.ndarray, " 2"],
    middle: Float[np.ndarray, " 2"],
    size: Float[np.ndarray, " 2"],
    look: Look,
) -> None:
    """A line from a class's median, which it marks, to the near edge of its name."""
    reach = np.clip(median[0] - middle[0], -size[0] / 2, size[0] / 2)
    ends = np.transpose([median, (middle[0] + reach, middle[1])])
    axes.plot(*ends, color=look.paper, linewidth=1.8, alpha=0.6, zorder=3)
    axes.plot(*ends, color=look.quiet, linewidth=0.6, zorder=3)
    axes.plot(*median, marker=".", markersize=4, color=look.ink, zorder=3)


def _draw_swatch(
    axes: Axes, place: tuple[Number, Number], label: int, colour: tuple[float, ...], look: Look
) -> None:
    axes.plot(
        *place,
        marker=marker_of(label),
        markersize=6.5,
        markerfacecolor=colour,
        markeredgecolor=look.paper,
        markeredgewidth=1.2,
        zorder=5,
    )


def _write_name(
    axes: Axes, place: tuple[Number, Number], name: str, points: Number, look: Look
) -> None:
    axes.text(
        *place,
        name,
        ha="center",
        va="center_baseline",
        fontsize=points,
        fontweight="bold",
        color=look.ink,
        path_effects=[Halo(look)],
        zorder=4,
        parse_math=False,
    )
