"""What becomes of the classes from layer to layer: curves over depth, and maps under them."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from jaxtyping import Int64
from matplotlib.figure import Figure

from cutaway.views.figures.arrays import labels_of
from cutaway.views.figures.canvas import MARGIN, PAGE, TITLE, fitted, panel, width_of, write
from cutaway.views.figures.depth_panels import panels_of
from cutaway.views.figures.depth_rows import draw_rows, rows_height
from cutaway.views.figures.key import key_height, write_key, write_medians
from cutaway.views.figures.names import Number, plain, shorten
from cutaway.views.figures.scatter import class_names_of, draw_points, places_of
from cutaway.views.figures.theme import SMALL_POINTS, TITLE_POINTS, Look, drawing

_MAP, _WIDEST_MAP, _MAP_GAP, _MAP_HEAD = 1.15, 2.2, 0.12, 0.2


def separability(
    layers: Any,
    maps: Mapping[str, Any] | None = None,
    labels: Any = None,
    class_names: Sequence[Any] | None = None,
    *,
    title: str | None = None,
    figure: Figure | None = None,
    width: Number = PAGE,
    theme: str = "light",
) -> Figure:
    """How well the classes come apart at each layer, from input to output, and maps of some layers.

    A row a layer, and a panel for what is measured: accuracy of k-NN and of a linear probe, Fisher
    ratio, silhouette, and how many dimensions the samples fill.

    Args:
        layers: A table (DataFrame, or mapping from column to values) with the column layer and one
            or more of knn_accuracy, probe_accuracy (in [0, 1]), fisher, silhouette and
            intrinsic_dimension; values may be missing.
        maps: From layer to places (samples, 2), drawn below from left to right.
        labels: Class numbers (samples,), for the maps.
        class_names: A name for each class number.
        title: Written above.
        figure: Where to draw, its height adapted; a new figure by default.
        width: Inches of a new figure.
        theme: "light", "dark" or "inherit".

    Raises:
        InputError: A column is missing.

    Example:
        >>> picture = separability({"layer": ["pixels", "fc"], "knn_accuracy": [0.4, 0.8]})
        >>> [text.get_text() for text in picture.axes[0].get_yticklabels()]
        ['pixels', 'fc']
    """
    shown = panels_of(layers)
    width = width_of(figure, width)
    places = {name: places_of(embedding) for name, embedding in (maps or {}).items()}
    count = len(next(iter(places.values()), ()))
    numbers = None if labels is None or not places else labels_of(labels, count)
    key = class_names_of(numbers, class_names) if class_names else ()
    top = MARGIN + (TITLE if title else 0)
    curves_high = rows_height(shown, layers, width)
    maps_high = _size_of_maps(len(places), width)[1]
    key_high = key_height(key, width) if key else 0.0
    with drawing(theme) as look:
        figure = fitted(figure, width, top + curves_high + key_high + maps_high + MARGIN, look)
        figure.set_label("How far the classes come apart at each layer")
        if title:
            write(figure, MARGIN, MARGIN, plain(title), fontweight="bold", fontsize=TITLE_POINTS)
        draw_rows(figure, shown, layers, (top, width), look)
        if key:
            write_key(figure, key, top + curves_high, look)
        _draw_maps(figure, places, numbers, (top + curves_high + key_high, width), look)
    return figure


def _size_of_maps(count: int, width: Number) -> tuple[float, float, int]:
    """The side of a map and the height of all, in inches, and how many stand side by side."""
    room = width - 2 * MARGIN
    across = max(1, min(count, int((room + _MAP_GAP) / (_MAP + _MAP_GAP))))
    side = min((room - _MAP_GAP * (across - 1)) / across, _WIDEST_MAP)
    return side, -(-count // across) * (_MAP_HEAD + side + 0.1), across


def _draw_maps(
    figure: Figure,
    maps: Mapping[str, Any],
    numbers: Int64[np.ndarray, " samples"] | None,
    place: tuple[Number, Number],
    look: Look,
) -> None:
    top, width = place
    side, _, across = _size_of_maps(len(maps), width)
    for index, (name, places) in enumerate(maps.items()):
        row, column = divmod(index, across)
        left = MARGIN + column * (side + _MAP_GAP)
        down = top + row * (_MAP_HEAD + side + 0.1)
        write(figure, left, down, shorten(name, int(side * 14)), fontsize=SMALL_POINTS)
        axes = panel(figure, left, down + _MAP_HEAD - 0.04, side, side)
        draw_points(axes, places, numbers, None, look)
        if numbers is not None:
            # Names would hide a map of this size; numbers do not.
            short = [str(label) for label in range(int(numbers.max(initial=-1)) + 1)]
            write_medians(axes, places, numbers, short, look, swatches=False, leaders=False)
