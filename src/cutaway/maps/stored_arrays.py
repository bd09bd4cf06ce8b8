"""Arrays read from a file, which is trusted in nothing."""

from collections.abc import Mapping

import numpy as np

from cutaway.errors import InputError

Arrays = Mapping[str, np.ndarray]


def finite_array(arrays: Arrays, name: str, shape: tuple[int, ...]) -> np.ndarray:
    """The stored array of that name, if it holds finite floats of that shape.

    Raises:
        InputError: It does not.
    """
    array = arrays.get(name)
    if (
        not isinstance(array, np.ndarray)
        or array.dtype.kind != "f"
        or array.shape != shape
        or not np.isfinite(array).all()
    ):
        raise damaged(name, array, f"finite floats of shape {shape}")
    return array


def stored_size(arrays: Arrays, name: str) -> int:
    """Number of values in the stored array of that name.

    Raises:
        InputError: It is missing or empty.
    """
    array = arrays.get(name)
    if not isinstance(array, np.ndarray) or not array.size:
        raise damaged(name, array, "an array of one value or more")
    return array.size


def damaged(name: str, array: object, expected: str) -> InputError:
    """The error that says which stored array is not what it should be."""
    received = "is missing"
    if isinstance(array, np.ndarray):
        received = f"has dtype {array.dtype} and shape {array.shape}"
    return InputError(
        f"the stored array {name!r} {received}; expected {expected}. "
        "The file is damaged or holds another map: fit and save it again"
    )
