"""How large gradients are at every layer."""

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import LogLocator, NullLocator

from cutaway.views.figures.arrays import floats_of, require_columns
from cutaway.views.figures.canvas import PAGE, head
from cutaway.views.figures.layer_rows import layer_axes, name_rows
from cutaway.views.figures.names import Number, shorten
from cutaway.views.figures.theme import SMALL_POINTS, drawing

_THOUSAND = 1e3


def gradients(
    table: Any,
    *,
    title: str | None = None,
    axes: Axes | None = None,
    width: Number = PAGE,
    theme: str = "light",
) -> Axes:
    """The norm of the loss's gradient at each layer's output, from input to output.

    The scale is logarithmic. The band reaches from a thousandth to a thousand times the norm at the
    network's output; what leaves it on the left has vanished, on the right exploded.

    Args:
        table: A table (DataFrame, or mapping from column to values) with the columns layer and
            norm.
        title: Written above.
        axes: Where to draw; a new figure by default.
        width: Inches of a new figure.
        theme: "light", "dark" or "inherit".

    Raises:
        InputError: A column is missing.

    Example:
        >>> axes = gradients({"layer": ["conv", "fc"], "norm": [0.01, 1.0]})
        >>> [text.get_text() for text in axes.get_yticklabels()]
        ['conv', 'fc']
    """
    require_columns(table, "table", ["layer", "norm"])
    names = [shorten(name, 30) for name in table["layer"]]
    norms = floats_of(list(table["norm"]), "norm", "layers")
    drawn = np.where(np.isfinite(norms) & (norms > 0), norms, np.nan)
    with drawing(theme) as look:
        if axes is None:
            label = "Norm of the gradient at each layer"
            axes = layer_axes(names, label, title, width, (0.05, 0.45, 0.75), look)
        rows = np.arange(len(names))
        known = drawn[np.isfinite(drawn)]
        axes.set_xscale("log")
        if len(known):
            last = known[-1]
            axes.axvspan(last / _THOUSAND, last * _THOUSAND, color=look.faint, linewidth=0)
            low, high = min(known.min(), last / 30), max(known.max(), last * 30)
            axes.set_xlim(low / 1.6, high * 1.6)
        axes.plot(drawn, rows, color=look.accent, linewidth=1.2, marker="o", markersize=4)
        for row, norm in enumerate(norms.tolist()):
            text = f"{norm:.2g}" if np.isfinite(norm) else "no number"
            axes.text(
                1.02,
                row,
                text,
                transform=axes.get_yaxis_transform(),
                va="center",
                fontsize=SMALL_POINTS,
                color=look.quiet,
            )
        name_rows(axes, names, look)
        axes.xaxis.set_major_locator(LogLocator(numticks=8))
        axes.xaxis.set_minor_locator(NullLocator())
        axes.xaxis.set_major_formatter(lambda value, _: f"{value:g}".replace("-", "−"))
        axes.set_xlabel("norm of the gradient of a sample's loss at the layer's output")
        head(axes, title)
    return axes
