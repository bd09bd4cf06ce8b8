"""Thumbnails of samples, packed into WebP atlases of at most 4,096 pixels a side."""

from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import UInt8
from PIL import Image

from cutaway.data import ImageSet
from cutaway.progress import track
from cutaway.study.stored import unreadable

ATLAS_SIDE = 4096
LARGEST_TILE = 64
_BLOCK = 256


def write_thumbnails(data: ImageSet, folder: Path) -> dict[str, int]:
    """Writes `folder/0.webp`, `1.webp`, ... row by row, sample after sample.

    Returns:
        The layout: tile (pixels a side), columns, per_atlas and count.
    """
    folder.mkdir(parents=True, exist_ok=True)
    tile = min(LARGEST_TILE, max(data.shape[:2]))
    columns = ATLAS_SIDE // tile
    layout = {"tile": tile, "columns": columns, "per_atlas": columns**2, "count": len(data)}
    starts = range(0, len(data), layout["per_atlas"])
    for number, start in enumerate(track(starts, "Packing thumbnails")):
        atlas = Image.fromarray(_mosaic(data, start, tile, columns))
        atlas.save(folder / f"{number}.webp", lossless=tile < LARGEST_TILE, quality=85)
    return layout


def read_thumbnail(
    folder: Path, layout: dict[str, Any], sample: int
) -> UInt8[np.ndarray, "height width channels"]:
    """Cuts one sample's thumbnail out of its atlas; RGB."""
    number, place = divmod(sample, layout["per_atlas"])
    row, column = divmod(place, layout["columns"])
    tile = layout["tile"]
    file = folder / f"{number}.webp"
    try:
        atlas = _atlas(file, file.stat().st_mtime_ns)
    except (OSError, Image.DecompressionBombError) as error:
        raise unreadable(file, error) from error
    return atlas[row * tile : (row + 1) * tile, column * tile : (column + 1) * tile]


@lru_cache(maxsize=4)
def _atlas(file: Path, _modified: int) -> np.ndarray:
    with Image.open(file) as image:
        return np.asarray(image.convert("RGB"))


def _mosaic(data: ImageSet, start: int, tile: int, columns: int) -> np.ndarray:
    count = min(columns**2, len(data) - start)
    rows = -(-count // columns)
    columns = min(columns, count)
    canvas = np.zeros((rows * tile, columns * tile, 3), dtype=np.uint8)
    for position, image in enumerate(_pictures(data, start, start + count)):
        row, column = divmod(position, columns)
        fitted = _fit(image, tile)
        canvas[
            row * tile : row * tile + fitted.shape[0],
            column * tile : column * tile + fitted.shape[1],
        ] = fitted
    return canvas


def _pictures(data: ImageSet, start: int, stop: int) -> Iterator[np.ndarray]:
    # A few at a time, since an atlas of large images takes far less memory than the images.
    for first in range(start, stop, _BLOCK):
        yield from data.display(slice(first, min(first + _BLOCK, stop)))


def _fit(image: np.ndarray, tile: int) -> np.ndarray:
    """Brings an image into a square tile without changing its proportions."""
    if max(image.shape[:2]) > tile:
        picture = Image.fromarray(image.squeeze(-1) if image.shape[-1] == 1 else image)
        picture.thumbnail((tile, tile), Image.Resampling.LANCZOS)
        image = np.asarray(picture)
    return image if image.ndim == 3 else image[..., None]
