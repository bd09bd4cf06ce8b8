"""Two-dimensional maps of samples: PCA, t-SNE, UMAP and others."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from jaxtyping import Float, Int64
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from cutaway.errors import InputError
from cutaway.views.figures.arrays import array_of, floats_of, labels_of
from cutaway.views.figures.canvas import (
    MARGIN,
    PAGE,
    TITLE,
    fitted,
    head,
    inches_of,
    new_picture,
    panel,
    width_of,
    write,
)
from cutaway.views.figures.grid import colour_bar
from cutaway.views.figures.key import key_height, needs_key, write_key, write_medians
from cutaway.views.figures.names import Number, ends, names_of, plain, shorten
from cutaway.views.figures.palette import class_colours, class_markers, value_colours
from cutaway.views.figures.theme import SMALL_POINTS, TITLE_POINTS, Look, drawing

# Below this area in square points a square and a circle look the same.
_SMALLEST_MARKER = 2.5
_SHUFFLE_SEED = 0
_GAP = 0.18
_NARROWEST = 1.9


def map(  # noqa: A001 (the public name is cutaway.plot.map)
    embedding: Any,
    labels: Any = None,
    class_names: Sequence[Any] | None = None,
    title: str | None = None,
    *,
    axes: Axes | None = None,
    highlight: Any = None,
    values: Any = None,
    explained: Sequence[Number] | None = None,
    note: str | None = None,
    width: Number = 4.5,
    theme: str = "light",
) -> Axes:
    """One map of samples as points, with the name of each class where its median lies.

    Axes of t-SNE and UMAP mean nothing and are not drawn; those of PCA are named where `explained`
    is given. Points that are large enough get a marker of their class, others are dots; they are
    drawn in random order (fixed seed), so that no class hides the others.

    Args:
        embedding: Places (samples, 2).
        labels: Class numbers (samples,); grey points without.
        class_names: A name for each class number.
        title: Written above.
        axes: Where to draw; a new figure by default.
        highlight: Sample numbers to circle.
        values: A number for each sample to colour by (such as trust), instead of the classes.
        explained: Share of the variance that each axis explains, in [0, 1].
        note: Written small below, such as the map's quality.
        width: Inches of a new figure.
        theme: "light", "dark" or "inherit".

    Raises:
        InputError: Shapes do not fit, or a place is not finite.

    Example:
        >>> places = np.random.default_rng(0).normal(size=(50, 2))
        >>> axes = map(places, labels=np.arange(50) % 2, class_names=["cat", "dog"], title="PCA")
        >>> [text.get_text() for text in axes.texts]
        ['cat', 'dog']
    """
    places = _places(embedding)
    numbers = labels_of(labels, len(places))
    names = _names(numbers, class_names)
    below = 0.12 + (0.18 if explained is not None else 0) + (0.18 if note else 0)
    with drawing(theme) as look:
        if axes is None:
            top = MARGIN + (TITLE if title else 0)
            side = width - 2 * MARGIN - (0.2 if explained is not None else 0)
            side -= 0.5 if values is not None else 0
            picture = new_picture(width, top + side + below, look)
            picture.set_label(f"Map of {len(places):,} samples: {plain(title or '')}".rstrip(": "))
            axes = panel(picture, MARGIN + (0.2 if explained is not None else 0), top, side, side)
            if values is not None:
                _value_bar(picture, array_of(values, "values"), width - 0.5, top, side, look)
        _draw(axes, places, numbers, values, look)
        _name_axes(axes, explained, note, look)
        _circle(axes, places, highlight, look)
        if numbers is not None and values is None:
            write_medians(axes, places, numbers, names, look)
        head(axes, title)
    return axes


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
    places = {cell: _places(value) for cell, value in grid.items()}
    numbers = {cell: labels_of(labels, len(value)) for cell, value in places.items()}
    names = _names(next(iter(numbers.values())), class_names)
    left = MARGIN + (0.22 if row_names else 0)
    side = (width - left - MARGIN - _GAP * (columns - 1)) / columns
    side = min(side, 4.5)
    rows = 1 + max(row for row, _ in grid)
    keyed = needs_key(names, side)
    above = MARGIN + (TITLE if title else 0) + (key_height(names, width) if keyed else 0)
    below = 0.17 * max(
        _note(explained.get(cell), heads[cell][1]).count("\n") + 1
        if _note(explained.get(cell), heads[cell][1])
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
            _draw(axes, value, numbers[cell], None, look)
            _name_axes(axes, None, _note(explained.get(cell), heads[cell][1]), look)
            _circle(axes, value, highlight, look)
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


def _places(embedding: Any) -> Float[np.ndarray, "samples 2"]:
    places = floats_of(embedding, "embedding", "samples 2")
    if places.shape[1] != 2:
        raise InputError(
            f"embedding has shape {places.shape}; expected (samples, 2). "
            "Choose two of its columns, as in embedding[:, :2]"
        )
    wrong = int((~np.isfinite(places)).any(axis=1).sum())
    if wrong:
        raise InputError(
            f"embedding places {wrong} of {len(places)} samples nowhere (NaN or infinite); "
            "expected finite numbers"
        )
    return places


def _names(numbers: Int64[np.ndarray, " samples"] | None, class_names: Any) -> tuple[str, ...]:
    if numbers is None:
        return ()
    return names_of(class_names, int(numbers.max(initial=-1)) + 1)


def _draw(
    axes: Axes,
    places: Float[np.ndarray, "samples 2"],
    numbers: Int64[np.ndarray, " samples"] | None,
    values: Any,
    look: Look,
) -> None:
    order = np.random.default_rng(_SHUFFLE_SEED).permutation(len(places))
    x, y = places[order].T
    points = axes.scatter(x, y, s=_area(axes, len(places)), linewidths=0, rasterized=True)
    if values is not None:
        numeric = floats_of(values, "values", "samples")
        if len(numeric) != len(places):
            raise InputError(
                f"values has {len(numeric)} numbers, but there are {len(places)} samples; "
                "expected one a sample"
            )
        points.set_array(numeric[order])
        points.set_cmap(value_colours())
    elif numbers is None:
        points.set_facecolor(look.accent)
    else:
        points.set_facecolor(class_colours(int(numbers.max(initial=0)) + 1)[numbers[order]])
        if points.get_sizes()[0] >= _SMALLEST_MARKER:
            points.set_paths(class_markers(numbers[order]))
    _frame(axes, places)


def _area(axes: Axes, count: int) -> float:
    """Square points of a marker: all together about a seventh of the map, but never invisible."""
    side = inches_of(axes).min() * 72
    return float(np.clip(0.15 * side * side / max(count, 1), 0.5, 18.0))


def _frame(axes: Axes, places: Float[np.ndarray, "samples 2"]) -> None:
    axes.set_xticks([])
    axes.set_yticks([])
    axes.spines[:].set_visible(True)
    low, high = (places.min(axis=0), places.max(axis=0)) if len(places) else (np.zeros(2),) * 2
    reach = float((high - low).max()) or 1.0
    middle = (low + high) / 2
    (left, right), (bottom, top) = np.transpose([middle - 0.54 * reach, middle + 0.54 * reach])
    axes.set(xlim=(left, right), ylim=(bottom, top))
    axes.set_aspect("equal")


def _name_axes(
    axes: Axes, explained: Sequence[Number] | None, note: str | None, look: Look
) -> None:
    lines = []
    if explained is not None:
        first, second = (100 * float(share) for share in list(explained)[:2])
        lines.append(f"component 1, {first:.1f}% of variance")
        axes.set_ylabel(f"component 2, {second:.1f}%", labelpad=3)
    if note:
        lines.extend(plain(line) for line in note.split("\n"))
    if lines:
        label = axes.set_xlabel("\n".join(lines), labelpad=3, loc="left", linespacing=1.4)
        label.set(parse_math=False, color=look.quiet, fontsize=SMALL_POINTS)


def _note(explained: Sequence[Number] | None, note: str | None) -> str:
    """What stands below a small map, where two named axes would not fit."""
    if explained is None:
        return note or ""
    across, up = (100 * float(share) for share in list(explained)[:2])
    variance = f"variance: {across:.1f}% across, {up:.1f}% up"
    return f"{variance}\n{note}" if note else variance


def _circle(axes: Axes, places: Float[np.ndarray, "samples 2"], chosen: Any, look: Look) -> None:
    if chosen is None:
        return
    indices = np.atleast_1d(array_of(chosen, "highlight")).astype(np.int64)
    if indices.size and (indices.min() < 0 or indices.max() >= len(places)):
        raise InputError(
            f"highlight names sample {indices.max()}, but there are {len(places)} samples; "
            f"expected numbers from 0 to {len(places) - 1}"
        )
    x, y = places[indices].T
    for colour, line in ((look.paper, 2.6), (look.ink, 1.1)):
        axes.scatter(x, y, s=46, facecolors="none", edgecolors=colour, linewidths=line)


def _value_bar(
    figure: Figure, values: np.ndarray, left: Number, top: Number, side: Number, look: Look
) -> None:
    finite = values[np.isfinite(values)]
    texts = ends(float(finite.min()), float(finite.max())) if finite.size else ("", "")
    colour_bar(figure, (left, top, 0.1, min(side, 1.6)), value_colours(), texts, look)
