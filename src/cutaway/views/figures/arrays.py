"""Taking in arrays, tensors and Images, and saying clearly what is wrong with them."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from jaxtyping import Float, Int64, UInt8

from cutaway.errors import InputError

Pictures = UInt8[np.ndarray, "samples height width channels"]


def array_of(value: Any, argument: str) -> np.ndarray:
    """Numbers as an array; a tensor is detached and brought to the CPU, whoever made it.

    Raises:
        InputError: The value holds something else than numbers.
    """
    if hasattr(value, "detach"):
        value = value.detach().cpu()
        if str(getattr(value, "dtype", "")).endswith("bfloat16"):
            value = value.float()
        value = value.numpy()
    try:
        array = np.asarray(value)
    except (TypeError, ValueError) as error:
        raise InputError(
            f"{argument} is no array of numbers ({error}); expected numbers of equal row lengths"
        ) from error
    if array.dtype.kind not in "biuf":
        raise InputError(
            f"{argument} holds {array.dtype} values; expected numbers (an array or a tensor)"
        )
    return array


def require_columns(table: Any, argument: str, needed: Sequence[str]) -> None:
    """Raises InputError unless a table (DataFrame, or mapping) has these columns.

    Example:
        >>> require_columns({"layer": [], "norm": []}, "table", ["layer", "norm"])
    """
    columns = set(table.keys())
    if not set(needed) <= columns:
        words = f"{', '.join(needed[:-1])} and {needed[-1]}" if len(needed) > 1 else needed[0]
        raise InputError(
            f"{argument} has the columns {sorted(map(str, columns))}; expected {words}"
        )


def floats_of(value: Any, argument: str, axes: str) -> Float[np.ndarray, "..."]:
    """Numbers as float64 with as many axes as `axes` has words.

    Raises:
        InputError: The number of axes differs, or the value holds no numbers.

    Example:
        >>> floats_of([[1, 2]], "embedding", "samples 2").shape
        (1, 2)
    """
    array = array_of(value, argument)
    if array.ndim != len(axes.split()):
        raise InputError(
            f"{argument} has shape {array.shape}; expected ({', '.join(axes.split())})"
        )
    return array.astype(np.float64)


def labels_of(labels: Any, samples: int) -> Int64[np.ndarray, " samples"] | None:
    """Class numbers, one a sample.

    Raises:
        InputError: Not one whole number from 0 up for each sample.
    """
    if labels is None:
        return None
    array = array_of(labels, "labels")
    if array.shape != (samples,):
        raise InputError(
            f"labels has shape {array.shape}, but there are {samples} samples; "
            "expected one number a sample"
        )
    if array.size and (np.any(array != np.floor(array)) or array.min() < 0):
        raise InputError(
            "labels holds values that are no class numbers; expected whole numbers from 0 up, "
            "which numpy.unique(labels, return_inverse=True)[1] makes of any others"
        )
    return array.astype(np.int64)


def pictures_of(data: Any, argument: str = "data") -> Pictures:
    """Pixels to look at, uint8 (samples, height, width, channels), of Images or arrays.

    Floats within [0, 1] are scaled by 255, others by their minimum and maximum. Four axes are taken
    as channels last where the last is 1, 3 or 4 long, else as channels first.

    Raises:
        InputError: The shape is not that of images.
    """
    if hasattr(data, "display"):
        return np.asarray(data.display())
    array = array_of(data, argument)
    if array.ndim == 3:
        array = array[..., np.newaxis]
    if array.ndim != 4:
        raise InputError(
            f"{argument} has shape {array.shape}; expected (samples, height, width), "
            "(samples, height, width, channels) or (samples, channels, height, width)"
        )
    if array.shape[3] not in (1, 3, 4) and array.shape[1] in (1, 3, 4):
        array = np.moveaxis(array, 1, 3)
    if array.shape[3] not in (1, 3, 4):
        raise InputError(
            f"{argument} has shape {array.shape}; expected 1, 3 or 4 channels. "
            "Choose some of the channels, as in images[..., :3]"
        )
    return bytes_of(array)


def bytes_of(array: np.ndarray) -> UInt8[np.ndarray, "..."]:
    """Values scaled to 0 to 255; what is not finite becomes 0."""
    if array.dtype == np.uint8:
        return array
    values = np.nan_to_num(array.astype(np.float64), nan=0.0, posinf=0.0, neginf=0.0)
    low, high = (values.min(), values.max()) if values.size else (0.0, 1.0)
    if low < 0 or high > 1:
        values = (values - low) / max(high - low, np.finfo(np.float64).tiny)
    return np.rint(values * 255).astype(np.uint8)


def labelled(
    data: Any, labels: Any, class_names: Sequence[Any] | None
) -> tuple[Any, Sequence[Any] | None]:
    """Labels and class names: those given, else those that the data brings along."""
    if labels is None:
        labels = getattr(data, "labels", None)
    if class_names is None:
        class_names = getattr(data, "class_names", None)
    return labels, class_names
