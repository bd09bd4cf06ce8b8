"""How much of each layer is in use."""

from typing import Any

import numpy as np
from matplotlib.axes import Axes

from cutaway.views.figures.arrays import floats_of, require_columns
from cutaway.views.figures.canvas import MARGIN, PAGE, bare, head
from cutaway.views.figures.layer_rows import layer_axes, name_rows
from cutaway.views.figures.legend import legend
from cutaway.views.figures.names import Number, shorten
from cutaway.views.figures.theme import SMALL_POINTS, drawing


def unit_use(
    layers: Any,
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
    require_columns(layers, "layers", ["layer", "dead"])
    names = [shorten(name, 30) for name in layers["layer"]]
    filled = _filled(layers)
    used = 1 - floats_of(list(layers["dead"]), "dead", "layers")
    with drawing(theme) as look:
        if axes is None:
            label = "Share of each layer's units in use"
            above = 0.05 if filled is None else 0.25
            axes = layer_axes(names, label, title, width, (above, MARGIN, MARGIN), look)
        bare(axes)
        rows = np.arange(len(names))
        if filled is None:
            axes.barh(rows, used, height=0.62, color=look.accent, linewidth=0)
        else:
            axes.barh(rows - 0.17, used, height=0.3, color=look.accent, linewidth=0)
            axes.barh(rows + 0.17, np.nan_to_num(filled), height=0.3, color=look.second)
            bars = (("units that change", look.accent), ("directions filled", look.second))
            legend(axes, [(words, "s", colour) for words, colour in bars], look)
        right = 1.13 if filled is None else 1.22
        axes.set_xlim(0, right)
        name_rows(axes, names, look)
        for row, share in zip(rows.tolist(), used.tolist(), strict=True):
            words = f"{share:.0%}"
            if filled is not None and np.isfinite(filled[row]):
                words += f" / {filled[row]:.0%}"
            text = axes.text(right, row, words, ha="right", va="center")
            text.set(fontsize=SMALL_POINTS, color=look.quiet)
        head(axes, title, 5 if filled is None else 19)
    return axes


def _filled(layers: Any) -> np.ndarray | None:
    """The share of directions in use, or None in a Study that was built before it was measured."""
    if "in_use" not in set(layers.keys()):
        return None
    return floats_of(list(layers["in_use"]), "in_use", "layers")
