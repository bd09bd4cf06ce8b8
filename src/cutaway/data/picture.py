"""One encoded image: its header, and its pixels in the form that is asked for."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from io import BufferedReader, BytesIO

import numpy as np
from jaxtyping import UInt8
from PIL import Image, ImageOps, UnidentifiedImageError

# Some of Pillow's other formats start programs or read further files: they stay shut.
FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF", "PPM")
SUFFIXES = frozenset(
    [
        ".jpg",
        ".jpeg",
        ".jfif",
        ".png",
        ".webp",
        ".gif",
        ".bmp",
        ".tif",
        ".tiff",
        ".ppm",
        ".pgm",
        ".pbm",
        ".pnm",
    ]
)
MOST_PIXELS = 80_000_000

# An encoded file, or a picture that is in memory already: bytes (height, width[, channels]).
EncodedFile = BytesIO | BufferedReader | Image.Image | np.ndarray

_ORIENTATION = 0x0112
_GREY = frozenset({"1", "L", "LA", "La", "I", "F", "I;16", "I;16L", "I;16B", "I;16N"})
_DEEP = frozenset({"I", "F", "I;16", "I;16L", "I;16B", "I;16N"})
_TRANSPARENT = frozenset({"LA", "La", "PA", "RGBA", "RGBa"})
_PLAIN = _GREY | {"RGB", "RGBA", "RGBa"}


@dataclass(frozen=True)
class Header:
    """What the head of an image file says.

    Attributes:
        size: (height, width) as seen, after turning a camera's image upright.
        grey: Whether it has no colour.
        kinds: Which conversions it needs: "transparent", "deep", "coded".
    """

    size: tuple[int, int]
    grey: bool
    kinds: frozenset[str] = field(default_factory=frozenset)


@dataclass(frozen=True)
class Unreadable:
    """Why an image cannot be read.

    Attributes:
        reason: In words.
        unknown: Whether it is in no known format.
        too_large: Whether it has too many pixels.
    """

    reason: str
    unknown: bool = False
    too_large: bool = False


@dataclass(frozen=True)
class Decoded:
    """An image in the form that was asked for, and what it was before."""

    header: Header
    pixels: UInt8[np.ndarray, "height width channels"]


def read_header(opener: Callable[[int], EncodedFile], at: int) -> Header | Unreadable:
    """Reads size and mode of the image at a position, without its pixels."""
    try:
        with _opened(opener(at)) as image:
            return _header(image)
    except Exception as error:  # noqa: BLE001 (decoders raise anything on hostile bytes)
        return Unreadable(_reason(error))


def read_picture(
    opener: Callable[[int], EncodedFile], at: int, size: tuple[int, int], channels: int
) -> Decoded | Unreadable:
    """Decodes the image at a position, upright, in the size (height, width) and channels given."""
    try:
        with _opened(opener(at)) as image:
            header = _header(image)
            plain = _plain(_upright(image))
            mode = "L" if channels == 1 else "RGB"
            if plain.mode != mode:
                plain = plain.convert(mode)
            if plain.size != size[::-1]:
                plain = plain.resize(size[::-1], Image.Resampling.BILINEAR)
            return Decoded(header, np.asarray(plain).reshape(*size, channels))
    except Exception as error:  # noqa: BLE001 (decoders raise anything on hostile bytes)
        return Unreadable(_reason(error))


def read_upload(
    body: bytes, formats: tuple[str, ...], most_pixels: int
) -> UInt8[np.ndarray, "height width channels"] | Unreadable:
    """Decodes what a stranger sent, upright: grey where it has no colour, else RGB.

    Its size is known from its head, before any memory is taken for its pixels.

    Args:
        body: The encoded file.
        formats: Pillow's names of the formats that are let in.
        most_pixels: Images of more are refused.
    """
    try:
        with Image.open(BytesIO(body), formats=formats) as image:
            width, height = image.size
            if width * height > most_pixels:
                return Unreadable(f"too large: {width:,}x{height:,} pixels", too_large=True)
            grey = image.mode in _GREY
            plain = _plain(_upright(image)).convert("L" if grey else "RGB")
            return np.asarray(plain).reshape(plain.height, plain.width, -1)
    except UnidentifiedImageError:
        return Unreadable("no image in a known format", unknown=True)
    except Exception as error:  # noqa: BLE001 (decoders raise anything on hostile bytes)
        bomb = isinstance(error, Image.DecompressionBombWarning | Image.DecompressionBombError)
        return Unreadable(_reason(error), too_large=bomb)


def _header(image: Image.Image) -> Header:
    width, height = image.size
    if "exif" in image.info and image.getexif().get(_ORIENTATION, 1) >= 5:
        width, height = height, width
    return Header((height, width), image.mode in _GREY, _kinds(image))


@contextmanager
def _opened(source: EncodedFile) -> Iterator[Image.Image]:
    if isinstance(source, np.ndarray):
        yield _bounded(Image.fromarray(source[..., 0] if source.shape[2:] == (1,) else source))
    elif isinstance(source, Image.Image):
        # It is the caller's, and stays open.
        yield _bounded(source)
    else:
        with source as file, Image.open(file, formats=FORMATS) as image:
            yield _bounded(image)


class _TooLargeError(Exception):
    pass


def _bounded(image: Image.Image) -> Image.Image:
    width, height = image.size
    if width * height > MOST_PIXELS:
        raise _TooLargeError(f"{width:,}x{height:,} pixels")
    return image


def _upright(image: Image.Image) -> Image.Image:
    return ImageOps.exif_transpose(image) if "exif" in image.info else image


def _plain(image: Image.Image) -> Image.Image:
    """The image with 8 bits a channel and nothing to see through."""
    if image.mode in _DEEP:
        return Image.fromarray(_eight_bits(np.asarray(image)))
    if image.mode in _TRANSPARENT or "transparency" in image.info:
        pixels = image.convert("RGBA")
        return Image.alpha_composite(Image.new("RGBA", pixels.size, "white"), pixels)
    return image


def _eight_bits(values: np.ndarray) -> UInt8[np.ndarray, "height width"]:
    """Scales deep grey values: integers from 0 to 65,535, floats from 0 to 1."""
    full = 1.0 if values.dtype.kind == "f" else 65535.0
    wide = values.astype(np.float64)
    if not (wide.min() >= 0 and wide.max() <= full):
        raise ValueError(f"values from {wide.min():g} to {wide.max():g}, not within 0 to {full:g}")
    return np.rint(wide * (255 / full)).astype(np.uint8)


def _kinds(image: Image.Image) -> frozenset[str]:
    kinds = set()
    if image.mode in _TRANSPARENT or "transparency" in image.info:
        kinds.add("transparent")
    if image.mode in _DEEP:
        kinds.add("deep")
    if image.mode not in _PLAIN:
        kinds.add("coded")
    return frozenset(kinds)


def _reason(error: Exception) -> str:
    if isinstance(error, UnidentifiedImageError):
        return "no image in a known format"
    if isinstance(
        error, _TooLargeError | Image.DecompressionBombWarning | Image.DecompressionBombError
    ):
        return f"too large, over {MOST_PIXELS:,} pixels (a decompression bomb?)"
    if isinstance(error, OSError) and error.strerror:
        return f"unreadable: {error.strerror}"
    return f"damaged: {error or type(error).__name__}"
