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

from cutaway.data.image_set import Skipped
from cutaway.data.images import Images
from cutaway.data.picture import EncodedFile, Header, Unreadable, read_header, read_picture
from cutaway.data.remarks import conversions, omissions
from cutaway.errors import InputError
from cutaway.progress import task

BLOCK = 256
# So many images, spread over the set, usually tell the form of all.
FEW = 128
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

    Each file is opened once where a few of them tell the form of all, and else once more.

    Raises:
        InputError: No image can be read, or together they would not fit into memory.
    """
    everything = range(len(encoded.sources))
    with strict_pillow():
        few = everything[:: max(1, len(everything) // FEW)]
        known = _headers(encoded, few).values()
        if not known:
            known = _headers(encoded, everything).values()
        form = _common_form(known, len(everything), name) if known else ((1, 1), 1)
        pixels, headers, failures = _pixels(encoded, *form)
        kept = sorted(headers)
        _require_some(kept, failures, encoded, name)
        right = _common_form(headers.values(), len(everything), name)
        if right != form:
            form = right
            pixels, headers, failures = _pixels(encoded, *form)
            kept = sorted(headers)
    size, channels = form
    if failures:
        pixels = pixels[kept]
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


def _headers(encoded: Encoded, positions: Iterable[int]) -> dict[int, Header]:
    read = {at: read_header(encoded.open, at) for at in positions}
    return {at: header for at, header in read.items() if isinstance(header, Header)}


def _common_form(headers: Collection[Header], count: int, name: str) -> tuple[tuple[int, int], int]:
    """The (height, width) and the channels that all of `count` images are brought to."""
    height, width = common_size(headers)
    channels = 1 if all(header.grey for header in headers) else 3
    _require_memory(count * height * width * channels, name)
    return (height, width), channels


def _pixels(
    encoded: Encoded, size: tuple[int, int], channels: int
) -> tuple[UInt8[np.ndarray, "samples height width channels"], dict[int, Header], dict[int, str]]:
    """All images in one form, what they were before, and why some cannot be read."""
    count = len(encoded.sources)
    pixels = np.empty((count, *size, channels), np.uint8)
    headers: dict[int, Header] = {}
    failures: dict[int, str] = {}

    def fill(start: int) -> int:
        rows = range(start, min(start + BLOCK, count))
        for row in rows:
            picture = read_picture(encoded.open, row, size, channels)
            if isinstance(picture, Unreadable):
                failures[row] = picture.reason
            else:
                pixels[row] = picture.pixels
                headers[row] = picture.header
        return len(rows)

    with task("Reading images", total=count) as reading:
        for done in _in_threads(fill, range(0, count, BLOCK), size[0] * size[1]):
            reading.advance(done)
    return pixels, headers, failures


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
    if not hasattr(os, "sysconf"):
        return  # Windows does not say
    memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    if wanted > memory // 2:
        raise InputError(
            f"the images of {name!r} would take {wanted / 2**30:,.1f} GiB, and this machine has "
            f"{memory / 2**30:,.1f} GiB of memory; choose fewer by limit=, or make them smaller"
        )
