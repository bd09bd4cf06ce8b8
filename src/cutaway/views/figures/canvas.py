"""Figures measured in inches, without pyplot, that a notebook shows."""

import os
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Float
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from cutaway.errors import InputError
from cutaway.views.figures.names import Number
from cutaway.views.figures.theme import Look

MARGIN = 0.1
"""Free space around a figure, in inches."""

TITLE = 0.27
"""Height of a title line, in inches."""

PAGE = 6.5
"""Width of a figure that fills a page's text column, in inches."""

# Figures are mostly runs of one colour: coding just these (zlib's Z_RLE) is the quickest.
PNG_RUNS = 3


class Picture(Figure):
    """A figure that belongs to no window and shows itself in a notebook."""

    def savefig(self, *args: Any, **options: Any) -> None:
        """As in `Figure.savefig`; PNG files take half the time, at the same size."""
        named = args and isinstance(args[0], str | os.PathLike)
        suffix = Path(args[0]).suffix.lstrip(".").lower() if named else ""
        if options.get("format", suffix or "png") == "png":
            options["pil_kwargs"] = {"compress_type": PNG_RUNS, **(options.get("pil_kwargs") or {})}
        super().savefig(*args, **options)

    def _repr_png_(self) -> bytes:
        buffer = BytesIO()
        self.savefig(buffer, format="png", dpi=144)
        return buffer.getvalue()


class Panel(Axes):
    """Axes that show their figure in a notebook."""

    def _repr_png_(self) -> bytes | None:
        figure = self.get_figure(root=True)
        return figure._repr_png_() if isinstance(figure, Picture) else None


def new_picture(width: Number, height: Number, look: Look) -> Picture:
    """A blank figure of `width` by `height` inches in the look's colours."""
    require_width(width)
    picture = Picture(figsize=(width, height), facecolor=look.background)
    FigureCanvasAgg(picture)
    return picture


def fitted(figure: Figure | None, width: Number, height: Number, look: Look) -> Figure:
    """The figure to draw in: a new one, or the given one cleared to its new height.

    A given figure keeps its width.
    """
    if figure is None:
        return new_picture(width, height, look)
    figure.set_size_inches(figure.get_size_inches()[0], height)
    figure.set_facecolor(look.background)
    return figure


def width_of(figure: Figure | None, width: Number) -> Number:
    """The width in inches that there is to draw in."""
    return require_width(width) if figure is None else float(figure.get_size_inches()[0])


def require_width(width: Number) -> Number:
    """Raises InputError unless a figure can have this width in inches."""
    if not 1.5 <= width <= 60:
        raise InputError(
            f"width={width} cannot be drawn; expected 1.5 to 60 inches, such as {PAGE}"
        )
    return width


def panel(figure: Figure, left: Number, top: Number, width: Number, height: Number) -> Axes:
    """Axes at a place in inches from the figure's left and top edges."""
    whole_width, whole_height = figure.get_size_inches()
    rectangle = (
        left / whole_width,
        1 - (top + height) / whole_height,
        max(width, 0.01) / whole_width,
        max(height, 0.01) / whole_height,
    )
    axes = Panel(figure, rectangle)
    figure.add_axes(axes)
    return axes


def write(
    figure: Figure,
    left: Number,
    top: Number,
    text: str,
    **properties: Any,
) -> None:
    """Writes text whose upper left corner is at a place in inches from the left and top edges."""
    width, height = figure.get_size_inches()
    style = {"va": "top", "ha": "left", **properties}
    figure.text(left / width, 1 - top / height, text, **style)


def inches_of(axes: Axes) -> Float[np.ndarray, " 2"]:
    """Width and height of axes in inches, known without drawing them."""
    figure = axes.get_figure(root=True)
    assert figure is not None
    box = axes.get_position()
    return np.maximum([box.width, box.height] * figure.get_size_inches(), 1e-3)


def bare(axes: Axes) -> Axes:
    """Takes frame and tick marks off; labels that are set later stay readable."""
    axes.spines[:].set_visible(False)
    axes.tick_params(length=0, pad=2)
    axes.set_xticks([])
    axes.set_yticks([])
    return axes


def head(axes: Axes, title: str | None, space: Number = 5) -> None:
    """Titles axes at the left, `space` points above; text is shown as it is on any axes."""
    if title:
        axes.set_title(title, loc="left", fontweight="bold", pad=space).set_parse_math(False)
