"""Maps side by side: by method, by perplexity, by layer."""

from collections.abc import Mapping, Sequence
from typing import Any

from matplotlib.figure import Figure

from cutaway.errors import InputError
from cutaway.views.figures.arrays import labels_of
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
from cutaway.views.figures.key import key_height, needs_key, write_key, write_medians
from cutaway.views.figures.names import Number, plain, shorten
from cutaway.views.figures.scatter import (
    circle,
    class_names_of,
    draw_points,
    name_axes,
    note_of,
    places_of,
)
from cutaway.views.figures.theme import TITLE_POINTS, drawing

_GAP = 0.18
_NARROWEST = 1.9


def maps(
    embeddings: Mapping[str, Any],
    labels: Any = None,
    class_names: Sequence[Any] | None = None,
    *,
    columns: int | None = None,
    explained: Mapping[str, Sequence[Number]] | None = None,
    notes: Mapping[str, str] | None = None,
    highlight: Any = None,
    title: str | None = None,
    figure: Figure | None = None,
    width: Number = PAGE,
    theme: str = "light",
) -> Figure:
    """Maps of the same samples side by side, in rows where there are many.

    Long class names stand once above all maps, and their numbers in the maps.

    Args:
        embeddings: From title to places (samples, 2).
        labels: Class numbers (samples,).
        class_names: A name for each class number.
        columns: Maps a row; up to three by default.
        explained: For titles among `embeddings`, the variance that each axis explains.
        notes: For titles among `embeddings`, what to write below.
        highlight: Sample numbers to circle in every map.
        title: Written above all.
        figure: Where to draw, its height adapted; a new figure by default.
        width: Inches of a new figure.
        theme: "light", "dark" or "inherit".

    Raises:
        InputError: There is no map, or one does not fit the labels.

    Example:
        >>> import numpy as np
        >>> places = np.random.default_rng(0).normal(size=(50, 2))
        >>> len(maps({"PCA": places, "t-SNE": places}).axes)
        2
    """
    if not embeddings:
        raise InputError("embeddings holds no map; expected a mapping from title to places")
    width = width_of(figure, width)
    across = columns or _columns(len(embeddings), width)
    cells = [(divmod(index, across), name) for index, name in enumerate(embeddings)]
    grid = {place: embeddings[name] for place, name in cells}
    heads = {place: (name, (notes or {}).get(name)) for place, name in cells}
    variances = {place: (explained or {}).get(name) for place, name in cells}
    return _draw_grid(
        grid,
        heads,
        {place: share for place, share in variances.items() if share is not None},
        (labels, class_names, highlight, title),
        across,
        (),
        (figure, width, theme),
    )


def perplexities(
    embeddings: Mapping[Number, Any],
    labels: Any = None,
    class_names: Sequence[Any] | None = None,
    **options: Any,
) -> Figure:
    """One t-SNE map under several perplexities, side by side, smallest first.

    Args:
        embeddings: From perplexity to places (samples, 2).
        labels: Class numbers (samples,).
        class_names: A name for each class number.
        **options: As in `maps`.

    Example:
        >>> import numpy as np
        >>> places = np.random.default_rng(0).normal(size=(50, 2))
        >>> [axes.get_title("left") for axes in perplexities({30: places, 5: places}).axes]
        ['perplexity 5', 'perplexity 30']
    """
    titled = {f"perplexity {value:g}": embeddings[value] for value in sorted(embeddings)}
    return maps(titled, labels, class_names, **options)


def layer_maps(
    layers: Mapping[str, Mapping[str, Any]],
    labels: Any = None,
    class_names: Sequence[Any] | None = None,
    *,
    highlight: Any = None,
    title: str | None = None,
    figure: Figure | None = None,
    width: Number = PAGE,
    theme: str = "light",
) -> Figure:
    """Maps of every layer: a row a layer from input to output, a column a method.

    Layers that lack a method leave its place empty. One method alone is wrapped into rows.

    Args:
        layers: From layer name to a mapping from method name to places (samples, 2).
        labels: Class numbers (samples,).
        class_names: A name for each class number.
        highlight: Sample numbers to circle in every map.
        title: Written above all.
        figure: Where to draw, its height adapted; a new figure by default.
        width: Inches of a new figure.
        theme: "light", "dark" or "inherit".

    Raises:
        InputError: There is no map, or one does not fit the labels.

    Example:
        >>> import numpy as np
        >>> places = np.random.default_rng(0).normal(size=(50, 2))
        >>> both = {"PCA": places, "t-SNE": places}
        >>> len(layer_maps({"pixels": both, "fc": both}).axes)
        4
    """
    methods = list(dict.fromkeys(method for each in layers.values() for method in each))
    if not methods:
        raise InputError("layers holds no map; expected {layer: {method: places}}")
    shared = (labels, class_names, highlight, title)
    if len(methods) == 1:
        only = {layer: each[methods[0]] for layer, each in layers.items() if each}
        return maps(
            only,
            labels,
            class_names,
            highlight=highlight,
            title=title or methods[0],
            figure=figure,
            width=width,
            theme=theme,
        )
    places = {
        (row, column): each[method]
        for row, each in enumerate(layers.values())
        for column, method in enumerate(methods)
        if method in each
    }
    heads = {
        place: (methods[place[1]] if place == _first(places, place[1]) else None, None)
        for place in places
    }
    width = width_of(figure, width)
    return _draw_grid(
        places, heads, {}, shared, len(methods), tuple(layers), (figure, width, theme)
    )


Cell = tuple[int, int]


def _first(places: Mapping[Cell, Any], column: int) -> Cell:
    return min(place for place in places if place[1] == column)


def _columns(count: int, width: Number) -> int:
    most = max(1, min(3, int(width / _NARROWEST)))
    # Four maps are a square rather than three and a rest of one.
    return min(count, 2 if count == 4 and most >= 2 else most)


def _draw_grid(
    grid: Mapping[Cell, Any],
    heads: Mapping[Cell, tuple[str | None, str | None]],
    explained: Mapping[Cell, Sequence[Number]],
    shared: tuple[Any, Sequence[Any] | None, Any, str | None],
    columns: int,
    row_names: Sequence[str],
    canvas: tuple[Figure | None, Number, str],
) -> Figure:
    labels, class_names, highlight, title = shared
    figure, width, theme = canvas
    places = {cell: places_of(value) for cell, value in grid.items()}
    numbers = {cell: labels_of(labels, len(value)) for cell, value in places.items()}
    names = class_names_of(next(iter(numbers.values())), class_names)
    left = MARGIN + (0.22 if row_names else 0)
    side = (width - left - MARGIN - _GAP * (columns - 1)) / columns
    side = min(side, 4.5)
    rows = 1 + max(row for row, _ in grid)
    keyed = needs_key(names, side)
    above = MARGIN + (TITLE if title else 0) + (key_height(names, width) if keyed else 0)
    below = 0.17 * max(
        note_of(explained.get(cell), heads[cell][1]).count("\n") + 1
        if note_of(explained.get(cell), heads[cell][1])
        else 0
        for cell in grid
    )
    headed = 0.06 if row_names else TITLE - 0.02
    first = TITLE - 0.06 if row_names else 0
    step = headed + side + below + 0.08
    with drawing(theme) as look:
        figure = fitted(figure, width, above + first + rows * step + 0.02, look)
        figure.set_label(plain(title or "Maps of the samples"))
        if title:
            write(figure, MARGIN, MARGIN, plain(title), fontweight="bold", fontsize=TITLE_POINTS)
        if keyed:
            write_key(figure, names, MARGIN + (TITLE if title else 0), look)
        for (row, column), value in places.items():
            cell = (row, column)
            top = above + first + row * step + headed
            axes = panel(figure, left + column * (side + _GAP), top, side, side)
            draw_points(axes, value, numbers[cell], None, look)
            name_axes(axes, None, note_of(explained.get(cell), heads[cell][1]), look)
            circle(axes, value, highlight, look)
            classes = numbers[cell]
            if classes is not None:
                keys = tuple(str(index) for index in range(len(names))) if keyed else names
                write_medians(axes, value, classes, keys, look, swatches=not keyed)
            head(axes, heads[cell][0] and shorten(heads[cell][0], 40))
        for row, name in enumerate(row_names):
            middle = above + first + row * step + headed + side / 2
            write(
                figure,
                MARGIN,
                middle,
                shorten(name, 28),
                rotation=90,
                va="center",
                color=look.ink,
                fontweight="bold",
            )
    return figure
