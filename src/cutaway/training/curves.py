"""The training curves that lie beside a checkpoint."""

from pathlib import Path
from typing import Any

import pandas as pd


def read_history(checkpoint: Any) -> pd.DataFrame | None:
    """The history of the training that wrote a checkpoint, or None where none lies beside it.

    Args:
        checkpoint: What `load_model` takes; anything but a file has no history.

    Example:
        >>> read_history("timm:resnet18") is None
        True
    """
    if not isinstance(checkpoint, str | Path):
        return None
    file = Path(checkpoint).parent / "history.parquet"
    if not Path(checkpoint).is_file() or not file.is_file():
        return None
    return pd.read_parquet(file)
