"""What the filters of a convolution look like."""

from typing import Any

import numpy as np
from jaxtyping import Float
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from cutaway.errors import InputError
from cutaway.views.figures.arrays import floats_of
from cutaway.views.figures.canvas import (
    MARGIN,
    PAGE,
    TITLE,
    head,
    new_picture,
    panel,
    require_width,
)
from cutaway.views.figures.grid import (
    colour_bar,
    height_of,
    mosaic,
    number_tiles,
    round_columns,
    show,
)
from cutaway.views.figures.names import Number, number
from cutaway.views.figures.theme import SMALL_POINTS, Look, drawing

_TILE_INCHES = 0.34
# A few large weights would make all others look grey.
_CLIP_PERCENT = 99.5
_NUMBERS = 0.3
_BAR_ROOM = 0.62


def filters(
    weights: Any,
    n: int | None = None,
    channel: int | None = None,
    rgb: bool | None = None,
    *,
    columns: int | None = None,
    title: str | None = None,
    axes: Axes | None = None,
    width: Number = PAGE,
    theme: str = "light",
) -> Axes:
    """Every filter of a convolution, composed into one image.

    Filters over three channels are shown in colour, others in grey, all on one scale that is
    symmetric around zero: mid-grey is a weight of zero, and the largest 0.5% are clipped.
    Of filters over other numbers of channels
    the channel of the largest weights (Euclidean norm) is shown, each filter's own. Filters of one
    pixel are shown as the matrix that they are: a row a filter, a column an input channel.

    Args:
        weights: (filters, channels, height, width), such as `model.block1[0].weight`.
        n: Show the first n filters only.
        channel: Show this input channel of every filter, in grey.
        rgb: Whether to show three channels as colour; where there are three by default.
        columns: Filters a row; as many as stay readable by default.
        title: Written above.
        axes: Where to draw; a new figure, with a colour bar where it is grey, by default.
        width: Inches of a new figure.
        theme: "light", "dark" or "inherit".

    Raises:
        InputError: The shape is not that of a convolution's weights, or `channel` is not there.

    Example:
        >>> axes = filters(np.random.default_rng(0).normal(size=(64, 3, 5, 5)), channel=0)
        >>> len(axes.images), axes.get_ylabel()
        (1, '')
    """
    values = np.nan_to_num(floats_of(weights, "weights", "filters channels height width"))
    _check(values, n, channel, rgb)
    values = values[:n]
    colour = values.shape[1] == 3 and channel is None if rgb is None else rgb
    limit = _limit(values)
    pixel = values.shape[2:] == (1, 1)
    if pixel and channel is None and not colour:
        image, tile = values[:, :, 0, 0], (1, 1)
        columns, gap = values.shape[1], 0
    else:
        gap = 2
        room = require_width(width) - _NUMBERS - MARGIN - (0 if colour else _BAR_ROOM)
        columns = columns or round_columns(len(values), int(room / _TILE_INCHES))
        tiles = _coloured(values, limit) if colour else _slices(values, channel)
        tiles = _enlarged(tiles)
        tile = tiles.shape[1:3]
        image = mosaic(tiles, columns, gap)
    with drawing(theme) as look:
        if axes is None:
            axes = _new_axes(image, title, width, (colour, columns, tile[1]), limit, look)
        scale = {} if colour else {"cmap": "gray", "vmin": -limit, "vmax": limit}
        show(axes, image, named=not gap, **scale)
        if gap:
            number_tiles(axes, len(values), columns, tile, gap, look)
        else:
            _name_matrix(axes, *image.shape)
        # The numbers of the columns stand between the picture and its title.
        head(axes, title, 16 if gap else 5)
    return axes


def _check(values: np.ndarray, n: int | None, channel: int | None, rgb: bool | None) -> None:
    channels = values.shape[1]
    if not values.size:
        raise InputError(f"weights has shape {values.shape}, which holds no filter; expected some")
    if n is not None and n < 1:
        raise InputError(f"n={n} filters cannot be shown; expected 1 or more")
    if channel is not None and not 0 <= channel < channels:
        raise InputError(
            f"channel={channel} is none of the filters' {channels} channels; "
            f"expected 0 to {channels - 1}"
        )
    if rgb and channels != 3:
        raise InputError(
            f"rgb=True needs filters over 3 channels, and these have {channels}; "
            "choose one by channel=, or leave rgb out"
        )


def filter_tiles(
    values: Float[np.ndarray, "filters channels height width"],
) -> tuple[np.ndarray, dict[str, Any]]:
    """Each filter as a tile, in colour where there are three channels; and the scale of greys."""
    limit = _limit(values)
    if values.shape[1] == 3:
        return _enlarged(_coloured(values, limit)), {}
    scale = {"cmap": "gray", "vmin": -limit, "vmax": limit}
    return _enlarged(_slices(values, None)), scale


def _limit(values: Float[np.ndarray, "filters channels height width"]) -> float:
    """The weight that is drawn white; its opposite is black."""
    high = np.abs(values)
    return float(np.percentile(high, _CLIP_PERCENT)) or float(high.max()) or 1.0


def _coloured(values: Float[np.ndarray, "filters 3 height width"], limit: Number) -> np.ndarray:
    rgba = np.full((len(values), *values.shape[2:], 4), 255, dtype=np.uint8)
    rgba[..., :3] = np.rint((np.clip(np.moveaxis(values, 1, 3) / limit, -1, 1) + 1) * 127.5)
    return rgba


def _slices(
    values: Float[np.ndarray, "filters channels height width"], channel: int | None
) -> Float[np.ndarray, "filters height width"]:
    """One input channel of each filter: the given one, or that of the largest weights."""
    if channel is not None:
        return values[:, channel]
    strongest = np.square(values).sum(axis=(2, 3)).argmax(axis=1)
    return values[np.arange(len(values)), strongest]


def _enlarged(tiles: np.ndarray) -> np.ndarray:
    """Small filters with each weight drawn as several pixels, so that the gaps are narrower."""
    times = max(1, round(16 / max(tiles.shape[1:3])))
    return tiles.repeat(times, axis=1).repeat(times, axis=2)


def _new_axes(
    image: np.ndarray,
    title: str | None,
    width: Number,
    grid: tuple[bool, int, int],
    limit: Number,
    look: Look,
) -> Axes:
    colour, columns, tile = grid
    top = MARGIN + (TITLE if title else 0) + 0.2
    bar = 0 if colour else _BAR_ROOM
    room = width - _NUMBERS - MARGIN - bar
    across = min(room, columns * _TILE_INCHES * 2 if tile > 1 else columns * 0.12 + 0.3)
    down = height_of(image, across)
    if down > 1.6 * width:
        across, down = across * 1.6 * width / down, 1.6 * width
    below = 0.28 if tile == 1 else MARGIN
    picture = new_picture(width, top + max(down, 0.45) + below, look)
    picture.set_label("Filters of a convolution")
    axes = panel(picture, _NUMBERS, top, across, down)
    if not colour:
        _scale(picture, _NUMBERS + across + 0.12, top, min(max(down, 0.45), 1.4), limit, look)
    return axes


def _scale(
    figure: Figure, left: Number, top: Number, height: float, limit: Number, look: Look
) -> None:
    ends = (f"≤ −{number(limit)}", "0", f"≥ {number(limit)}")
    colour_bar(figure, (left, top, 0.09, height), "gray", ends, look)


def _name_matrix(axes: Axes, rows: int, columns: int) -> None:
    axes.set_xticks(_few(columns))
    axes.set_yticks(_few(rows))
    axes.xaxis.tick_top()
    axes.tick_params(length=0, pad=1.5, labelsize=SMALL_POINTS)
    axes.set_ylabel("filter", labelpad=1)
    axes.set_xlabel("input channel (1 × 1 filters)", labelpad=3)


def _few(count: int) -> list[int]:
    step = max(1, 2 ** int(np.ceil(np.log2(max(count / 8, 1)))))
    return list(range(0, count, step))
