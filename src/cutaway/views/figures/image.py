"""What one image is made of."""

from typing import Any

import numpy as np
from jaxtyping import Float
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from cutaway.errors import InputError
from cutaway.views.figures.arrays import array_of, bytes_of
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
from cutaway.views.figures.grid import show
from cutaway.views.figures.names import Number, plain
from cutaway.views.figures.theme import SMALL_POINTS, TITLE_POINTS, Look, drawing

_CHANNEL_NAMES = {
    1: ("grey",),
    2: ("grey", "opacity"),
    3: ("red", "green", "blue"),
    4: ("red", "green", "blue", "opacity"),
}
# A colour pixel holds three numbers, which need more room.
_PATCH = {1: 8, 2: 6, 3: 5, 4: 4}
_GAP = 0.25
_WORDS_BESIDE = 5.0
_WORDS_HIGH = 1.3
_STRIP = 0.72
_CHANNEL_STEP = _STRIP + 0.44


def image_structure(
    image: Any,
    *,
    title: str | None = None,
    figure: Figure | None = None,
    width: Number = PAGE,
    theme: str = "light",
) -> Figure:
    """One image as numbers: its pixel grid with values, its channels, their histograms, its range.

    Values are written in the pixels of small images, and in those of a patch from
    the middle of larger ones; the patch is marked in the image.

    Args:
        image: Values (height, width), (height, width, channels) or (channels, height, width), with
            up to four channels; uint8, or floats of any range.
        title: Written above, such as the class.
        figure: Where to draw, its height adapted; a new figure by default.
        width: Inches of a new figure.
        theme: "light", "dark" or "inherit".

    Raises:
        InputError: The shape is not that of one image.

    Example:
        >>> len(image_structure(np.eye(8)).axes)
        4
    """
    values = _channels_last(image)
    width = width_of(figure, width)
    channels = values.shape[2]
    # On a phone's width the words stand below the two pictures, not beside them.
    across = 3 if width >= _WORDS_BESIDE else 2
    side = (width - 2 * MARGIN - (across - 1) * _GAP) / across
    top = MARGIN + (TITLE if title else 0) + TITLE
    below = top + side + (0.0 if across == 3 else _WORDS_HIGH)
    with drawing(theme) as look:
        figure = fitted(figure, width, below + channels * _CHANNEL_STEP + 0.2, look)
        figure.set_label(f"Structure of one image of {values.shape[0]} by {values.shape[1]} pixels")
        if title:
            write(figure, MARGIN, MARGIN, plain(title), fontweight="bold", fontsize=TITLE_POINTS)
        _draw_pixels(figure, values, top, side, look)
        if across == 3:
            left = MARGIN + 2 * (side + _GAP)
            write(figure, left, top - 0.2, "In words", fontweight="bold")
            write(figure, left, top, _in_words(values), color=look.quiet, linespacing=1.7)
        else:
            place = (MARGIN, top + side + 0.12)
            write(figure, *place, _in_words(values), color=look.quiet, linespacing=1.7)
        for channel in range(channels):
            _draw_channel(figure, values, channel, below + 0.4 + channel * _CHANNEL_STEP, look)
    return figure


def _channels_last(image: Any) -> np.ndarray:
    values = array_of(image, "image")
    if values.ndim == 2:
        values = values[..., np.newaxis]
    if values.ndim == 3 and values.shape[2] not in _CHANNEL_NAMES and values.shape[0] <= 4:
        values = np.moveaxis(values, 0, 2)
    if values.ndim != 3 or values.shape[2] not in _CHANNEL_NAMES or not values.size:
        raise InputError(
            f"image has shape {np.shape(image)}; expected one image: (height, width), "
            "(height, width, channels) or (channels, height, width) of up to 4 channels"
        )
    return values


def _draw_pixels(figure: Figure, values: np.ndarray, top: Number, side: Number, look: Look) -> None:
    height, width = values.shape[:2]
    small = max(height, width) <= (10 if values.shape[2] == 1 else 6)
    colours = _colours(values)
    whole = panel(figure, MARGIN, top, side, side)
    show(whole, colours)
    head(whole, f"The image, {width} × {height}")
    patch = panel(figure, MARGIN + side + _GAP, top, side, side)
    rows, columns = (
        (slice(0, height), slice(0, width))
        if small
        else tuple(_middle(length, _PATCH[values.shape[2]]) for length in (height, width))
    )
    show(patch, colours[rows, columns], named=True)
    head(patch, "Its values" if small else "The marked pixels")
    _write_values(patch, values[rows, columns], colours[rows, columns], side, look)
    if not small:
        corner = (columns.start - 0.5, rows.start - 0.5)
        size = (columns.stop - columns.start, rows.stop - rows.start)
        for colour, line in (("#ffffff", 2.4), ("#000000", 1.0)):
            whole.add_patch(Rectangle(corner, *size, fill=False, edgecolor=colour, linewidth=line))


def _middle(length: int, patch: int) -> slice:
    size = min(patch, length)
    start = (length - size) // 2
    return slice(start, start + size)


def _colours(values: np.ndarray) -> np.ndarray:
    shown = bytes_of(values)
    colour = shown[..., : 3 if values.shape[2] >= 3 else 1]
    return np.repeat(colour, 3, axis=2) if colour.shape[2] == 1 else colour


def _write_values(
    axes: Any, values: np.ndarray, colours: np.ndarray, side: Number, look: Look
) -> None:
    """Writes the values into the pixels: one a line for each channel, dark on bright pixels."""
    rows, columns, channels = values.shape
    points = min(7.0, side * 72 / max(rows, columns) / max(1.25 * channels, 2.3))
    brightness = colours @ np.array([0.299, 0.587, 0.114])
    for row in range(rows):
        for column in range(columns):
            axes.text(
                column,
                row,
                "\n".join(_short(value) for value in values[row, column]),
                ha="center",
                va="center",
                fontsize=points,
                linespacing=1.0,
                color="#000000" if brightness[row, column] > 128 else "#ffffff",
            )
    axes.set_xticks(np.arange(columns + 1) - 0.5, minor=True)
    axes.set_yticks(np.arange(rows + 1) - 0.5, minor=True)
    axes.grid(which="minor", color=look.rule, linewidth=0.5)
    axes.tick_params(which="minor", length=0)


def _short(value: Any) -> str:
    if float(value).is_integer() and abs(value) < 1000:
        return str(int(value))
    return f"{float(value):.2g}"


def _in_words(values: np.ndarray) -> str:
    height, width, channels = values.shape
    finite = values[np.isfinite(values)]
    names = ", ".join(_CHANNEL_NAMES[channels])
    lines = [
        f"{height} rows × {width} columns",
        f"{channels} channel{'s' if channels > 1 else ''}: {names}",
        f"{values.size:,} numbers of type {values.dtype}",
    ]
    if finite.size:
        lines += [
            f"values {_short(finite.min())} to {_short(finite.max())}",
            f"mean {finite.mean():.3g}, deviation {finite.std():.3g}",
            f"{len(np.unique(finite)):,} different values",
        ]
    if finite.size < values.size:
        lines.append(f"{values.size - finite.size:,} values are not finite")
    return "\n".join(lines)


def _draw_channel(
    figure: Figure, values: np.ndarray, channel: int, top: Number, look: Look
) -> None:
    side = _STRIP
    name = _CHANNEL_NAMES[values.shape[2]][channel]
    show(
        panel(figure, MARGIN, top, side, side),
        bytes_of(values)[..., channel],
        cmap="gray",
        vmin=0,
        vmax=255,
    )
    left = MARGIN + side + 0.3
    room = figure.get_size_inches()[0] - left - MARGIN - 0.1
    axes = panel(figure, left, top, room, side)
    finite = values[..., channel][np.isfinite(values[..., channel])].astype(np.float64)
    low, high = _range(values)
    counts, edges = np.histogram(finite, bins=_bins(values, low, high))
    axes.stairs(counts, edges, fill=True, color=look.accent)
    axes.set_xlim(edges[0], edges[-1])
    axes.set_yticks([])
    axes.spines["left"].set_visible(False)
    axes.set_title(f"{name}: pixels of each value", fontsize=SMALL_POINTS, color=look.quiet, pad=2)


def _range(values: np.ndarray) -> tuple[Number, Number]:
    finite = values[np.isfinite(values)].astype(np.float64)
    if values.dtype == np.uint8:
        return 0.0, 255.0
    if not finite.size or finite.min() == finite.max():
        middle = float(finite[0]) if finite.size else 0.0
        return middle - 0.5, middle + 0.5
    return float(finite.min()), float(finite.max())


def _bins(values: np.ndarray, low: Number, high: Number) -> Float[np.ndarray, " edges"]:
    if values.dtype.kind in "bui" and high - low <= 255:
        step = max(1, round((high - low + 1) / 64))
        return np.arange(low, high + step + 1, step, dtype=np.float64) - 0.5
    return np.linspace(low, high, 49)
