"""Arrays of a Study: written whole, read as memory maps."""

from pathlib import Path

import numpy as np

from cutaway.errors import InputError
from cutaway.files import atomic_file


def write_array(file: Path, array: np.ndarray) -> None:
    """Writes an array as .npy, its folder too if need be."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with atomic_file(file) as temporary:
        np.save(temporary, array, allow_pickle=False)


def read_array(file: Path) -> np.ndarray:
    """A memory map of an array.

    Raises:
        InputError: The file is not there or damaged.
    """
    try:
        return np.load(file, mmap_mode="r", allow_pickle=False)
    except (OSError, ValueError) as error:
        raise InputError(
            f"{str(file)!r} cannot be read ({error}); build the Study again"
        ) from error
