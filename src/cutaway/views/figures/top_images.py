"""The images that move each unit of a layer most, and the part of each that does."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from cutaway.errors import InputError
from cutaway.views.figures.arrays import floats_of, pictures_of
from cutaway.views.figures.canvas import MARGIN, PAGE, TITLE, fitted, panel, width_of, write
from cutaway.views.figures.grid import mosaic, show
from cutaway.views.figures.magnified import magnified, part
from cutaway.views.figures.names import Number, plain, shorten, widest
from cutaway.views.figures.theme import SMALL_POINTS, TEXT_POINTS, TITLE_POINTS, drawing

_SIDE, _GAP, _BETWEEN = 48, 3, 0.12
_HEAD = 0.2


def top_images(
    images: Sequence[Any],
    boxes: Sequence[Any] | None = None,
    *,
    names: Sequence[str] | None = None,
    notes: Sequence[str] | None = None,
    title: str | None = None,
    figure: Figure | None = None,
    width: Number = PAGE,
    theme: str = "light",
) -> Figure:
    """A row a unit: the parts of images that move it most, beside the images with the part framed.

    Args:
        images: For each unit the images that move it most, most first: (images, height, width,
            channels), as many for each.
        boxes: For each unit (images, 4): top, left, bottom and right of the part that did, in
            pixels of the image. Without, and where every part is the whole image, only the images
            are drawn.
        names: What each unit is called; its number by default.
        notes: What is said of each unit, under its name.
        title: Written above.
        figure: Where to draw, its height adapted; a new figure by default.
        width: Inches of a new figure.
        theme: "light", "dark" or "inherit".

    Raises:
        InputError: There are no units, or names, notes and boxes are not as many.

    Example:
        >>> picture = top_images([np.zeros((3, 8, 8, 1))], [[[0, 0, 4, 4]] * 3])
        >>> len(picture.axes)
        2
    """
    pictures = [pictures_of(each, f"images[{unit}]") for unit, each in enumerate(images)]
    count = len(pictures)
    names = [f"unit {unit}" for unit in range(count)] if names is None else list(names)
    notes = [""] * count if notes is None else list(notes)
    if not count or {len(names), len(notes)} != {count} or len(boxes or names) != count:
        raise InputError(
            f"images holds {count} units, with {len(names)} names, {len(notes)} notes and "
            f"{'no' if boxes is None else len(boxes)} boxes; expected one of each for each unit"
        )
    places = None if boxes is None else [floats_of(each, "boxes", "images 4") for each in boxes]
    rows = _rows(pictures, places)
    with drawing(theme) as look:
        width = width_of(figure, width)
        names, notes = [shorten(name, 24) for name in names], [shorten(note, 28) for note in notes]
        left = MARGIN + max(widest(names, TEXT_POINTS), widest(notes, SMALL_POINTS)) + 0.1
        across = (width - left - MARGIN - _BETWEEN * (len(rows) - 1)) / len(rows)
        images_a_row = max(len(each) for each in pictures)
        tile = min(across / images_a_row, 0.5)
        top = MARGIN + (TITLE if title else 0) + _HEAD
        figure = fitted(figure, width, top + tile * count + MARGIN, look)
        figure.set_label("Images that move units most")
        if title:
            write(figure, MARGIN, MARGIN, plain(title), fontweight="bold", fontsize=TITLE_POINTS)
        for block, (words, tiles) in enumerate(rows):
            place = left + block * (tile * images_a_row + _BETWEEN)
            write(figure, place, top - _HEAD, words, color=look.quiet, fontsize=SMALL_POINTS)
            axes = panel(figure, place, top, tile * images_a_row, tile * count)
            show(axes, mosaic(tiles, images_a_row, _GAP))
        for unit, (name, note) in enumerate(zip(names, notes, strict=True)):
            middle = top + tile * (unit + 0.5)
            raised = 0.06 if note else 0.0
            write(figure, MARGIN, middle - raised, name, va="center", fontsize=TEXT_POINTS)
            small = {"va": "center", "fontsize": SMALL_POINTS, "color": look.quiet}
            write(figure, MARGIN, middle + 0.07, note, **small)
    return figure


def _rows(
    pictures: list[np.ndarray], boxes: list[np.ndarray] | None
) -> list[tuple[str, np.ndarray]]:
    """Headings and tiles of what is drawn side by side."""
    most = max(len(each) for each in pictures)
    whole = boxes is None or all(
        (place[:, 2:] - place[:, :2] >= each.shape[1:3]).all()
        for place, each in zip(boxes, pictures, strict=True)
    )
    if boxes is None or whole:
        tiles = [_padded([magnified(image, _SIDE) for image in each], most) for each in pictures]
        return [("images, most moving first", np.concatenate(tiles))]
    parts, framed = [], []
    for each, places in zip(pictures, boxes, strict=True):
        spots = [tuple(place) for place in places.tolist()]
        shown = [(image, box) for image, box in zip(each, spots, strict=True)]
        parts.append(_padded([magnified(part(image, box), _SIDE) for image, box in shown], most))
        framed.append(_padded([magnified(image, _SIDE, box) for image, box in shown], most))
    return [
        ("parts that do it, most moving first", np.concatenate(parts)),
        ("the images that they are in", np.concatenate(framed)),
    ]


def _padded(tiles: list[np.ndarray], count: int) -> np.ndarray:
    blank = np.zeros((_SIDE, _SIDE, 4), dtype=np.uint8)
    return np.stack([*tiles, *[blank] * (count - len(tiles))])
