"""At which layer changed images part from the images that they were."""

from typing import Any

import numpy as np
from matplotlib.axes import Axes

from cutaway.views.figures.arrays import floats_of, require_columns
from cutaway.views.figures.canvas import PAGE, head
from cutaway.views.figures.layer_rows import layer_axes, name_rows
from cutaway.views.figures.legend import legend
from cutaway.views.figures.names import Number, shorten
from cutaway.views.figures.theme import Look, drawing


def parting(
    layers: Any,
    *,
    title: str | None = None,
    axes: Axes | None = None,
    width: Number = PAGE,
    theme: str = "light",
) -> Axes:
    """How far attacked samples lie from clean ones at each layer, beside noise of the same size.

    Args:
        layers: A table (DataFrame, or mapping from column to values) with the columns layer,
            distance (‖attacked − clean‖ / ‖clean‖) and, where it was measured, noise (the same for
            a random change as large at the input).
        title: Written above.
        axes: Where to draw; a new figure by default.
        width: Inches of a new figure.
        theme: "light", "dark" or "inherit".

    Raises:
        InputError: A column is missing.

    Example:
        >>> axes = parting({"layer": ["pixels", "fc"], "distance": [0.05, 0.4]})
        >>> [text.get_text() for text in axes.get_yticklabels()]
        ['pixels', 'fc']
    """
    require_columns(layers, "layers", ["layer", "distance"])
    names = [shorten(name, 30) for name in layers["layer"]]
    with drawing(theme) as look:
        if axes is None:
            label = "Relative distance of attacked from clean samples, layer by layer"
            axes = layer_axes(names, label, title, width, (0.2, 0.42, 0.25), look)
        _draw(axes, layers, names, noise="noise" in layers, look=look)
        head(axes, title, 17)
    return axes


def _draw(axes: Axes, layers: Any, names: list[str], *, noise: bool, look: Look) -> None:
    rows = np.arange(len(names))
    lines = [("attacked", "distance", "D", look.accent)]
    if noise:
        lines.append(("noise as large at the input", "noise", "o", look.second))
    longest = 0.0
    for _, column, marker, colour in lines:
        values = floats_of(list(layers[column]), column, "layers")
        longest = max(longest, float(np.nan_to_num(values, posinf=0).max(initial=0)))
        axes.plot(
            values,
            rows,
            color=colour,
            marker=marker,
            markersize=4.5,
            linewidth=1.2,
            linestyle="-" if marker == "D" else (0, (4, 1.6)),
            clip_on=False,
        )
    legend(axes, [(words, marker, colour) for words, _, marker, colour in lines], look)
    axes.set_xlim(0, longest * 1.05 or 1)
    name_rows(axes, names, look)
    axes.hlines(rows, 0, axes.get_xlim()[1], color=look.rule, linewidth=0.4, zorder=0)
    axes.xaxis.set_major_formatter(lambda value, _: f"{value:.0%}")
    axes.set_xlabel("distance from the clean activation, as a share of its norm")
