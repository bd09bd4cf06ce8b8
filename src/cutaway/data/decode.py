"""From encoded image files to one array: all of one size and mode, the unreadable named."""

import os
import warnings
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
from jaxtyping import Int64, UInt8
from PIL import Image

from cutaway.data.images import Images, Skipped
from cutaway.data.picture import EncodedFile, Header, Unreadable, read_header, read_picture
from cutaway.data.remarks import conversions, omissions
from cutaway.errors import InputError
from cutaway.progress import task

BLOCK = 256
# Below this many pixels an image, threads wait for Python's lock longer than they decode.
PIXELS_WORTH_A_THREAD = 128 * 128


@dataclass(frozen=True)
class Encoded:
    """Images as files hold them.

    Attributes:
        sources: The name of each image.
        open: Opens the encoded bytes of the image at a position.
        labels: Int64 (n,) from 0, or None.
        class_names: The name of each class, or None.
        skipped: Images already known to be left out.
        remarks: What was decided so far.
    """

    sources: tuple[str, ...]
    open: Callable[[int], EncodedFile]
    labels: Int64[np.ndarray, " samples"] | None = None
    class_names: tuple[str, ...] | None = None
    skipped: tuple[Skipped, ...] = ()
    remarks: tuple[str, ...] = ()


def decode(encoded: Encoded, name: str, split: str | None) -> Images:
    """Decodes images to bytes, all of the most common size, grey where all are grey and else RGB.

    The headers are read first, so that memory is taken once and for what is needed.

    Raises:
        InputError: No image can be read, or together they would not fit into memory.
    """
    with strict_pillow():
        headers, failures = _headers(encoded)
        _require_some(headers, failures, encoded, name)
        size, channels = _common_form(headers.values(), name)
        pixels, damaged = _pixels(encoded, list(headers), size, channels)
    failures |= damaged
    kept = [at for at in headers if at not in damaged]
    _require_some(kept, failures, encoded, name)
    if damaged:
        pixels = pixels[[row for row, at in enumerate(headers) if at not in damaged]]
    skipped = encoded.skipped + tuple(
        Skipped(encoded.sources[at], failures[at]) for at in sorted(failures)
    )
    return Images(
        pixels=pixels,
        labels=None if encoded.labels is None else encoded.labels[kept],
        class_names=encoded.class_names,
        name=name,
        split=split,
        sources=tuple(encoded.sources[at] for at in kept),
        skipped=skipped,
        remarks=(
            *encoded.remarks,
            *conversions([headers[at] for at in kept], size, channels),
            *omissions(skipped, len(kept) + len(skipped)),
        ),
    )


@contextmanager
def strict_pillow() -> Iterator[None]:
    """Within it, Pillow's remarks are silent and its warning of a bomb is an error."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        yield


def common_size(headers: Collection[Header]) -> tuple[int, int]:
    """The most common (height, width); of equally common ones the middle one."""
    sizes = Counter(header.size for header in headers)
    most = max(sizes.values())
    candidates = sorted((h * w, h, w) for (h, w), count in sizes.items() if count == most)
    _, height, width = candidates[(len(candidates) - 1) // 2]
    return height, width


def _headers(encoded: Encoded) -> tuple[dict[int, Header], dict[int, str]]:
    headers: dict[int, Header] = {}
    failures: dict[int, str] = {}
    for at in range(len(encoded.sources)):
        header = read_header(encoded.open, at)
        if isinstance(header, Unreadable):
            failures[at] = header.reason
        else:
            headers[at] = header
    return headers, failures


def _common_form(headers: Collection[Header], name: str) -> tuple[tuple[int, int], int]:
    """The (height, width) and the channels that all images are brought to."""
    height, width = common_size(headers)
    channels = 1 if all(header.grey for header in headers) else 3
    _require_memory(len(headers) * height * width * channels, name)
    return (height, width), channels


def _pixels(
    encoded: Encoded, readable: list[int], size: tuple[int, int], channels: int
) -> tuple[UInt8[np.ndarray, "samples height width channels"], dict[int, str]]:
    pixels = np.empty((len(readable), *size, channels), np.uint8)
    failures: dict[int, str] = {}

    def fill(start: int) -> int:
        rows = range(start, min(start + BLOCK, len(readable)))
        for row in rows:
            picture = read_picture(encoded.open, readable[row], size, channels)
            if isinstance(picture, Unreadable):
                failures[readable[row]] = picture.reason
            else:
                pixels[row] = picture.pixels
        return len(rows)

    starts = range(0, len(readable), BLOCK)
    with task("Reading images", total=len(readable)) as reading:
        for done in _in_threads(fill, starts, size[0] * size[1]):
            reading.advance(done)
    return pixels, failures


def _in_threads(
    fill: Callable[[int], int], starts: Iterable[int], pixels_an_image: int
) -> Iterable[int]:
    if pixels_an_image < PIXELS_WORTH_A_THREAD:
        yield from map(fill, starts)
        return
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        yield from pool.map(fill, starts)


def _require_some(
    kept: Collection[int], failures: Mapping[int, str], encoded: Encoded, name: str
) -> None:
    if kept:
        return
    first = min(failures)
    raise InputError(
        f"none of the {len(encoded.sources):,} images of {name!r} can be read; the first, "
        f"{encoded.sources[first]!r}, is {failures[first]}. "
        "Expected image files such as PNG or JPEG; check how they were written or copied"
    )


def _require_memory(wanted: int, name: str) -> None:
    memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    if wanted > memory // 2:
        raise InputError(
            f"the images of {name!r} would take {wanted / 2**30:,.1f} GiB, and this machine has "
            f"{memory / 2**30:,.1f} GiB of memory; choose fewer by limit=, or make them smaller"
        )
