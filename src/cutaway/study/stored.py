"""Tables and records of a Study, read; a file that is damaged is named."""

import json
from pathlib import Path
from typing import Any

import pandas as pd

from cutaway.errors import InputError


def read_table(file: Path) -> pd.DataFrame:
    """A table that the Study holds.

    Raises:
        InputError: The file is not there or damaged.
    """
    import pyarrow as pa

    try:
        return pd.read_parquet(file)
    except (OSError, ValueError, pa.ArrowException) as error:
        raise unreadable(file, error) from error


def read_record(file: Path) -> dict[str, Any]:
    """A JSON object that the Study holds.

    Raises:
        InputError: The file is not there or damaged.
    """
    try:
        return dict(json.loads(file.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError, RecursionError) as error:
        raise unreadable(file, error) from error


def unreadable(file: Path, error: Exception) -> InputError:
    """What is said of a file of a Study that cannot be read."""
    return InputError(f"{str(file)!r} cannot be read ({error}); build the Study again")
