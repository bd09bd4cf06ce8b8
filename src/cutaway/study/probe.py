"""A few samples, evenly spread, in batches with which all activations fit into memory."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from jaxtyping import Int64
from torch import Tensor

from cutaway.study.layout import PIXELS
from cutaway.study.plan import BATCH, Plan

PROBED = 128
"""So many samples are looked at where every sample would cost another pass."""

_MOST_VALUES = 50_000_000


def probed_samples(
    plan: Plan, *, learned: bool = False, count: int = PROBED
) -> Int64[np.ndarray, " probed"]:
    """Rows of samples, evenly spread over all.

    Args:
        plan: The build's inputs.
        learned: Only what the network was trained on, where there is a reference.
        count: At most so many.
    """
    first = plan.studied if learned and plan.studied < len(plan.images) else 0
    rows = len(plan.images) - first
    return first + np.unique(np.linspace(0, rows - 1, min(count, rows)).astype(np.int64))


def probe_batches(
    plan: Plan, folder: Path, rows: Int64[np.ndarray, " probed"]
) -> Iterator[tuple[Int64[np.ndarray, " batch"], Tensor]]:
    """Batches of rows and inputs, of fewer samples where layers are large.

    Args:
        plan: The build's inputs.
        folder: Where its tables lie.
        rows: Which samples.
    """
    layers = pd.read_parquet(folder / "layers.parquet", columns=["layer", "shape"])
    shapes = layers.loc[layers["layer"] != PIXELS, "shape"]
    values = sum(int(np.prod(shape)) for shape in shapes)
    size = int(np.clip(_MOST_VALUES // max(values, 1), 1, BATCH))
    for start in range(0, len(rows), size):
        chosen = rows[start : start + size]
        with torch.inference_mode(mode=False):
            inputs = plan.inputs(chosen)
        yield chosen, inputs
