"""Whether layers act in use as they did in training: in any batch alike, and on inputs alike."""

from pathlib import Path

import numpy as np
import pandas as pd
import torch
from jaxtyping import Float, Int64
from torch import Tensor

from cutaway.activations import capture, evaluating
from cutaway.files import atomic_file
from cutaway.study.layout import steadiness_file
from cutaway.study.norms import norm_fits
from cutaway.study.plan import Plan
from cutaway.study.stored import read_table

_FEW, _MORE = 4, 12


def write_steadiness(plan: Plan, folder: Path) -> None:
    """Writes steadiness.parquet, a row a layer in order of execution.

    Columns `layer`; `change`, how far outputs for the same samples lie apart in two batches, as a
    share of their standard deviation, NaN where not known; and of BatchNorm layers `shift` and
    `spread`, see `cutaway.diagnosis.norms.norm_fit`, NaN of others.
    """
    layers = pd.read_parquet(folder / "layers.parquet", columns=["layer"])["layer"].iloc[1:]
    changes, fits = _changes(plan), norm_fits(plan, folder)
    unknown = (np.nan, np.nan)
    table = pd.DataFrame(
        {
            "layer": layers.tolist(),
            "change": [changes.get(layer, np.nan) for layer in layers],
            "shift": [fits.get(layer, unknown)[0] for layer in layers],
            "spread": [fits.get(layer, unknown)[1] for layer in layers],
        }
    )
    with atomic_file(steadiness_file(folder)) as temporary:
        table.to_parquet(temporary, index=False)


def read_steadiness(folder: Path) -> pd.DataFrame | None:
    """The table of a Study's folder, or None where it has none."""
    file = steadiness_file(folder)
    return read_table(file) if file.is_file() else None


def _changes(plan: Plan) -> dict[str, float]:
    """Runs a few samples in eval mode, and again among others, and compares each layer's output."""
    rows = np.arange(min(_MORE, len(plan.images)))
    devices = [plan.device] if plan.device.type == "cuda" else []
    with torch.random.fork_rng(devices), evaluating(plan.model, plan.device):
        few, more = _outputs(plan, rows[:_FEW]), _outputs(plan, rows)
    return {
        layer: _change(output, more[layer][: len(output)])
        for layer, output in few.items()
        if layer in more and more[layer].shape[1:] == output.shape[1:]
    }


def _outputs(plan: Plan, rows: Int64[np.ndarray, " rows"]) -> dict[str, Tensor]:
    """What each layer makes of some samples, where it is a floating tensor with a row a sample."""
    with capture(plan.model, list(plan.layers)) as activations:
        plan.model(plan.inputs(rows).to(plan.device))
    return {
        layer: output.float()
        for layer, output in activations.items()
        if output.is_floating_point() and output.ndim and len(output) == len(rows)
    }


def _change(one: Float[Tensor, "rows *rest"], other: Float[Tensor, "rows *rest"]) -> float:
    if not one.numel():
        return float("nan")
    gap, spread = float((one - other).abs().max()), float(one.std(correction=0))
    return gap / spread if spread > 0 else float(gap > 0)
