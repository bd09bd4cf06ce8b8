"""Feature files: what each layer makes of each sample, small enough to map."""

import io
import math
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from jaxtyping import Float

from cutaway.activations.spans import Spans
from cutaway.errors import InputError
from cutaway.files import file_name

_FILLED_AT_ONCE = 256


def feature_path(folder: str | os.PathLike[str], address: str) -> Path:
    """Where the features of a layer lie in a folder of a pass over data.

    Example:
        >>> feature_path("cifar10.study", "block1.0").as_posix()
        'cifar10.study/features/block1.0.npy'
        >>> feature_path("cifar10.study", "../x").as_posix()
        'cifar10.study/features/..%2Fx.npy'
    """
    return Path(folder) / "features" / f"{file_name(address)}.npy"


def pooling_grid(shape: tuple[int, ...], feature_limit: int) -> int:
    """The largest g for which channels x g x g features stay within a limit, 1 at least.

    Args:
        shape: (channels, height, width) of a sample.
        feature_limit: Most features to keep of a sample.

    Example:
        >>> pooling_grid((64, 28, 28), 1024)
        4
    """
    channels, height, width = shape
    grid = int((feature_limit // max(channels, 1)) ** 0.5)
    return max(1, min(grid, height, width))


class FeatureFile:
    """A .npy file of Float32 (samples, ...) that is written row by row, by one process or several.

    It is written as a file and not through a memory map, so that pages do not pile up in memory and
    a full disk is an error that can be handled. Rows that lie in the file already stay.

    Args:
        path: Where; the folder is made if need be.
        samples: How many rows it has.
        features: How many columns, or the shape of a row.

    Raises:
        InputError: The file cannot be written; its methods raise that too.
    """

    def __init__(self, path: Path, samples: int, features: int | tuple[int, ...]) -> None:
        self.path = path
        self._samples = samples
        shape = features if isinstance(features, tuple) else (features,)
        self._row_size = math.prod(shape)
        header = io.BytesIO()
        facts = {"descr": "<f4", "fortran_order": False, "shape": (samples, *shape)}
        np.lib.format.write_array_header_1_0(header, facts)
        self._start = len(header.getvalue())
        with self._explaining():
            path.parent.mkdir(parents=True, exist_ok=True)
            self._file = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
            try:
                self._put(header.getvalue(), 0)
                os.ftruncate(self._file, self._start + 4 * samples * self._row_size)
            except OSError:
                os.close(self._file)
                raise

    def write(self, first: int, rows: Float[np.ndarray, "batch ..."]) -> None:
        """Writes rows from number `first` on."""
        with self._explaining():
            content = np.ascontiguousarray(rows, "<f4").data.cast("B")
            self._put(content, self._start + 4 * first * self._row_size)

    def fill(self, written: Spans) -> None:
        """Writes NaN to all rows but those written."""
        for start, stop in written.gaps(self._samples):
            for first in range(start, stop, _FILLED_AT_ONCE):
                count = min(stop - first, _FILLED_AT_ONCE)
                self.write(first, np.full((count, self._row_size), np.nan, np.float32))

    def sync(self) -> None:
        """Waits until what was written is on the disk."""
        with self._explaining():
            os.fdatasync(self._file)

    def close(self, *, keep: bool) -> None:
        """Ends the writing; a file that is not to be kept is removed."""
        try:
            with self._explaining():
                os.close(self._file)
        finally:
            if not keep:
                self.path.unlink(missing_ok=True)

    def _put(self, content: bytes | memoryview, offset: int) -> None:
        rest = memoryview(content)
        while rest:
            count = os.pwrite(self._file, rest, offset)
            rest, offset = rest[count:], offset + count

    @contextmanager
    def _explaining(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise InputError(
                f"features cannot be written to {str(self.path)!r} ({error.strerror}); "
                "make room, or choose another folder"
            ) from error
