"""Whether layers act in use as they did in training."""

from typing import Any

from matplotlib.figure import Figure

from cutaway.errors import InputError
from cutaway.views.figures.canvas import MARGIN, PAGE, TITLE, fitted, width_of, write
from cutaway.views.figures.depth_panels import Curve, Panel
from cutaway.views.figures.depth_rows import draw_rows, rows_height
from cutaway.views.figures.names import Number, plain
from cutaway.views.figures.theme import TITLE_POINTS, drawing

_PANELS = (
    Panel("Change with batch", (Curve("change", ""),), 0, percent=True),
    Panel("BatchNorm: shift", (Curve("shift", ""),), 0, expected=0.0),
    Panel("BatchNorm: spread", (Curve("spread", ""),), 0, expected=1.0),
)


def steadiness(
    table: Any,
    *,
    title: str | None = None,
    figure: Figure | None = None,
    width: Number = PAGE,
    theme: str = "light",
) -> Figure:
    """Whether layers act in any batch alike, and meet what BatchNorm layers remember.

    A row a layer. In eval mode an output for a sample does not change with the batch. What comes in
    at a BatchNorm layer is shifted by 0 deviations and spread 1 times as far where images are
    those of the training: the dashed lines.

    Args:
        table: A table (DataFrame, or mapping from column to values) with the column layer and one
            or more of change (a share), shift and spread; values may be missing.
        title: Written above.
        figure: Where to draw, its height adapted; a new figure by default.
        width: Inches of a new figure.
        theme: "light", "dark" or "inherit".

    Raises:
        InputError: A column is missing.

    Example:
        >>> picture = steadiness({"layer": ["conv", "norm"], "change": [0.0, 0.4]})
        >>> len(picture.axes)
        1
    """
    columns = set(table.keys())
    shown = [one for one in _PANELS if one.curves[0].column in columns]
    if "layer" not in columns or not shown:
        raise InputError(
            f"table has the columns {sorted(map(str, columns))}; expected layer, and change, shift "
            "or spread"
        )
    width = width_of(figure, width)
    top = MARGIN + (TITLE if title else 0)
    with drawing(theme) as look:
        figure = fitted(figure, width, top + rows_height(shown, table, width) + MARGIN, look)
        figure.set_label("Whether layers act in use as they did in training")
        if title:
            write(figure, MARGIN, MARGIN, plain(title), fontweight="bold", fontsize=TITLE_POINTS)
        draw_rows(figure, shown, table, (top, width), look)
    return figure
