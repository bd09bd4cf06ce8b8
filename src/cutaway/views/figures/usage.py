"""How much of each layer is in use."""

from typing import Any

import numpy as np
from jaxtyping import Float
from matplotlib.axes import Axes

from cutaway.views.figures.arrays import floats_of, require_columns
from cutaway.views.figures.canvas import MARGIN, PAGE, bare, head, inches_of
from cutaway.views.figures.layer_rows import layer_axes, name_rows
from cutaway.views.figures.legend import Mark, in_lines, legend
from cutaway.views.figures.names import Number, shorten, widest
from cutaway.views.figures.theme import SMALL_POINTS, TEXT_POINTS, Look, drawing
from cutaway.views.figures.unit_kinds import COLOURS, Shares, occurring, shares_of_kinds

_LINE = 12
"""Points from one line of the legend to the next."""

Used = Float[np.ndarray, " layers"]


def unit_use(
    layers: Any,
    units: Any | None = None,
    *,
    title: str | None = None,
    axes: Axes | None = None,
    width: Number = PAGE,
    theme: str = "light",
) -> Axes:
    """How much of each layer is in use, from input to output: units that change, directions filled.

    Args:
        layers: A table (DataFrame, or mapping from column to values) with the columns layer and
            dead, the share of units in [0, 1] whose output never changes; and in_use where it is
            known, the share of the layer's directions that its activations fill (effective rank
            over width), which is drawn as a second bar.
        units: A table of units with the columns layer and dead, and as far as they are known mean,
            saturated, near_constant and duplicate_of: the rest of a bar then says what its units
            are.
        title: Written above.
        axes: Where to draw; a new figure by default.
        width: Inches of a new figure.
        theme: "light", "dark" or "inherit".

    Raises:
        InputError: A column is missing.

    Example:
        >>> axes = unit_use({"layer": ["conv", "fc"], "dead": [0.0, 0.25]})
        >>> [float(bar.get_width()) for bar in axes.patches]
        [1.0, 0.75, 0.0, 0.25]
    """
    require_columns(layers, "layers", ["layer", "dead"])
    names = [shorten(name, 30) for name in layers["layer"]]
    filled, shares = _filled(layers), shares_of_kinds(layers, units)
    used = np.clip(1 - np.sum(list(shares.values()), axis=0), 0, 1)
    with drawing(theme) as look:
        room = width - widest(names, TEXT_POINTS) - 0.3
        lines = in_lines(_marks(shares, filled, look), room)
        lines = lines if axes is None else [[mark for line in lines for mark in line]]
        above = 0.25 + _LINE / 72 * (len(lines) - 1)
        if axes is None:
            label = "Share of each layer's units in use"
            axes = layer_axes(names, label, title, width, (above, MARGIN, MARGIN), look)
        bare(axes)
        _draw_bars(axes, used, shares, filled, look)
        for level, line in enumerate(reversed(lines)):
            legend(axes, line, look, _LINE * level)
        name_rows(axes, names, look)
        _write_shares(axes, used, filled, look)
        head(axes, title, 19 + _LINE * (len(lines) - 1))
    return axes


def _marks(shares: Shares, filled: Used | None, look: Look) -> list[Mark]:
    words = [("units in use", look.accent)]
    words += [(kind, _colour(kind, look)) for kind in occurring(shares)]
    words += [] if filled is None else [("directions filled", look.second)]
    return [(each, "s", colour) for each, colour in words]


def _colour(kind: str, look: Look) -> str:
    return look.ink if kind == "no number" else COLOURS[kind]


def _draw_bars(axes: Axes, used: Used, shares: Shares, filled: Used | None, look: Look) -> None:
    rows = np.arange(len(used))
    shift, height = (0.0, 0.62) if filled is None else (0.17, 0.3)
    axes.barh(rows - shift, used, height=height, color=look.accent, linewidth=0)
    left = used
    for kind in occurring(shares):
        colour = _colour(kind, look)
        axes.barh(rows - shift, shares[kind], height, left, color=colour, linewidth=0)
        left = left + shares[kind]
    if filled is not None:
        axes.barh(rows + shift, np.nan_to_num(filled), height, color=look.second)


def _write_shares(axes: Axes, used: Used, filled: Used | None, look: Look) -> None:
    room = (0.45 if filled is None else 0.85) / inches_of(axes)[0]
    right = 1 / (1 - min(room, 0.8))
    axes.set_xlim(0, right)
    for row, share in enumerate(used.tolist()):
        words = f"{share:.0%}"
        if filled is not None and np.isfinite(filled[row]):
            words += f" / {filled[row]:.0%}"
        text = axes.text(right, row, words, ha="right", va="center")
        text.set(fontsize=SMALL_POINTS, color=look.quiet)


def _filled(layers: Any) -> Used | None:
    """The share of directions in use, or None in a Study that was built before it was measured."""
    if "in_use" not in set(layers.keys()):
        return None
    return floats_of(list(layers["in_use"]), "in_use", "layers")
