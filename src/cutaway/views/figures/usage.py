"""How much of each layer is in use."""

from typing import Any

import numpy as np
from matplotlib.axes import Axes

from cutaway.errors import InputError
from cutaway.views.figures.arrays import floats_of
from cutaway.views.figures.canvas import (
    MARGIN,
    PAGE,
    TITLE,
    bare,
    head,
    inches_of,
    new_picture,
    panel,
)
from cutaway.views.figures.names import Number, inches, shorten, widest
from cutaway.views.figures.theme import SMALL_POINTS, TEXT_POINTS, Look, drawing

_ROW_INCHES = 0.2


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
            top = MARGIN + (TITLE if title else 0.05) + (0 if _filled(layers) is None else 0.2)
            down = max(len(names), 1) * _ROW_INCHES
            picture = new_picture(width, top + down + MARGIN, look)
            picture.set_label("Share of each layer's units in use")
            axes = panel(picture, left, top, max(width - left - MARGIN, 0.5), down)
        bare(axes)
        rows = np.arange(len(names))
        filled = _filled(layers)
        if filled is None:
            axes.barh(rows, used, height=0.62, color=look.accent, linewidth=0)
        else:
            axes.barh(rows - 0.17, used, height=0.3, color=look.accent, linewidth=0)
            axes.barh(rows + 0.17, np.nan_to_num(filled), height=0.3, color=look.second)
            _explain(axes, look)
        right = 1.13 if filled is None else 1.22
        axes.set_xlim(0, right)
        axes.set_ylim(max(len(names), 1) - 0.5, -0.5)
        axes.set_yticks(rows, names, fontsize=TEXT_POINTS, color=look.ink, parse_math=False)
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


def _explain(axes: Axes, look: Look) -> None:
    """Names the two bars above them."""
    across, down = inches_of(axes)
    along = 0.0
    for words, colour in (
        ("units that change", look.accent),
        ("directions filled", look.second),
    ):
        place: dict[str, Any] = {"transform": axes.transAxes, "clip_on": False}
        height = 1 + 0.12 / down
        axes.plot([(along + 0.05) / across], [height], "s", color=colour, markersize=5, **place)
        axes.text(
            (along + 0.14) / across,
            height,
            words,
            va="center_baseline",
            fontsize=SMALL_POINTS,
            color=look.ink,
            transform=axes.transAxes,
        )
        along += inches(words, SMALL_POINTS) + 0.3
