"""What each convolution makes of one image."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from jaxtyping import Float
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from cutaway.errors import InputError
from cutaway.views.figures.arrays import floats_of, pictures_of
from cutaway.views.figures.canvas import (
    MARGIN,
    PAGE,
    TITLE,
    fitted,
    panel,
    width_of,
    write,
)
from cutaway.views.figures.grid import (
    gap_of,
    height_of,
    mosaic,
    number_tiles,
    opaque,
    round_columns,
    show,
)
from cutaway.views.figures.names import Number, ends, plain, shorten
from cutaway.views.figures.theme import SMALL_POINTS, TITLE_POINTS, Look, drawing

_TILE_INCHES = 0.29
_LAYER_HEAD = 0.42
_INPUT_BESIDE = 4.5


def feature_maps(
    layers: Mapping[str, Any],
    image: Any = None,
    *,
    n: int = 64,
    point: tuple[int, int] | None = None,
    field: tuple[Number, Number, Number, Number] | None = None,
    title: str | None = None,
    figure: Figure | None = None,
    width: Number = PAGE,
    theme: str = "light",
) -> Figure:
    """The feature maps of one image, a mosaic a layer, beside the image.

    Within a layer all maps share one scale, from the layer's lowest value (black) to its highest
    (white), the outermost 0.5% clipped, so that a silent channel is seen to be silent.

    Args:
        layers: From layer name to activations (channels, height, width).
        image: The input (height, width[, channels]) or (channels, height, width).
        n: At most this many channels a layer, the first ones; the heading says of how many.
        point: Row and column of a position that is marked on every map.
        field: Top, left, bottom and right of a part of the image to frame, such as what that
            position sees.
        title: Written above.
        figure: Where to draw, its height adapted; a new figure by default.
        width: Inches of a new figure.
        theme: "light", "dark" or "inherit".

    Raises:
        InputError: There are no layers, or activations are not (channels, height, width).

    Example:
        >>> picture = feature_maps({"block1": np.ones((4, 6, 6))}, np.zeros((8, 8)))
        >>> len(picture.axes)
        2
    """
    if not layers:
        raise InputError("layers holds no layer; expected a mapping from name to activations")
    if n < 1:
        raise InputError(f"n={n} channels cannot be shown; expected 1 or more")
    activations = {
        name: floats_of(value, f"layers[{name!r}]", "channels height width")
        for name, value in layers.items()
    }
    width = width_of(figure, width)
    stacked = width < _INPUT_BESIDE
    input_room = 0.0 if image is None else 0.85 if stacked else min(1.1, width * 0.18)
    beside = 0.0 if stacked or image is None else input_room + 0.25
    left = MARGIN + beside + 0.25
    mosaics = [_compose(values[:n], width - left - MARGIN) for values in activations.values()]
    top = MARGIN + (TITLE if title else 0)
    heights = [_LAYER_HEAD + height_of(each[0], each[2]) for each in mosaics]
    with drawing(theme) as look:
        body = sum(heights) + 0.14 * (len(heights) - 1)
        under_input = _LAYER_HEAD + input_room if image is not None else 0.0
        body = body + under_input + 0.14 if stacked else max(body, under_input)
        figure = fitted(figure, width, top + body + MARGIN, look)
        figure.set_label(f"Feature maps of {len(mosaics)} layers for one image")
        if title:
            write(figure, MARGIN, MARGIN, plain(title), fontweight="bold", fontsize=TITLE_POINTS)
        if image is not None:
            _draw_input(figure, image, (top, input_room), field, look)
            top += under_input + 0.14 if stacked else 0.0
        for (name, values), composed, height in zip(
            activations.items(), mosaics, heights, strict=True
        ):
            axes = _draw_layer(figure, name, values, composed, (left, top), look)
            if point is not None:
                _mark_point(axes, point, values, min(len(values), n), composed[1], look)
            top += height + 0.14
    return figure


def _compose(
    values: Float[np.ndarray, "channels height width"], room: Number
) -> tuple[np.ndarray, int, Number]:
    """The mosaic, its columns, and its width in inches."""
    count = len(values)
    if not values.size:
        return np.full((1, 1), np.nan), 1, 0.3
    columns = round_columns(count, max(1, int(room / _TILE_INCHES)))
    image = mosaic(values, columns, gap_of(*values.shape[1:]))
    return image, columns, min(room, columns * _TILE_INCHES * (1.6 if columns > 3 else 4))


def _draw_input(
    figure: Figure,
    image: Any,
    place: tuple[Number, Number],
    field: tuple[Number, Number, Number, Number] | None,
    look: Look,
) -> None:
    top, side = place
    picture = opaque(pictures_of(np.asarray(_one(image))[np.newaxis], "image"))[0]
    write(figure, MARGIN, top, "Input", fontweight="bold")
    write(
        figure,
        MARGIN,
        top + 0.16,
        f"{picture.shape[1]} × {picture.shape[0]}",
        color=look.quiet,
        fontsize=SMALL_POINTS,
    )
    axes = panel(figure, MARGIN, top + _LAYER_HEAD, side, side)
    show(axes, picture)
    if field is not None:
        up, left, down, right = field
        _frame(axes, (left, up), right - left, down - up, look)


def _frame(
    axes: Axes, corner: tuple[Number, Number], across: Number, down: Number, look: Look
) -> None:
    """A bright frame around pixels, on a dark one, so that it is seen on any picture."""
    for colour, line in (("#000000", 2.6), (look.second, 1.3)):
        place = (corner[0] - 0.5, corner[1] - 0.5)
        frame = Rectangle(place, across, down, fill=False, edgecolor=colour, linewidth=line)
        frame.set_clip_on(False)
        axes.add_patch(frame)


def _mark_point(
    axes: Axes,
    point: tuple[int, int],
    values: np.ndarray,
    count: int,
    columns: int,
    look: Look,
) -> None:
    height, width = values.shape[1:]
    gap = gap_of(height, width)
    for index in range(count):
        row, column = divmod(index, columns)
        corner = (column * (width + gap) + point[1], row * (height + gap) + point[0])
        _frame(axes, corner, 1, 1, look)


def _one(image: Any) -> Any:
    if hasattr(image, "detach"):
        image = image.detach().cpu()
    return image


def _draw_layer(
    figure: Figure,
    name: str,
    values: np.ndarray,
    composed: tuple[np.ndarray, int, Number],
    place: tuple[Number, Number],
    look: Look,
) -> Axes:
    image, columns, across = composed
    left, top = place
    write(figure, left, top, shorten(name, 40), fontweight="bold")
    channels, height, width = values.shape
    low, high = _scale(image)
    lowest, highest = ends(low, high)
    note = f"{channels} channels of {width} × {height}, values {lowest} to {highest}"
    axes = panel(figure, left, top + _LAYER_HEAD, across, height_of(image, across))
    show(axes, image, cmap="gray", vmin=low, vmax=high if high > low else low + 1)
    if values.size:
        gap = gap_of(height, width)
        rows = (image.shape[0] + gap) // (height + gap)
        count = min(channels, rows * columns)
        number_tiles(axes, count, columns, (height, width), gap, look)
        if count < channels:
            note = f"{count} of {note}"
    write(figure, left, top + 0.15, note, color=look.quiet, fontsize=SMALL_POINTS)
    return axes


def _scale(image: np.ndarray) -> tuple[Number, Number]:
    finite = image[np.isfinite(image)]
    if not finite.size:
        return 0.0, 0.0
    low, high = np.percentile(finite, [0.5, 99.5])
    return float(low), float(high)
