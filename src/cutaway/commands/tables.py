"""Reading a table of numbers from a file, without pickle."""

from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
from jaxtyping import Float32

from cutaway.errors import InputError

TABLES = (".npy", ".npz", ".csv", ".parquet")
_EXPECTED = "a table of numbers: .npy or .npz of shape (rows, columns), .csv or .parquet"


def read_table(file: Path) -> Float32[np.ndarray, "rows columns"] | None:
    """Reads a table as float32; None where a parquet file holds images, which are no table.

    Higher axes are flattened; columns of a .csv or .parquet that hold no numbers are left out.

    Raises:
        InputError: No such file, not a table, an object array, or values that are not finite.
    """
    if not file.is_file():
        if file.suffix == ".parquet":
            return None
        raise InputError(f"file {str(file)!r} does not exist; expected {_EXPECTED}")
    try:
        array = _READERS[file.suffix](file)
    except InputError:
        raise
    except Exception as error:
        raise InputError(f"{str(file)!r} cannot be read ({error}); expected {_EXPECTED}") from error
    if array is None:
        return None
    if array.ndim < 2 or 0 in array.shape or array.dtype.kind not in "fiub":
        raise InputError(
            f"{str(file)!r} holds {array.dtype} of shape {array.shape}; expected {_EXPECTED}"
        )
    table = np.ascontiguousarray(array.reshape(len(array), -1), dtype=np.float32)
    if not np.isfinite(table).all():
        rows = np.flatnonzero(~np.isfinite(table).all(axis=1))
        raise InputError(
            f"{str(file)!r} has values that are not finite in {len(rows)} rows, first in row "
            f"{rows[0]}; fill them in or leave these rows out"
        )
    return table


def _npy(file: Path) -> np.ndarray:
    return np.asarray(np.load(file, allow_pickle=False))


def _npz(file: Path) -> np.ndarray:
    with np.load(file, allow_pickle=False) as archive:
        if len(archive.files) != 1:
            raise InputError(
                f"{str(file)!r} holds the arrays {archive.files}; expected one. "
                "Save the one to map on its own"
            )
        return np.asarray(archive[archive.files[0]])


def _numbers(frame: pd.DataFrame) -> np.ndarray:
    return frame.select_dtypes("number").to_numpy()


def _csv(file: Path) -> np.ndarray:
    return _numbers(pd.read_csv(file))


def _parquet(file: Path) -> np.ndarray | None:
    if "image" in pq.read_schema(file).names:
        return None
    return _numbers(pd.read_parquet(file))


_READERS = {".npy": _npy, ".npz": _npz, ".csv": _csv, ".parquet": _parquet}
