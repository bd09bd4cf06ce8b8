"""Images and labels as other libraries' data sets hold them, brought to one kind of sample."""

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image

from cutaway.data.image_set import Skipped
from cutaway.data.shards import Record
from cutaway.data.table import IMAGE_NAMES, LABEL_NAMES


def record_of(item: Any, source: str) -> Record | Skipped:
    """A sample from an item: an image, (image, label, ...), or a mapping that holds both.

    Example:
        >>> record_of((np.zeros((2, 2), np.uint8), torch.tensor(3)), "a").label
        3
    """
    image, label = split_item(item)
    if isinstance(image, str | Path):
        source = str(image)
    try:
        return Record(source, image_value(image), label_value(label))
    except (ValueError, TypeError, OverflowError) as error:
        return Skipped(source, f"no image or label that is known: {error}")


def split_item(item: Any) -> tuple[Any, Any]:
    """The image and the label in an item of a data set."""
    if isinstance(item, Mapping):
        image = next((item[name] for name in IMAGE_NAMES if name in item), item)
        return image, next((item[name] for name in LABEL_NAMES if name in item), None)
    if isinstance(item, tuple | list) and item:
        return item[0], item[1] if len(item) > 1 else None
    return item, None


def image_value(value: Any) -> bytes | Path | Image.Image | np.ndarray:
    """An image in one of the kinds that a `Record` holds.

    Args:
        value: A PIL image; encoded bytes; a path; {"bytes": ..., "path": ...} as Hugging Face
            `datasets` writes it; an array or tensor of bytes or floats, (height, width), (height,
            width, channels) or (channels, height, width).

    Raises:
        ValueError: It has another shape.
        TypeError: It is nothing of these.
    """
    if isinstance(value, Mapping) and ("bytes" in value or "path" in value):
        value = value.get("bytes") if value.get("bytes") is not None else value.get("path")
    if isinstance(value, Image.Image | bytes | Path):
        return value
    if isinstance(value, bytearray | memoryview):
        return bytes(value)
    if isinstance(value, str):
        return Path(value).expanduser()
    if isinstance(value, torch.Tensor):
        value = value.detach().cpu()
        return _array((value.float() if value.is_floating_point() else value).numpy(), first=True)
    if isinstance(value, np.ndarray):
        # Bytes usually come from pictures, with channels last, and floats with them first.
        return _array(value, first=value.dtype.kind == "f")
    raise TypeError(f"a {type(value).__name__}")


def label_value(value: Any) -> int | str | None:
    """A label as an integer or a word; None where there is none.

    Raises:
        ValueError: It is a fraction, NaN, or more than one value.
        TypeError: It is no number and no word.
    """
    if isinstance(value, torch.Tensor | np.ndarray | np.generic):
        if math.prod(value.shape) != 1:
            raise ValueError(f"a label of shape {tuple(value.shape)}")
        value = value.item()
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool | int):
        return int(value)
    if isinstance(value, float):
        if not value.is_integer():
            raise ValueError(f"label {value}")
        return int(value)
    raise TypeError(f"a label of type {type(value).__name__}")


def _array(values: np.ndarray, *, first: bool) -> np.ndarray:
    """An array as (height, width, channels), of bytes or float32; `first` settles a doubt."""
    shape = values.shape
    if values.ndim == 2:
        values = values[..., None]
    elif values.ndim != 3 or not {shape[0], shape[2]} & {1, 3, 4}:
        raise ValueError(f"an array of shape {shape}")
    elif shape[0] in {1, 3, 4} and (first or shape[2] not in {1, 3, 4}):
        values = values.transpose(1, 2, 0)
    if values.dtype.kind == "f":
        return values.astype(np.float32)
    if values.dtype == np.bool_:
        return values.astype(np.uint8) * np.uint8(255)
    if values.dtype.kind not in "iu" or values.min() < 0 or values.max() > 255:
        raise ValueError(f"{values.dtype} values outside 0 to 255")
    return values.astype(np.uint8)
