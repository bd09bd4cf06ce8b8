"""What a network misses when images lose colour, detail or shape."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from cutaway.errors import InputError
from cutaway.views.figures.arrays import floats_of, pictures_of
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
from cutaway.views.figures.names import Number, plain
from cutaway.views.figures.theme import SMALL_POINTS, TITLE_POINTS, Look, drawing

_NARROWEST, _GAP, _DOWN, _AXIS = 1.15, 0.22, 1.1, 0.24


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
    columns = set(table.keys())
    if not {"cue", "strength", "accuracy", "changed"} <= columns:
        raise InputError(
            f"table has the columns {sorted(map(str, columns))}; expected cue, strength, accuracy "
            "and changed"
        )
    names = list(dict.fromkeys(str(name) for name in table["cue"]))
    width = width_of(figure, width)
    room = width - 2 * MARGIN - 0.3
    across = max(1, min(len(names), int((room + _GAP) / (_NARROWEST + _GAP))))
    cell = (room - _GAP * (across - 1)) / across
    pictures = {name: opaque(pictures_of(of, name)) for name, of in (examples or {}).items()}
    tiles = max((len(of) for of in pictures.values()), default=0)
    step = TITLE + _DOWN + _AXIS + (cell / tiles + 0.1 if tiles else 0) + 0.05
    top = MARGIN + (TITLE if title else 0) + 0.2
    with drawing(theme) as look:
        figure = fitted(figure, width, top + -(-len(names) // across) * step + 0.05, look)
        figure.set_label("What the network makes of images without a cue")
        if title:
            write(figure, MARGIN, MARGIN, plain(title), fontweight="bold", fontsize=TITLE_POINTS)
        _key(figure, top - 0.2, look)
        for index, name in enumerate(names):
            row, column = divmod(index, across)
            place = (MARGIN + 0.3 + column * (cell + _GAP), top + row * step)
            write(figure, *place, plain(name), fontweight="bold")
            axes = panel(figure, place[0], place[1] + TITLE, cell, _DOWN)
            _draw_cue(axes, *_columns_of(table, name), look)
            if column:
                axes.set_yticklabels([])
            if name in pictures:
                below = (place[0], place[1] + TITLE + _DOWN + _AXIS)
                _draw_examples(figure, pictures[name], below, cell / tiles)
    return figure


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
    figure: Figure, images: np.ndarray, place: tuple[Number, Number], side: Number
) -> None:
    for index, image in enumerate(images):
        show(panel(figure, place[0] + index * side + 0.02, place[1], side - 0.04, side), image)


def _key(figure: Figure, top: Number, look: Look) -> None:
    along = MARGIN
    for mark, words, colour in (
        ("◆", "accuracy", look.accent),
        ("●", "predictions that stay", look.second),
    ):
        write(figure, along, top, mark, fontsize=SMALL_POINTS, color=colour)
        write(figure, along + 0.13, top, words, fontsize=SMALL_POINTS, color=look.ink)
        along += 0.85
