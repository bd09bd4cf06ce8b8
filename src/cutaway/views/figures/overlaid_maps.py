"""Feature maps laid over the image that they come from."""

from typing import Any

import numpy as np
from jaxtyping import Float, UInt8
from matplotlib.axes import Axes

from cutaway.errors import InputError
from cutaway.views.figures.arrays import floats_of, pictures_of
from cutaway.views.figures.canvas import MARGIN, PAGE, TITLE, head, new_picture, panel
from cutaway.views.figures.grid import height_of, mosaic, round_columns, show
from cutaway.views.figures.magnified import magnified
from cutaway.views.figures.names import Number
from cutaway.views.figures.theme import SMALL_POINTS, drawing

_SIDE, _GAP = 128, 8
_TILE_INCHES = 0.9
_HEAT = np.array([255.0, 96.0, 0.0])


def feature_maps_over_image(
    maps: Any,
    image: Any,
    spans: tuple[Any, Any] | None = None,
    *,
    channels: Any = None,
    n: int = 18,
    point: tuple[int, int] | None = None,
    title: str | None = None,
    axes: Axes | None = None,
    width: Number = PAGE,
    theme: str = "light",
) -> Axes:
    """Feature maps drawn in orange over their image, in grey, each where it looks at the image.

    Maps of 10x10 or 5x5 positions are hard to read alone; here each value stands at the middle of
    what its position sees, with a smooth passage in between. All maps share one scale: no orange is
    0 or less, full orange the layer's 99.5th percentile. A frame marks the receptive field
    of the position where the map is highest, or of a chosen one.

    Args:
        maps: (channels, height, width) of one image.
        image: The input (height, width[, channels]).
        spans: For each row, and for each column, of positions the first pixel seen and the one
            after the last, (height, 2) and (width, 2); None where they are not known: positions are
            then taken to lie evenly, and nothing is framed.
        channels: Numbers of the channels to draw; by default those with the highest values.
        n: At most so many.
        point: Row and column of the position whose field is framed on every map.
        title: Written above.
        axes: Where to draw; a new figure by default.
        width: Inches of a new figure.
        theme: "light", "dark" or "inherit".

    Raises:
        InputError: The maps are not (channels, height, width), or a channel or point is not there.

    Example:
        >>> axes = feature_maps_over_image(np.eye(5)[np.newaxis], np.zeros((32, 32)))
        >>> len(axes.images)
        1
    """
    values = np.nan_to_num(floats_of(maps, "maps", "channels height width"))
    picture = pictures_of(np.asarray(image)[np.newaxis], "image")[0]
    chosen = _chosen(values, channels, n)
    if point is not None and not all(
        0 <= at < side for at, side in zip(point, values.shape[1:], strict=True)
    ):
        raise InputError(
            f"point={point} is no position of maps of {values.shape[1:]}; expected a row and a "
            "column, counted from 0"
        )
    extent = picture.shape[:2]
    rows, columns = _spans(spans, values.shape[1:], extent)
    top_value = float(np.percentile(values, 99.5)) or float(values.max()) or 1.0
    tiles = []
    for channel in chosen:
        heat = _enlarged(values[channel], rows.mean(axis=1), columns.mean(axis=1), extent)
        row, column = point or np.unravel_index(values[channel].argmax(), values.shape[1:])
        box = (rows[row, 0], columns[column, 0], rows[row, 1], columns[column, 1])
        shown = _heated(picture, (heat / top_value).clip(0, 1))
        tiles.append(magnified(shown, _SIDE, None if spans is None else box))
    tiled = round_columns(len(tiles), max(1, int((width - 2 * MARGIN) / _TILE_INCHES)))
    composed = mosaic(np.stack(tiles), tiled, _GAP)
    with drawing(theme) as look:
        if axes is None:
            across = min(width - 2 * MARGIN, tiled * _TILE_INCHES * (1.3 if tiled > 3 else 2.5))
            top = MARGIN + (TITLE if title else 0.0)
            down = height_of(composed, across)
            drawn = new_picture(width, top + down + MARGIN, look)
            drawn.set_label("Feature maps over the image")
            axes = panel(drawn, MARGIN, top, across, down)
        show(axes, composed)
        for place, channel in enumerate(chosen):
            down, across = divmod(place, tiled)
            axes.text(
                across * (_SIDE + _GAP) + 3,
                down * (_SIDE + _GAP) + 2,
                str(channel),
                va="top",
                fontsize=SMALL_POINTS,
                color="white",
                bbox={"facecolor": (0, 0, 0, 0.6), "linewidth": 0, "pad": 1},
            )
        head(axes, title)
    return axes


def _chosen(values: Float[np.ndarray, "channels height width"], channels: Any, n: int) -> list[int]:
    if not values.size or n < 1:
        raise InputError(f"maps of shape {values.shape}, n={n}: nothing to draw; expected some")
    if channels is None:
        order = np.argsort(-values.max(axis=(1, 2)), kind="stable")
        return [int(channel) for channel in order[:n]]
    chosen = [int(channel) for channel in channels][:n]
    wrong = [channel for channel in chosen if not 0 <= channel < len(values)]
    if wrong or not chosen:
        raise InputError(f"channels={list(channels)}; expected numbers from 0 to {len(values) - 1}")
    return chosen


def _spans(
    spans: tuple[Any, Any] | None, positions: tuple[int, ...], extent: tuple[int, ...]
) -> tuple[Float[np.ndarray, "rows 2"], Float[np.ndarray, "columns 2"]]:
    if spans is not None:
        rows, columns = (floats_of(each, "spans", "positions 2") for each in spans)
        if (len(rows), len(columns)) == tuple(positions):
            return rows, columns
        raise InputError(
            f"spans are of {len(rows)} rows and {len(columns)} columns, maps of {positions}"
        )
    edges = [np.linspace(0, side, count + 1) for side, count in zip(extent, positions, strict=True)]
    rows, columns = (np.stack([each[:-1], each[1:]], axis=1) for each in edges)
    return rows, columns


def _enlarged(
    values: Float[np.ndarray, "height width"],
    down: Float[np.ndarray, " height"],
    across: Float[np.ndarray, " width"],
    extent: tuple[int, ...],
) -> Float[np.ndarray, "rows columns"]:
    """Values between positions are passed over linearly, first along columns, then along rows."""
    rows, columns = (np.arange(side) + 0.5 for side in extent)
    tall = np.stack([np.interp(rows, down, column) for column in values.T], axis=1)
    return np.stack([np.interp(columns, across, row) for row in tall])


def _heated(
    picture: UInt8[np.ndarray, "height width channels"], heat: Float[np.ndarray, "height width"]
) -> UInt8[np.ndarray, "height width 3"]:
    grey = picture[..., :3].mean(axis=2)[..., np.newaxis] * 0.8
    opacity = 0.85 * heat[..., np.newaxis]
    return np.rint(grey * (1 - opacity) + _HEAT * opacity).astype(np.uint8)
