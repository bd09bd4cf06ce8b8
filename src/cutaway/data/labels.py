"""Labels of any kind as integers from 0 with names."""

from typing import Any

import numpy as np
import torch
from jaxtyping import Int64

from cutaway.errors import InputError

LARGEST_PLAIN_LABEL = 99_999


def labels_from(
    labels: Any, samples: int
) -> tuple[Int64[np.ndarray, " samples"] | None, tuple[str, ...] | None]:
    """Labels as Int64 (n,) from 0, and the class names where the labels bear any.

    Integers are kept as they are, also where a class has no sample, since a network's outputs are
    counted that way; only beyond 99,999 they are numbered anew and named after themselves. Strings
    are numbered in sorted order.

    Args:
        labels: Integers, whole floats, booleans or strings of shape (n,) or (n, 1); None for no
            labels.
        samples: n, the number of images.

    Raises:
        InputError: The labels are of another shape or number, negative, NaN or objects.

    Example:
        >>> labels_from(["dog", "cat", "dog"], 3)
        (array([1, 0, 1]), ('cat', 'dog'))
    """
    if labels is None:
        return None, None
    values = _vector(labels, samples)
    if values.dtype.kind in "US":
        names, numbers = np.unique(values.astype(str), return_inverse=True)
        return numbers.astype(np.int64), tuple(names.tolist())
    if values.dtype.kind == "f":
        values = _whole(values)
    if values.min() < 0:
        raise InputError(
            f"labels hold {values.min()}; expected integers from 0. "
            "Leave out samples without a label, or give images alone"
        )
    if values.max() > LARGEST_PLAIN_LABEL:
        numbers_seen, places = np.unique(values, return_inverse=True)
        return places.astype(np.int64), tuple(str(number) for number in numbers_seen)
    return values.astype(np.int64), None


def _vector(labels: Any, samples: int) -> np.ndarray:
    if isinstance(labels, torch.Tensor):
        labels = labels.detach().cpu().numpy()
    try:
        values = np.asarray(labels)
    except ValueError as error:
        raise InputError(f"labels are no vector ({error}); expected one label an image") from error
    if values.dtype == object and all(isinstance(value, str) for value in values.flat):
        values = values.astype(str)
    if values.dtype.kind not in "biufUS" and not hasattr(values.dtype, "na_object"):
        raise InputError(
            f"labels hold {values.dtype} values; expected integers from 0, or class names"
        )
    if values.ndim == 2 and values.shape[1] == 1:
        values = values[:, 0]
    if values.ndim != 1:
        advice = " Of one-hot rows take labels.argmax(axis=1)" if values.ndim == 2 else ""
        raise InputError(f"labels have the shape {values.shape}; expected ({samples},).{advice}")
    if len(values) != samples:
        raise InputError(
            f"there are {samples:,} images and {len(values):,} labels; expected one label an image"
        )
    return values.astype(str) if hasattr(values.dtype, "na_object") else values


def _whole(values: np.ndarray) -> np.ndarray:
    if not np.isfinite(values).all() or (values != np.rint(values)).any():
        raise InputError("labels hold fractions, NaN or infinity; expected integers from 0")
    return values.astype(np.int64)
