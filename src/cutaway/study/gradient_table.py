"""The table of gradients that a build has written."""

from pathlib import Path

import pandas as pd

from cutaway.study.layout import gradients_file
from cutaway.study.stored import read_table


def read_gradients(folder: Path) -> pd.DataFrame | None:
    """The table of a Study's folder, or None where it has none."""
    file = gradients_file(folder)
    return read_table(file) if file.is_file() else None
