"""Feature files: what each layer makes of each sample, small enough to map."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from jaxtyping import Float

from cutaway.errors import InputError
from cutaway.files import file_name


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
    """A .npy file of Float32 (samples, features) that is written batch by batch.

    It is written as a file and not through a memory map, so that pages do not pile up in memory and
    a full disk is an error that can be handled.

    Args:
        path: Where; the folder is made if need be.
        samples: How many rows it will have; those that are never written are NaN.
        features: How many columns.

    Raises:
        InputError: The file cannot be written; its methods raise that too.
    """

    def __init__(self, path: Path, samples: int, features: int) -> None:
        self.path = path
        self._samples = samples
        self._features = features
        self._next = 0
        with self._explaining():
            path.parent.mkdir(parents=True, exist_ok=True)
            self._file = path.open("wb", buffering=0)
            try:
                header = {"descr": "<f4", "fortran_order": False, "shape": (samples, features)}
                np.lib.format.write_array_header_1_0(self._file, header)
            except OSError:
                self._file.close()
                raise

    def write(self, first: int, rows: Float[np.ndarray, "batch features"]) -> None:
        """Writes rows from number `first` on, which must not lie before those written already."""
        with self._explaining():
            self._skip_to(first)
            self._append(rows)
        self._next = first + len(rows)

    def close(self, *, keep: bool) -> None:
        """Ends the file; where it is not to be kept it is removed."""
        try:
            with self._explaining():
                if keep:
                    self._skip_to(self._samples)
                self._file.close()
        finally:
            if not keep:
                self.path.unlink(missing_ok=True)

    def _skip_to(self, row: int) -> None:
        for _ in range(self._next, row):
            self._append(np.full(self._features, np.nan))
        self._next = max(self._next, row)

    def _append(self, rows: Float[np.ndarray, "..."]) -> None:
        rest = np.ascontiguousarray(rows, "<f4").data.cast("B")
        while rest:
            rest = rest[self._file.write(rest) :]

    @contextmanager
    def _explaining(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise InputError(
                f"features cannot be written to {str(self.path)!r} ({error.strerror}); "
                "make room, or choose another folder"
            ) from error
