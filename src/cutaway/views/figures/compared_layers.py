"""Where two networks tell the classes apart, from input to output."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from cutaway.views.figures.arrays import floats_of
from cutaway.views.figures.canvas import (
    MARGIN,
    PAGE,
    TITLE,
    fitted,
    head,
    panel,
    width_of,
    write,
)
from cutaway.views.figures.depth_panels import Curve, Panel, panels_of
from cutaway.views.figures.depth_rows import draw_rows, rows_height
from cutaway.views.figures.names import Number, plain, shorten, widest
from cutaway.views.figures.theme import SMALL_POINTS, TITLE_POINTS, Look, drawing

_KEY = 0.24
_HIGH = 1.5
_HALF = 0.5


def compared_layers(
    first: Any,
    second: Any,
    names: tuple[str, str] = ("first", "second"),
    *,
    title: str | None = None,
    figure: Figure | None = None,
    width: Number = PAGE,
    theme: str = "light",
) -> Figure:
    """Where two networks tell the classes apart, both in one panel a measure.

    Networks of the same layers share the rows; others are laid over each other by how deep in the
    network a layer stands, from 0 for the pixels to 1 for the output.

    Args:
        first: A table (DataFrame, or mapping from column to values) with the column layer and one
            or more of knn_accuracy, probe_accuracy, fisher, silhouette and intrinsic_dimension.
        second: That of the other network.
        names: What to call the two networks.
        title: Written above.
        figure: Where to draw, its height adapted; a new figure by default.
        width: Inches of a new figure.
        theme: "light", "dark" or "inherit".

    Raises:
        InputError: A table has none of the columns, or the two have none in common.

    Example:
        >>> table = {"layer": ["pixels", "fc"], "knn_accuracy": [0.4, 0.8]}
        >>> len(compared_layers(table, table).axes)
        1
    """
    shown = _shared_panels(first, second)
    width = width_of(figure, width)
    top = MARGIN + (TITLE if title else 0) + _KEY
    same = list(first["layer"]) == list(second["layer"])
    with drawing(theme) as look:
        if same:
            joined = _joined(first, second, shown)
            figure = fitted(figure, width, top + rows_height(shown, joined, width) + MARGIN, look)
            draw_rows(figure, shown, joined, (top, width), look)
        else:
            figure = fitted(figure, width, top + _depths_height(shown, width) + MARGIN, look)
            _draw_depths(figure, shown, (first, second), top, look)
        figure.set_label("How far the classes come apart at each layer of two networks")
        if title:
            write(figure, MARGIN, MARGIN, plain(title), fontweight="bold", fontsize=TITLE_POINTS)
        _key_of_figure(figure, names, top - _KEY, look)
    return figure


def _shared_panels(first: Any, second: Any) -> list[Panel]:
    """A panel a column that both tables have."""
    columns = set(first.keys()) & set(second.keys())
    panels = []
    for one in panels_of({column: first[column] for column in first if column in columns}):
        for curve in one.curves:
            title = {"linear probe": "Linear probe"}.get(curve.words, curve.words or one.title)
            curves = (
                Curve(curve.column, "", "o", second=True),
                Curve(f"other_{curve.column}", ""),
            )
            low = _low((first, second), curve.column) if one.percent else one.low
            panels.append(Panel(title, curves, low, one.high, percent=one.percent))
    return panels


def _low(tables: tuple[Any, Any], column: str) -> float:
    """Where the scale of shares begins: below a half at 0, else so that changes are seen."""
    values = np.concatenate([floats_of(list(one[column]), column, "layers") for one in tables])
    least = float(np.min(values[np.isfinite(values)], initial=1.0))
    return 0.0 if least < _HALF else min(np.floor(10 * least) / 10, 0.9)


def _joined(first: Any, second: Any, shown: Sequence[Panel]) -> dict[str, Any]:
    joined = {"layer": list(first["layer"])}
    for one in shown:
        own = one.curves[0].column
        joined |= {own: list(first[own]), f"other_{own}": list(second[own])}
    return joined


def _depths_across(shown: Sequence[Panel], width: Number) -> int:
    return max(1, min(len(shown), int((width - 2 * MARGIN) / 2.0)))


def _depths_height(shown: Sequence[Panel], width: Number) -> float:
    return -(-len(shown) // _depths_across(shown, width)) * (TITLE + _HIGH + 0.5)


def _draw_depths(
    figure: Figure, shown: Sequence[Panel], tables: tuple[Any, Any], top: Number, look: Look
) -> None:
    width = float(figure.get_size_inches()[0])
    across = _depths_across(shown, width)
    cell = (width - 2 * MARGIN) / across
    for index, one in enumerate(shown):
        row, column = divmod(index, across)
        down = top + TITLE + row * (TITLE + _HIGH + 0.5)
        axes = panel(figure, MARGIN + column * cell + 0.42, down, cell - 0.6, _HIGH)
        for table, curve in zip(tables, one.curves, strict=True):
            values = floats_of(list(table[one.curves[0].column]), curve.column, "layers")
            axes.plot(
                np.linspace(0, 1, len(values)),
                values,
                color=curve.colour(look),
                marker=curve.marker,
                markersize=3.2,
                linewidth=1.2,
                linestyle=(0, (4, 1.6)) if curve.second else "-",
                clip_on=False,
            )
        axes.set_xlim(-0.02, 1.02)
        if one.high is not None:
            axes.set_ylim(one.low or 0, one.high)
        axes.set_xticks([0, 1], ["pixels", "output"])
        axes.yaxis.set_major_formatter(_shares if one.percent else _numbers)
        head(axes, one.title)


def _key_of_figure(figure: Figure, names: tuple[str, str], top: Number, look: Look) -> None:
    left = MARGIN
    for name, mark, colour in zip(names, "●◆", (look.second, look.accent), strict=True):
        write(figure, left, top, mark, fontsize=SMALL_POINTS, color=colour)
        words = shorten(name, 30)
        write(figure, left + 0.15, top, words, fontsize=SMALL_POINTS, color=look.ink)
        left += 0.4 + widest([words], SMALL_POINTS)


def _shares(value: Number, _: Any) -> str:
    return f"{value:.0%}"


def _numbers(value: Number, _: Any) -> str:
    return f"{value:g}".replace("-", "−")
