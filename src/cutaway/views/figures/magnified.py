"""Small pictures and parts of them, drawn large enough to see, with a frame where one is."""

import numpy as np
from jaxtyping import UInt8

from cutaway.views.figures.names import Number

Pixels = UInt8[np.ndarray, "height width channels"]
Rgba = UInt8[np.ndarray, "side side rgba=4"]
Box = tuple[Number, Number, Number, Number]

_FRAME = ((0, 0, 0, 255), (255, 214, 10, 255))


def magnified(picture: Pixels, side: int, box: Box | None = None) -> Rgba:
    """A picture in a square of so many pixels, its own pixels kept sharp, transparent beside it.

    Args:
        picture: Grey, colour, or colour with opacity.
        side: Pixels of the square.
        box: Top, left, bottom and right, in pixels of the picture, of a part to frame.

    Example:
        >>> magnified(np.zeros((2, 4, 3), dtype=np.uint8), 8)[:, 0, 3].tolist()
        [0, 0, 255, 255, 255, 255, 0, 0]
    """
    height, width = picture.shape[:2]
    scale = side / max(height, width, 1)
    tall, wide = max(round(height * scale), 1), max(round(width * scale), 1)
    rows = (np.arange(tall) * height // tall).clip(max=height - 1)
    columns = (np.arange(wide) * width // wide).clip(max=width - 1)
    top, left = (side - tall) // 2, (side - wide) // 2
    square = np.zeros((side, side, 4), dtype=np.uint8)
    inner = square[top : top + tall, left : left + wide]
    inner[..., 3] = 255
    channels = min(picture.shape[2], 4)
    enlarged = picture[rows][:, columns]
    inner[..., : max(channels, 3)] = enlarged if channels > 1 else enlarged.repeat(3, axis=2)
    if box is not None:
        _frame(square, [round(edge * scale) for edge in box], top, left)
    return square


def part(picture: Pixels, box: Box) -> UInt8[np.ndarray, "rows columns channels"]:
    """The part of a picture within a box of top, left, bottom and right; one pixel at least."""
    height, width = picture.shape[:2]
    top, left = min(int(box[0]), height - 1), min(int(box[1]), width - 1)
    bottom, right = max(int(np.ceil(box[2])), top + 1), max(int(np.ceil(box[3])), left + 1)
    return picture[top:bottom, left:right]


def _frame(square: Rgba, box: list[int], down: int, across: int) -> None:
    """A dark line around a bright one, so that it is seen on any picture."""
    side = len(square)
    top, left, bottom, right = box[0] + down, box[1] + across, box[2] + down, box[3] + across
    for inset, colour in enumerate(_FRAME):
        first, last = max(top + inset, 0), min(bottom - inset, side) - 1
        begin, end = max(left + inset, 0), min(right - inset, side) - 1
        if last < first or end < begin:
            return
        square[[first, last], begin : end + 1] = colour
        square[first : last + 1, [begin, end]] = colour
