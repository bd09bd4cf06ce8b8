"""How much of each layer is in use."""

from typing import Any

import numpy as np
from matplotlib.axes import Axes

from cutaway.errors import InputError
from cutaway.views.figures.arrays import floats_of
from cutaway.views.figures.canvas import MARGIN, PAGE, TITLE, bare, head, new_picture, panel
from cutaway.views.figures.names import Number, shorten, widest
from cutaway.views.figures.theme import SMALL_POINTS, TEXT_POINTS, drawing

_ROW_INCHES = 0.2


def unit_use(
    layers: Any,
    *,
    title: str | None = None,
    axes: Axes | None = None,
    width: Number = PAGE,
    theme: str = "light",
) -> Axes:
    """The share of each layer's units that do something, from input to output.

    Args:
        layers: A table (DataFrame, or mapping from column to values) with the columns layer and
            dead, the share of units in [0, 1] whose output never changes.
        title: Written above.
        axes: Where to draw; a new figure by default.
        width: Inches of a new figure.
        theme: "light", "dark" or "inherit".

    Raises:
        InputError: A column is missing.

    Example:
        >>> axes = unit_use({"layer": ["conv", "fc"], "dead": [0.0, 0.25]})
        >>> [float(bar.get_width()) for bar in axes.patches]
        [1.0, 0.75]
    """
    columns = set(layers.keys())
    if not {"layer", "dead"} <= columns:
        raise InputError(
            f"layers has the columns {sorted(str(name) for name in columns)}; "
            "expected layer and dead"
        )
    names = [shorten(name, 30) for name in layers["layer"]]
    used = 1 - floats_of(list(layers["dead"]), "dead", "layers")
    with drawing(theme) as look:
        if axes is None:
            left = MARGIN + widest(names, TEXT_POINTS) + 0.08
            top = MARGIN + (TITLE if title else 0.05)
            down = max(len(names), 1) * _ROW_INCHES
            picture = new_picture(width, top + down + MARGIN, look)
            picture.set_label("Share of each layer's units in use")
            axes = panel(picture, left, top, max(width - left - MARGIN, 0.5), down)
        bare(axes)
        rows = np.arange(len(names))
        axes.barh(rows, used, height=0.62, color=look.accent, linewidth=0)
        axes.set_xlim(0, 1.13)
        axes.set_ylim(max(len(names), 1) - 0.5, -0.5)
        axes.set_yticks(rows, names, fontsize=TEXT_POINTS, color=look.ink, parse_math=False)
        for row, share in zip(rows.tolist(), used.tolist(), strict=True):
            text = axes.text(1.13, row, f"{share:.0%}", ha="right", va="center")
            text.set(fontsize=SMALL_POINTS, color=look.quiet)
        head(axes, title)
    return axes
