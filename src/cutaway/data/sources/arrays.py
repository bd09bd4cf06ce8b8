"""Images and labels that are in memory already: arrays, tensors, lists."""

from typing import Any

import numpy as np
import torch

from cutaway.data.image_set import Pixels
from cutaway.data.images import Images
from cutaway.data.labels import labels_from
from cutaway.data.shards import ImageShards, Shards
from cutaway.data.sources.source import choose_split
from cutaway.errors import InputError

_EXPECTED = (
    "expected bytes of shape (n, height, width) or (n, height, width, channels), or floats of "
    "shape (n, channels, height, width)"
)


class Arrays:
    """Images from arrays; they are copied, so that later changes to the arrays do no harm."""

    name = "arrays"

    def __init__(self, images: Any, labels: Any = None) -> None:
        self._images = images
        self._labels = labels

    def splits(self) -> tuple[str, ...]:
        """None: arrays are one whole."""
        return ()

    def prepare(self) -> None:
        """Nothing to do: the arrays are in memory."""

    def load(self, split: str | None, limit: int | None) -> Images:
        """Copies the first `limit` images."""
        choose_split(split, self.splits(), self.name)
        images = _array(self._images)
        if images.ndim not in {3, 4} or images.size == 0:
            flat = ". Give flat rows their shape first, as by images.reshape(-1, 28, 28)"
            advice = flat if images.ndim == 2 else ""
            raise InputError(f"images have the shape {images.shape}; {_EXPECTED}{advice}")
        labels, class_names = labels_from(self._labels, len(images))
        pixels, remarks = _pixels(images[:limit], from_torch=isinstance(self._images, torch.Tensor))
        return Images(
            pixels=pixels,
            labels=None if labels is None else labels[:limit],
            class_names=class_names,
            name=self.name,
            split=None,
            sources=tuple(f"arrays/{row}" for row in range(len(pixels))),
            remarks=remarks,
        )

    def shards(self, split: str | None) -> Shards:
        """The images in memory, as runs."""
        return ImageShards(self.load(split, None))


def _array(images: Any) -> np.ndarray:
    if isinstance(images, torch.Tensor):
        images = images.detach()
        return (images.float() if images.dtype == torch.bfloat16 else images).cpu().numpy()
    try:
        array = np.asarray(images)
    except ValueError as error:
        raise InputError(f"images are not of one shape ({error}); {_EXPECTED}") from error
    if array.dtype.kind not in "biuf":
        raise InputError(f"images hold {array.dtype} values; {_EXPECTED}")
    return array


def _pixels(images: np.ndarray, *, from_torch: bool) -> tuple[Pixels, tuple[str, ...]]:
    floating = images.dtype.kind == "f"
    remarks: list[str] = []
    if images.ndim == 3:
        images = images[..., None]
    elif _channels_first(images.shape, floating=floating, from_torch=from_torch):
        if not floating:
            remarks.append(
                f"bytes of shape {images.shape} were read as (n, channels, height, width)"
            )
        images = images.transpose(0, 2, 3, 1)
    elif floating:
        remarks.append(f"floats of shape {images.shape} were read as (n, height, width, channels)")
    values = _finite(images) if floating else _bytes(images, remarks)
    if values.shape[3] == 4:
        values = _over_white(values, remarks)
    return np.ascontiguousarray(values), tuple(remarks)


def _channels_first(shape: tuple[int, ...], *, floating: bool, from_torch: bool) -> bool:
    counts = {1, 3} if floating else {1, 3, 4}
    first, last = shape[1] in counts, shape[3] in counts
    if not first and not last:
        raise InputError(
            f"images of shape {shape} have neither 1 nor 3 channels on an axis; {_EXPECTED}"
        )
    if first and last and floating and not from_torch:
        raise InputError(
            f"floats of shape {shape} can be read as (n, channels, height, width) and as (n, "
            "height, width, channels); give a torch tensor, which is read as the former, or bytes"
        )
    return first and (floating or not last)


def _finite(images: np.ndarray) -> np.ndarray:
    with np.errstate(over="ignore"):
        values = images.astype(np.float32)
    broken = ~np.isfinite(values).all(axis=(1, 2, 3))
    if broken.any():
        raise InputError(
            f"images hold NaN or infinite values in {broken.sum():,} of {len(values):,}, first in "
            f"image {broken.argmax()}; expected finite numbers. Replace or leave out those images"
        )
    return values


def _bytes(images: np.ndarray, remarks: list[str]) -> np.ndarray:
    if images.dtype == np.uint8:
        return images.copy()
    if images.dtype == np.bool_:
        remarks.append("True and False were read as 255 and 0")
        return images.astype(np.uint8) * np.uint8(255)
    if images.min() < 0 or images.max() > 255:
        raise InputError(
            f"images hold {images.dtype} values from {images.min()} to {images.max()}; expected "
            "bytes from 0 to 255, or floats. Divide by the largest possible value first"
        )
    remarks.append(f"{images.dtype} values were read as bytes from 0 to 255")
    return images.astype(np.uint8)


def _over_white(images: np.ndarray, remarks: list[str]) -> np.ndarray:
    remarks.append("the fourth channel was read as opacity, and the images were laid over white")
    opacity = images[..., 3:].astype(np.uint32)
    colours = images[..., :3].astype(np.uint32)
    return ((colours * opacity + 255 * (255 - opacity) + 127) // 255).astype(np.uint8)
