"""One map of samples: PCA, t-SNE, UMAP or any other."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from jaxtyping import Float, Int64
from matplotlib.axes import Axes
from matplotlib.colors import to_rgba_array
from matplotlib.figure import Figure

from cutaway.errors import InputError
from cutaway.views.figures.arrays import array_of, floats_of, labels_of
from cutaway.views.figures.canvas import (
    MARGIN,
    TITLE,
    head,
    inches_of,
    new_picture,
    panel,
)
from cutaway.views.figures.grid import colour_bar
from cutaway.views.figures.key import write_medians
from cutaway.views.figures.names import Number, ends, names_of, plain
from cutaway.views.figures.palette import class_colours, class_markers, value_colours
from cutaway.views.figures.theme import SMALL_POINTS, Look, drawing

# Below this area in square points a square and a circle look the same.
_SMALLEST_MARKER = 2.5
_SHUFFLE_SEED = 0
# A grey that stands back on white and on black paper.
_NO_GROUP = (0.6, 0.6, 0.6, 0.5)


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
    places = places_of(embedding)
    numbers = labels_of(labels, len(places))
    names = class_names_of(numbers, class_names)
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
        draw_points(axes, places, numbers, values, look)
        name_axes(axes, explained, note, look)
        circle(axes, places, highlight, look)
        if numbers is not None and values is None:
            write_medians(axes, places, numbers, names, look)
        head(axes, title)
    return axes


def places_of(embedding: Any) -> Float[np.ndarray, "samples 2"]:
    """A map's coordinates, checked: two finite columns."""
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


def class_names_of(
    numbers: Int64[np.ndarray, " samples"] | None, class_names: Any
) -> tuple[str, ...]:
    """A name for each class that occurs; none without labels."""
    if numbers is None:
        return ()
    return names_of(class_names, int(numbers.max(initial=-1)) + 1)


def draw_points(
    axes: Axes,
    places: Float[np.ndarray, "samples 2"],
    numbers: Int64[np.ndarray, " samples"] | None,
    values: Any,
    look: Look,
) -> None:
    """Draws every sample as a point, in an order that hides no class behind another.

    A negative number stands for a sample of no group, which is drawn grey.
    """
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
        colours = to_rgba_array(class_colours(int(numbers.max(initial=0)) + 1))[numbers[order]]
        colours[numbers[order] < 0] = _NO_GROUP
        points.set_facecolor(colours)
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


def name_axes(axes: Axes, explained: Sequence[Number] | None, note: str | None, look: Look) -> None:
    """Says under the axes what they are, where there is something to say."""
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


def note_of(explained: Sequence[Number] | None, note: str | None) -> str:
    """What stands below a small map, where two named axes would not fit."""
    if explained is None:
        return note or ""
    across, up = (100 * float(share) for share in list(explained)[:2])
    variance = f"variance: {across:.1f}% across, {up:.1f}% up"
    return f"{variance}\n{note}" if note else variance


def circle(axes: Axes, places: Float[np.ndarray, "samples 2"], chosen: Any, look: Look) -> None:
    """Rings the chosen samples."""
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
