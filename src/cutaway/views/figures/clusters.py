"""Clusters on a map: those of the features, those of the map, and the classes, side by side."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from jaxtyping import Float, Int64
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from cutaway.errors import InputError
from cutaway.views.figures.arrays import array_of, labels_of
from cutaway.views.figures.canvas import MARGIN, PAGE, TITLE, fitted, head, panel, width_of, write
from cutaway.views.figures.key import key_height, write_key, write_medians
from cutaway.views.figures.names import Number, plain
from cutaway.views.figures.scatter import class_names_of, draw_points, name_axes, places_of
from cutaway.views.figures.theme import TITLE_POINTS, Look, drawing

_GAP = 0.18
_CLASSES = "the classes"


def clusters(
    embedding: Any,
    groupings: Mapping[str, Any],
    labels: Any = None,
    class_names: Sequence[Any] | None = None,
    *,
    notes: Mapping[str, str] | None = None,
    columns: int = 3,
    title: str | None = None,
    figure: Figure | None = None,
    width: Number = PAGE,
    theme: str = "light",
) -> Figure:
    """One map several times, coloured by clusters, and by class at the end of the first row.

    Args:
        embedding: Places (samples, 2).
        groupings: From title to the cluster of each sample; −1 is noise, which is drawn grey. A
            cluster has the colour of the class of its number.
        labels: Class numbers (samples,).
        class_names: A name for each class number.
        notes: For titles among `groupings`, what to write below.
        columns: Maps a row.
        title: Written above all.
        figure: Where to draw, its height adapted; a new figure by default.
        width: Inches of a new figure.
        theme: "light", "dark" or "inherit".

    Raises:
        InputError: Lengths do not fit, a cluster's number is below −1, or there is nothing to draw.

    Example:
        >>> places = np.random.default_rng(0).normal(size=(50, 2))
        >>> found = {"k-means": np.arange(50) % 3, "HDBSCAN": np.arange(50) % 3 - 1}
        >>> [axes.get_title("left") for axes in clusters(places, found, np.arange(50) % 2).axes]
        ['k-means', 'HDBSCAN', 'the classes']
    """
    places = places_of(embedding)
    numbers = labels_of(labels, len(places))
    names = class_names_of(numbers, class_names)
    panels = {name: _groups_of(each, name, len(places)) for name, each in groupings.items()}
    if not panels:
        raise InputError(
            "groupings holds nothing to draw; expected {title: cluster of each sample}"
        )
    if numbers is not None:
        listed = list(panels.items())
        panels = dict([*listed[: columns - 1], (_CLASSES, numbers), *listed[columns - 1 :]])
    width = width_of(figure, width)
    columns = min(columns, len(panels))
    side = (width - 2 * MARGIN - _GAP * (columns - 1)) / columns
    below = 0.1 + 0.17 * max((note.count("\n") + 1 for note in (notes or {}).values()), default=0)
    above = MARGIN + (TITLE if title else 0)
    keyed = key_height(names, width) if names else 0.0
    step = TITLE + side + below
    rows = -(-len(panels) // columns)
    with drawing(theme) as look:
        figure = fitted(figure, width, above + keyed + rows * step, look)
        figure.set_label(plain(title or "Clusters on a map"))
        if title:
            write(figure, MARGIN, MARGIN, plain(title), fontweight="bold", fontsize=TITLE_POINTS)
        if names:
            write_key(figure, names, above, look)
        for index, (name, groups) in enumerate(panels.items()):
            row, column = divmod(index, columns)
            left, top = MARGIN + column * (side + _GAP), above + keyed + row * step + TITLE
            axes = panel(figure, left, top, side, side)
            _draw(axes, places, groups, name, (notes or {}).get(name), look)
            if name == _CLASSES:
                keys = tuple(str(number) for number in range(len(names)))
                write_medians(axes, places, groups, keys, look, swatches=False)
    return figure


def _draw(
    axes: Axes,
    places: Float[np.ndarray, "samples 2"],
    groups: Int64[np.ndarray, " samples"],
    name: str,
    note: str | None,
    look: Look,
) -> None:
    draw_points(axes, places, groups, None, look)
    name_axes(axes, None, note, look)
    head(axes, name)


def _groups_of(groups: Any, name: str, samples: int) -> Int64[np.ndarray, " samples"]:
    array = array_of(groups, "groupings")
    if array.shape != (samples,) or array.dtype.kind not in "iu" or array.min(initial=0) < -1:
        raise InputError(
            f"groupings[{name!r}] has shape {array.shape} and dtype {array.dtype}; expected the "
            f"cluster of each of {samples} samples, whole numbers from -1 (noise) up"
        )
    return array.astype(np.int64)
