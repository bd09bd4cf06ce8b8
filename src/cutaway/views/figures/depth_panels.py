"""Curves over depth: a row a layer, a panel a measure."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from cutaway.errors import InputError
from cutaway.views.figures.arrays import floats_of
from cutaway.views.figures.canvas import write
from cutaway.views.figures.names import Number, inches
from cutaway.views.figures.theme import SMALL_POINTS, TEXT_POINTS, Look

HEAD = 0.34
"""Inches above a panel that its title and key take."""
_MARK = 4.2


@dataclass(frozen=True)
class Curve:
    """One column of the table: how its line is called and drawn."""

    column: str
    words: str
    marker: str = "D"
    second: bool = False

    def colour(self, look: Look) -> str:
        """Of its line and marks."""
        return look.second if self.second else look.accent


@dataclass(frozen=True)
class Panel:
    """One measure, or several of one scale.

    Attributes:
        title: What is measured.
        curves: One or two.
        low: The left end, or None to let values decide.
        high: The right end, or None.
        percent: Whether values are shares.
        expected: A value that stands for all being well, marked by a line.
    """

    title: str
    curves: tuple[Curve, ...]
    low: Number | None = None
    high: Number | None = None
    percent: bool = False
    expected: Number | None = None


_PANELS = (
    Panel(
        "Accuracy",
        (
            Curve("knn_accuracy", "k-NN", "o", second=True),
            Curve("probe_accuracy", "linear probe"),
        ),
        0,
        1,
        percent=True,
    ),
    Panel("Fisher ratio", (Curve("fisher", ""),), 0),
    Panel("Silhouette", (Curve("silhouette", ""),)),
    Panel("Intrinsic dimension", (Curve("intrinsic_dimension", ""),), 0),
)


def panels_of(layers: Any) -> list[Panel]:
    """The panels that a table of layers has something for.

    Raises:
        InputError: There is none, or no layer is named.
    """
    columns = set(layers.keys())
    shown = []
    for one in _PANELS:
        curves = tuple(curve for curve in one.curves if curve.column in columns)
        if curves:
            shown.append(Panel(one.title, curves, one.low, one.high, percent=one.percent))
    if "layer" not in columns or not shown:
        raise InputError(
            f"layers has the columns {sorted(str(name) for name in columns)}; expected layer, and "
            "knn_accuracy, probe_accuracy, fisher, silhouette or intrinsic_dimension"
        )
    return shown


def draw_panel(
    axes: Axes, one: Panel, layers: Any, names: Sequence[str] | None, look: Look
) -> None:
    """Draws the curves of a panel; its rows are named where `names` are given."""
    rows = np.arange(len(layers["layer"]))
    known: list[float] = [] if one.expected is None else [float(one.expected)]
    for curve in one.curves:
        values = floats_of(list(layers[curve.column]), curve.column, "layers")
        known += values[np.isfinite(values)].tolist()
        axes.plot(
            values,
            rows,
            color=curve.colour(look),
            marker=curve.marker,
            markersize=_MARK,
            linewidth=1.2,
            linestyle=(0, (4, 1.6)) if curve.second else "-",
            clip_on=False,
        )
    low = min([0.0, *known]) if one.low is None else one.low
    high = max([0.0, *known]) if one.high is None else one.high
    axes.set_xlim(low, high if high > low else low + 1)
    axes.set_ylim(max(len(rows), 1) - 0.5, -0.5)
    axes.hlines(rows, *axes.get_xlim(), color=look.rule, linewidth=0.4)
    if low < 0:
        axes.axvline(0, color=look.quiet, linewidth=0.6)
    if one.expected is not None:
        axes.axvline(one.expected, color=look.quiet, linewidth=0.9, linestyle=(0, (4, 2)))
    _name_ticks(axes, one, names, look)


def _name_ticks(axes: Axes, one: Panel, names: Sequence[str] | None, look: Look) -> None:
    axes.xaxis.set_major_locator(MaxNLocator(nbins=3, steps=[1, 2, 5, 10]))
    axes.xaxis.set_major_formatter(
        lambda value, _: f"{value:.0%}" if one.percent else f"{value:g}".replace("-", "−")
    )
    axes.spines["left"].set_visible(False)
    axes.tick_params(axis="y", length=0)
    if names is None:
        axes.set_yticks([])
    else:
        style: dict[str, Any] = {"fontsize": TEXT_POINTS, "color": look.ink, "parse_math": False}
        axes.set_yticks(range(len(names)), names, **style)


def head_panel(figure: Figure, one: Panel, place: tuple[Number, Number], look: Look) -> None:
    """Writes the title of a panel, and a key where it holds two curves."""
    left, top = place
    write(figure, left, top - HEAD + 0.01, one.title, fontweight="bold", fontsize=SMALL_POINTS)
    if len(one.curves) < 2 or not all(curve.words for curve in one.curves):
        return
    width, height = figure.get_size_inches()
    level = 1 - (top - HEAD + 0.24) / height
    for curve in one.curves:
        figure.add_artist(_mark(curve, (left + 0.04) / width, level, look, figure))
        figure.text(
            (left + 0.12) / width,
            level,
            curve.words,
            va="center_baseline",
            fontsize=SMALL_POINTS,
            color=look.ink,
        )
        left += 0.24 + inches(curve.words, SMALL_POINTS)


def _mark(curve: Curve, x: Number, y: Number, look: Look, figure: Figure) -> Line2D:
    return Line2D(
        [x],
        [y],
        marker=curve.marker,
        markersize=_MARK,
        color=curve.colour(look),
        linewidth=0,
        transform=figure.transFigure,
    )
