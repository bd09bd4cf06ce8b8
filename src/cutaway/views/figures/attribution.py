"""Where in an image a prediction comes from, beside what a layer makes of the image."""

import textwrap
from collections.abc import Mapping
from typing import Any

import numpy as np
from jaxtyping import Float, UInt8
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from PIL import Image

from cutaway.errors import InputError
from cutaway.views.figures.arrays import array_of, floats_of, pictures_of
from cutaway.views.figures.canvas import MARGIN, PAGE, TITLE, fitted, panel, width_of, write
from cutaway.views.figures.grid import gap_of, height_of, mosaic, opaque, show
from cutaway.views.figures.names import Number, plain, shorten
from cutaway.views.figures.theme import SMALL_POINTS, TEXT_POINTS, TITLE_POINTS, Look, drawing

FOR, AGAINST = "#f0901e", "#2a8cff"
"""Colours of what speaks for a class and against it; one pair for light and dark pages."""
_HEAD = 0.36
_LINE = 0.14
_GAP = 0.14
_LARGEST = 1.5
_CLIP_PERCENT = 99.0
_MAPS = 8


def attribution(
    image: Any,
    maps: Mapping[str, Any],
    *,
    notes: Mapping[str, str] | None = None,
    features: Any = None,
    layer: str = "",
    title: str | None = None,
    figure: Figure | None = None,
    width: Number = PAGE,
    theme: str = "light",
) -> Figure:
    """What speaks for a prediction (orange) and against it (blue), laid over the image in grey.

    Each map has its own scale, the outermost 1% clipped. Below them stand the layer's feature maps
    that are strongest on the mean.

    Args:
        image: The image (height, width[, channels]).
        maps: From a method's name to its attribution (height, width).
        notes: From a method's name to what is written under the name.
        features: A layer's activation for the image (channels, height, width).
        layer: The layer's name.
        title: Written above.
        figure: Where to draw, its height adapted; a new figure by default.
        width: Inches of a new figure.
        theme: "light", "dark" or "inherit".

    Raises:
        InputError: There is no map, or one is no (height, width).

    Example:
        >>> picture = attribution(np.zeros((8, 8)), {"occlusion": np.ones((8, 8))})
        >>> len(picture.axes)
        2
    """
    if not maps:
        raise InputError("maps holds no attribution; expected one or more, by a method's name")
    found = {
        name: np.nan_to_num(floats_of(value, f"maps[{name!r}]", "height width"))
        for name, value in maps.items()
    }
    original = opaque(pictures_of(array_of(image, "image")[np.newaxis], "image"))[0]
    pictures = {"input": original}
    pictures |= {name: _laid_over(original, each) for name, each in found.items()}
    channels = None if features is None else _strongest(features)
    width = width_of(figure, width)
    room = width - 2 * MARGIN
    columns = len(pictures) if room / len(pictures) > 1 else max(1, int(room))
    side = min(_LARGEST, (room - _GAP * (columns - 1)) / columns)
    rows = -(-len(pictures) // columns)
    named = {name: _wrapped(name, side) for name in pictures}
    above = _HEAD + _LINE * (max(len(lines) for lines in named.values()) - 1)
    cell = above + side * original.shape[0] / original.shape[1] + _GAP
    strip, below = None, 0.0
    if channels is not None:
        strip = _strip(channels[1])
        below = _HEAD + height_of(strip, _across(room, len(channels[1])))
    with drawing(theme) as look:
        top = MARGIN + (TITLE if title else 0)
        figure = fitted(figure, width, top + rows * cell + below + MARGIN, look)
        figure.set_label(f"Attribution of a prediction by {len(found)} methods")
        if title:
            write(figure, MARGIN, MARGIN, plain(title), fontweight="bold", fontsize=TITLE_POINTS)
        said = notes or {}
        for number, (name, picture) in enumerate(pictures.items()):
            row, column = divmod(number, columns)
            place = (MARGIN + column * (side + _GAP), top + row * cell, side)
            _draw(figure, named[name], said.get(name, ""), picture, (*place, above), look)
        if channels is not None and strip is not None:
            _draw_features(figure, channels, layer, strip, top + rows * cell, look)
    return figure


def _laid_over(
    image: UInt8[np.ndarray, "height width rgba=4"], map_: Float[np.ndarray, "rows columns"]
) -> UInt8[np.ndarray, "rows columns rgb=3"]:
    """The map's colours over the image in pale grey, at the map's size."""
    size = (map_.shape[1], map_.shape[0])
    grey = Image.fromarray(image[..., :3]).convert("L").resize(size, Image.Resampling.BILINEAR)
    base = 0.35 + 0.5 * np.asarray(grey)[..., np.newaxis] / 255
    limit = float(np.percentile(np.abs(map_), _CLIP_PERCENT)) or float(np.abs(map_).max()) or 1.0
    share = np.clip(map_ / limit, -1, 1)[..., np.newaxis]
    colour = np.where(share > 0, np.array(to_rgb(FOR)), np.array(to_rgb(AGAINST)))
    return np.rint(255 * (base + (colour - base) * np.abs(share))).astype(np.uint8)


def _strongest(features: Any) -> tuple[np.ndarray, np.ndarray, int]:
    """Numbers of the channels of the largest mean, their maps, and how many channels there are."""
    values = np.nan_to_num(floats_of(features, "features", "channels height width"))
    if not values.size:
        raise InputError(f"features has shape {values.shape}; expected one channel or more")
    chosen = np.argsort(-values.mean(axis=(1, 2)), kind="stable")[:_MAPS]
    return chosen, values[chosen], len(values)


def _strip(values: Float[np.ndarray, "channels height width"]) -> np.ndarray:
    return mosaic(values, len(values), gap_of(*values.shape[1:]))


def _across(room: Number, channels: int) -> Number:
    return min(room, 0.8 * channels)


def _wrapped(name: str, side: Number) -> list[str]:
    """A name in lines of bold letters that an image's width holds."""
    longest = max(6, int(side / (0.68 * TEXT_POINTS / 72)))
    return [shorten(line, longest) for line in textwrap.wrap(plain(name), longest)] or [""]


def _draw(
    figure: Figure,
    lines: list[str],
    note: str,
    picture: np.ndarray,
    place: tuple[Number, Number, Number, Number],
    look: Look,
) -> None:
    left, top, side, above = place
    for number, line in enumerate(lines):
        write(figure, left, top + _LINE * number, line, fontweight="bold")
    longest = max(6, int(side / (0.58 * SMALL_POINTS / 72)))
    style = {"fontsize": SMALL_POINTS, "color": look.quiet}
    write(figure, left, top + _LINE * len(lines) + 0.02, shorten(note, longest), **style)
    show(panel(figure, left, top + above, side, height_of(picture, side)), picture)


def _draw_features(
    figure: Figure,
    channels: tuple[np.ndarray, np.ndarray, int],
    layer: str,
    strip: np.ndarray,
    top: Number,
    look: Look,
) -> None:
    numbers, values, total = channels
    across = _across(figure.get_size_inches()[0] - 2 * MARGIN, len(values))
    words = f"Feature maps of {shorten(layer, 30)}" if layer else "Feature maps"
    write(figure, MARGIN, top, words, fontweight="bold")
    note = f"channels {', '.join(map(str, numbers))}: the strongest {len(values)} of {total}"
    longest = int((figure.get_size_inches()[0] - 2 * MARGIN) / (0.58 * SMALL_POINTS / 72))
    text = shorten(note, longest)
    write(figure, MARGIN, top + 0.16, text, fontsize=SMALL_POINTS, color=look.quiet)
    low, high = float(values.min()), float(values.max())
    axes = panel(figure, MARGIN, top + _HEAD, across, height_of(strip, across))
    show(axes, strip, cmap="gray", vmin=low, vmax=high if high > low else low + 1)
