"""What a network misses when images lose colour, detail or shape."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from cutaway.views.figures.arrays import floats_of, pictures_of, require_columns
from cutaway.views.figures.canvas import (
    MARGIN,
    PAGE,
    TITLE,
    fitted,
    panel,
    width_of,
    write,
)
from cutaway.views.figures.grid import opaque, show
from cutaway.views.figures.legend import legend_at
from cutaway.views.figures.names import Number, plain
from cutaway.views.figures.theme import SMALL_POINTS, TITLE_POINTS, Look, drawing

_NARROWEST, _GAP, _DOWN, _AXIS = 1.15, 0.22, 0.95, 0.24
_SCALE, _LINE, _KEY = 0.32, 0.125, 0.28
_NARROW, _LARGEST = 4.2, 1.15


def cues(
    table: Any,
    examples: Mapping[str, Any] | None = None,
    *,
    title: str | None = None,
    figure: Figure | None = None,
    width: Number = PAGE,
    theme: str = "light",
) -> Figure:
    """What becomes of predictions when images lose a cue, a panel a cue, from weak to strong.

    The line is the accuracy, the dashed one the share of predictions that stay what they were.
    Where there are examples, a row is a cue: its curve, and beside it one image at each strength.

    Args:
        table: Columns cue, strength, accuracy (may be NaN) and changed (share in [0, 1]).
        examples: For cues of the table, one image at each strength, as `plot.samples` takes images.
        title: Written above.
        figure: Where to draw, its height adapted; a new figure by default.
        width: Inches of a new figure.
        theme: "light", "dark" or "inherit".

    Raises:
        InputError: A column is missing.

    Example:
        >>> table = {"cue": ["grey", "grey"], "strength": [0, 1], "accuracy": [0.9, 0.6]}
        >>> len(cues({**table, "changed": [0, 0.3]}).axes)
        1
    """
    require_columns(table, "table", ["cue", "strength", "accuracy", "changed"])
    names = list(dict.fromkeys(str(name) for name in table["cue"]))
    pictures = {name: opaque(pictures_of(of, name)) for name, of in (examples or {}).items()}
    width = width_of(figure, width)
    tiles = max((len(of) for of in pictures.values()), default=0)
    grid = _layout(len(names), tiles, width)
    top = MARGIN + (TITLE if title else 0) + _KEY
    with drawing(theme) as look:
        figure = fitted(figure, width, top + grid.rows * grid.down + 0.02, look)
        figure.set_label("What the network makes of images without a cue")
        if title:
            write(figure, MARGIN, MARGIN, plain(title), fontweight="bold", fontsize=TITLE_POINTS)
        marks = [("accuracy", "D", look.accent), ("predictions that stay", "o", look.second)]
        legend_at(figure, (MARGIN, top - _KEY), marks, look)
        for index, name in enumerate(names):
            row, column = divmod(index, grid.columns)
            place = (MARGIN + _SCALE + column * grid.across, top + row * grid.down)
            write(figure, place[0] - _SCALE, place[1], plain(name), fontweight="bold")
            axes = panel(figure, place[0], place[1] + TITLE, grid.curve, _DOWN)
            values = _columns_of(table, name)
            _draw_cue(axes, *values, look)
            if column:
                axes.set_yticklabels([])
            if name in pictures:
                at = (place[0] + grid.beside, place[1] + TITLE + grid.below)
                _draw_examples(figure, pictures[name], values, (*at, grid.tile), look)
    return figure


@dataclass(frozen=True)
class _Grid:
    """Where panels stand, in inches.

    Attributes:
        columns: Panels a row.
        rows: Rows of them.
        across: From one panel to the next.
        down: From one row to the next.
        curve: Width of a curve.
        beside: From the left of a curve to its examples.
        below: From its top to its examples.
        tile: Side of an example.
    """

    columns: int
    rows: int
    across: Number
    down: Number
    curve: Number
    beside: Number = 0.0
    below: Number = 0.0
    tile: Number = 0.0


def _layout(count: int, tiles: int, width: Number) -> _Grid:
    """Curves side by side; with examples a row a cue, these beside it or, where narrow, below."""
    room = width - 2 * MARGIN - _SCALE
    if not tiles:
        columns = max(1, min(count, int((room + _GAP) / (_NARROWEST + _GAP))))
        across = (room + _GAP) / columns
        down = TITLE + _DOWN + _AXIS + 0.05
        return _Grid(columns, -(-count // columns), across, down, across - _GAP)
    if width < _NARROW:
        tile = min(room / tiles, _LARGEST)
        down = TITLE + _DOWN + _AXIS + tile + 2 * _LINE + 0.12
        return _Grid(1, count, room, down, room, 0.0, _DOWN + _AXIS, tile)
    curve = max(_NARROWEST, room * 0.3)
    tile = min((room - curve - _GAP) / tiles, _LARGEST)
    down = TITLE + max(_DOWN + _AXIS, tile + 2 * _LINE) + 0.08
    return _Grid(1, count, room, down, curve, curve + _GAP, 0.0, tile)


def _columns_of(table: Any, name: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    chosen = [index for index, cue in enumerate(table["cue"]) if str(cue) == name]
    strength, accuracy, changed = (
        floats_of(list(table[column]), column, "rows")[chosen]
        for column in ("strength", "accuracy", "changed")
    )
    return strength, accuracy, changed


def _draw_cue(
    axes: Axes, strength: np.ndarray, accuracy: np.ndarray, changed: np.ndarray, look: Look
) -> None:
    steps = np.arange(len(strength))
    for values, colour, marker, dashes in (
        (1 - changed, look.second, "o", (0, (4, 1.6))),
        (accuracy, look.accent, "D", "-"),
    ):
        axes.plot(
            steps,
            values,
            color=colour,
            marker=marker,
            markersize=4,
            linewidth=1.2,
            linestyle=dashes,
            clip_on=False,
        )
    # Steps stand over the middles of the examples below.
    axes.set(xlim=(-0.5, len(steps) - 0.5), ylim=(0, 1))
    axes.set_xticks(steps, [f"{value:g}" for value in strength])
    axes.set_yticks([0, 0.5, 1], ["0%", "50%", "100%"])
    axes.yaxis.grid(visible=True, color=look.rule, linewidth=0.4)
    axes.spines["left"].set_visible(False)
    axes.tick_params(axis="y", length=0)


def _draw_examples(
    figure: Figure,
    images: np.ndarray,
    values: tuple[np.ndarray, np.ndarray, np.ndarray],
    place: tuple[Number, Number, Number],
    look: Look,
) -> None:
    """The same image at every strength, and under each the strength and what became of it."""
    left, top, side = place
    strength, accuracy, changed = values
    for index, image in enumerate(images):
        along = left + index * side
        show(panel(figure, along, top, side - 0.06, side - 0.06), image)
        labelled = np.isfinite(accuracy[index])
        told, words = (accuracy[index], "right") if labelled else (1 - changed[index], "stay")
        lines = (f"{strength[index]:g}" if strength[index] else "whole", f"{told:.0%} {words}")
        for line, text in enumerate(lines):
            style = {"fontsize": SMALL_POINTS, "color": look.quiet if line else look.ink}
            write(figure, along, top + side - 0.03 + line * _LINE, text, **style)
