"""How large gradients are at every layer."""

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import LogLocator, NullLocator

from cutaway.errors import InputError
from cutaway.views.figures.arrays import floats_of
from cutaway.views.figures.canvas import MARGIN, PAGE, TITLE, head, new_picture, panel
from cutaway.views.figures.names import Number, shorten, widest
from cutaway.views.figures.theme import SMALL_POINTS, TEXT_POINTS, drawing

_ROW_INCHES = 0.2
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
    columns = set(table.keys())
    if not {"layer", "norm"} <= columns:
        raise InputError(
            f"table has the columns {sorted(map(str, columns))}; expected layer and norm"
        )
    names = [shorten(name, 30) for name in table["layer"]]
    norms = floats_of(list(table["norm"]), "norm", "layers")
    drawn = np.where(np.isfinite(norms) & (norms > 0), norms, np.nan)
    with drawing(theme) as look:
        if axes is None:
            left = MARGIN + widest(names, TEXT_POINTS) + 0.1
            top = MARGIN + (TITLE if title else 0.05)
            down = max(len(names), 1) * _ROW_INCHES
            picture = new_picture(width, top + down + 0.45, look)
            picture.set_label("Norm of the gradient at each layer")
            axes = panel(picture, left, top, max(width - left - 0.75, 0.5), down)
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
        axes.set_ylim(max(len(names), 1) - 0.5, -0.5)
        axes.set_yticks(rows, names, fontsize=TEXT_POINTS, color=look.ink, parse_math=False)
        axes.xaxis.set_major_locator(LogLocator(numticks=8))
        axes.xaxis.set_minor_locator(NullLocator())
        axes.xaxis.set_major_formatter(lambda value, _: f"{value:g}".replace("-", "−"))
        axes.spines["left"].set_visible(False)
        axes.tick_params(axis="y", length=0)
        axes.set_xlabel("norm of the gradient of a sample's loss at the layer's output")
        head(axes, title)
    return axes
