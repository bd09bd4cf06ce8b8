"""Arrays of a Study: written whole, read as memory maps."""

from pathlib import Path

import numpy as np

from cutaway.files import atomic_file
from cutaway.study.stored import unreadable


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
        # np.load would take an archive or a pickle for an array too.
        return np.lib.format.open_memmap(file, mode="r")
    except (OSError, ValueError, EOFError) as error:
        raise unreadable(file, error) from error
