"""Arrays of a Study: written whole, read as memory maps."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from cutaway.files import atomic_file
from cutaway.study.stored import unreadable

_BLOCK = 4096


def write_array(file: Path, array: np.ndarray) -> None:
    """Writes an array as .npy, its folder too if need be."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with atomic_file(file) as temporary:
        np.save(temporary, array, allow_pickle=False)


def row_blocks(file: Path) -> Iterator[np.ndarray]:
    """The rows of an array in memory, some thousand at a time.

    The file is mapped anew for each block: pages that were read count as the process's own memory
    for as long as they are mapped.

    Raises:
        InputError: The file is not there or damaged.
    """
    for start in range(0, len(read_array(file)), _BLOCK):
        yield np.array(read_array(file)[start : start + _BLOCK])


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
