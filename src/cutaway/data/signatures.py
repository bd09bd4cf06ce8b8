"""Small pictures that stand for images when alike ones are looked for."""

import numpy as np
from jaxtyping import Float32, UInt8

from cutaway.data.image_set import Pixels

SIDE = 16
"""Rows and columns of a signature; smaller images keep their own."""

_BLOCK = 4096


def signatures(pixels: Pixels) -> UInt8[np.ndarray, "samples numbers"]:
    """Each image averaged over a grid of at most 16 x 16 cells, a byte a cell and channel.

    Floats are scaled so that the smallest cell of each image is 0 and the largest 255.

    Args:
        pixels: (n, height, width, channels), bytes or floats.

    Example:
        >>> signatures(np.arange(4, dtype=np.uint8).reshape(1, 2, 2, 1))
        array([[0, 1, 2, 3]], dtype=uint8)
    """
    rows, columns = (_edges(side) for side in pixels.shape[1:3])
    parts = [
        _averaged(pixels[start : start + _BLOCK], rows, columns)
        for start in range(0, len(pixels), _BLOCK)
    ]
    numbers = (len(rows) - 1) * (len(columns) - 1) * pixels.shape[3]
    return np.concatenate([np.empty((0, numbers), np.uint8), *parts])


def directions(
    values: UInt8[np.ndarray, "samples numbers"],
) -> Float32[np.ndarray, "samples numbers"]:
    """Signatures without their brightness and contrast: mean 0, length 1.

    The dot product of two is the correlation of the images, and their squared distance is twice
    what it lacks to 1. An image of one colour has no direction: all zeros.
    """
    centred = values.astype(np.float32)
    centred -= centred.mean(axis=1, keepdims=True)
    lengths = np.linalg.norm(centred, axis=1, keepdims=True)
    centred /= np.where(lengths > 0, lengths, 1)
    return centred


def _edges(side: int) -> np.ndarray:
    return np.linspace(0, side, min(side, SIDE) + 1).round().astype(np.int64)


def _averaged(
    pixels: Pixels, rows: np.ndarray, columns: np.ndarray
) -> UInt8[np.ndarray, "samples numbers"]:
    cells = pixels.astype(np.float32)
    for axis, edges in ((1, rows), (2, columns)):
        widths = np.diff(edges).astype(np.float32)
        cells = np.add.reduceat(cells, edges[:-1], axis=axis)
        cells /= widths[:, None, None] if axis == 1 else widths[:, None]
    if pixels.dtype != np.uint8:
        low = cells.min(axis=(1, 2, 3), keepdims=True)
        extent = cells.max(axis=(1, 2, 3), keepdims=True) - low
        cells = (cells - low) * (255 / np.where(extent > 0, extent, 1))
    return np.rint(cells).astype(np.uint8).reshape(len(pixels), -1)
