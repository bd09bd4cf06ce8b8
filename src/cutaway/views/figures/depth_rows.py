"""Panels over depth side by side, one row a layer in all of them."""

from collections.abc import Sequence
from typing import Any

from matplotlib.figure import Figure

from cutaway.views.figures.canvas import MARGIN, panel
from cutaway.views.figures.depth_panels import HEAD, Panel, draw_panel, head_panel
from cutaway.views.figures.names import Number, shorten, widest
from cutaway.views.figures.theme import TEXT_POINTS, Look

_ROW = 0.21
_GAP = 0.3
_NARROWEST = 1.05
_AXIS = 0.38


def rows_height(shown: Sequence[Panel], layers: Any, width: Number) -> float:
    """Height in inches of all panels, which stand below each other where there is no room."""
    across = _across(shown, layers, width)
    return -(-len(shown) // across) * (HEAD + _down(layers) + _AXIS)


def draw_rows(
    figure: Figure,
    shown: Sequence[Panel],
    layers: Any,
    place: tuple[Number, Number],
    look: Look,
) -> None:
    """Draws the panels.

    Args:
        figure: Where to draw.
        shown: What is measured.
        layers: A table with the column layer and those of the panels' curves.
        place: Inches from the top, and the width that there is.
        look: The theme's colours.
    """
    top, width = place
    left, across, down = _left(layers), _across(shown, layers, width), _down(layers)
    cell = (max(width - left - 0.2, _NARROWEST) - _GAP * (across - 1)) / across
    names = [shorten(name, 30) for name in layers["layer"]]
    for index, one in enumerate(shown):
        row, column = divmod(index, across)
        corner = (left + column * (cell + _GAP), top + row * (HEAD + down + _AXIS) + HEAD)
        head_panel(figure, one, corner, look)
        axes = panel(figure, *corner, cell, down)
        draw_panel(axes, one, layers, None if column else names, look)


def _left(layers: Any) -> float:
    return MARGIN + widest([shorten(name, 30) for name in layers["layer"]], TEXT_POINTS) + 0.12


def _down(layers: Any) -> float:
    return max(len(layers["layer"]), 1) * _ROW


def _across(shown: Sequence[Panel], layers: Any, width: Number) -> int:
    room = max(width - _left(layers) - 0.2, _NARROWEST)
    return max(1, min(len(shown), int((room + _GAP) / (_NARROWEST + _GAP))))
