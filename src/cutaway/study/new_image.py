"""An image that someone sends, brought to the form of a Study's samples."""

import numpy as np
from jaxtyping import UInt8
from PIL import Image

from cutaway.data.drawing import DrawingForm
from cutaway.data.picture import Unreadable, read_upload
from cutaway.errors import InputError

MOST_BYTES = 8 * 2**20
MOST_PIXELS = 16_000_000
FORMATS = ("PNG", "JPEG", "WEBP")

Given = UInt8[np.ndarray, "rows columns colours"]
Sample = UInt8[np.ndarray, "height width channels"]


class RefusedImageError(InputError):
    """An image that is not taken; the message tells its sender why.

    Args:
        message: Why.
        kind: "large", "format" or "unusable".
    """

    def __init__(self, message: str, kind: str) -> None:
        super().__init__(message)
        self.kind = kind


def read_new_image(body: bytes) -> Given:
    """Decodes a PNG, JPEG or WebP file: grey where it has no colour, else RGB.

    Raises:
        RefusedImageError: It has too many bytes or pixels, another format, or is damaged.
    """
    if len(body) > MOST_BYTES:
        raise RefusedImageError(f"An image may have {MOST_BYTES // 2**20} MB at most.", "large")
    given = read_upload(body, FORMATS, MOST_PIXELS)
    if isinstance(given, Unreadable):
        kind = "large" if given.too_large else "format" if given.unknown else "unusable"
        raise RefusedImageError(f"This is {given.reason}; expected PNG, JPEG or WebP.", kind)
    return given


def as_drawing(given: Given, form: DrawingForm | None) -> tuple[Sample, list[str]]:
    """A drawing with the size, place, ground and ink of the samples, and what was done to it.

    Raises:
        RefusedImageError: It is empty, or the samples are no drawings.
    """
    if form is None:
        words = "The samples of this Study are no drawn signs on an even ground."
        raise RefusedImageError(words, "unusable")
    image = form.apply(given)
    if image is None:
        raise RefusedImageError("Nothing is drawn yet.", "unusable")
    sides = f"{form.width}x{form.height}"
    return image, [
        f"The drawing was cropped, scaled into {sides} pixels and centred by its mass.",
        "Its ground and ink were made those of the samples.",
    ]


def as_sample(given: Given, shape: tuple[int, int, int]) -> tuple[Sample, list[str]]:
    """An image with the shape (channels, height, width) of the samples, and what was done to it."""
    channels, height, width = shape
    done = []
    picture = Image.fromarray(given.squeeze(-1) if given.shape[-1] == 1 else given)
    mode = "L" if channels == 1 else "RGB"
    if picture.mode != mode:
        picture = picture.convert(mode)
        done.append("Its colours were made grey." if channels == 1 else "Grey became colour.")
    if picture.size != (width, height):
        before = picture.size
        cropped = _middle(picture, width / height)
        if cropped.size != before:
            done.append("Its middle was cut out, in the shape of the samples.")
        picture = cropped.resize((width, height), Image.Resampling.BOX)
        done.append(f"It was brought from {before[0]}x{before[1]} to {width}x{height} pixels.")
    return np.asarray(picture).reshape(height, width, channels), done


def _middle(picture: Image.Image, aspect: float) -> Image.Image:
    """The largest part of that shape (width over height) around the middle."""
    width, height = picture.size
    wide, tall = min(width, round(height * aspect)), min(height, round(width / aspect))
    left, top = (width - max(wide, 1)) // 2, (height - max(tall, 1)) // 2
    return picture.crop((left, top, left + max(wide, 1), top + max(tall, 1)))
