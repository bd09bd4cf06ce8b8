"""The gradient of the loss at every layer of a Study, over a few samples."""

from pathlib import Path

import numpy as np
import pandas as pd
import torch

from cutaway.activations.gradient_norms import GradientNorm, gradient_norms
from cutaway.files import atomic_file
from cutaway.progress import say
from cutaway.study.layout import gradients_file
from cutaway.study.plan import Plan
from cutaway.study.probe import probe_batches, probed_samples


def measure_gradients(plan: Plan, folder: Path) -> None:
    """Writes gradients.parquet, and gradient_norm into layers.parquet.

    The loss is that of the labels, on samples of the reference where there is one; without labels
    it is that of the network's own predictions.
    """
    rows = probed_samples(plan, learned=True)
    labels = plan.labels
    if labels is None:
        labels = np.load(folder / "outputs.npy", mmap_mode="r").argmax(axis=1)
    batches = (
        (inputs, torch.from_numpy(labels[chosen].astype(np.int64)))
        for chosen, inputs in probe_batches(plan, folder, rows)
    )
    try:
        found = gradient_norms(plan.model, batches, list(plan.layers), device=plan.device)
    except RuntimeError as error:
        say(f"Gradients are left out, since they cannot be taken back through it: {error}")
        return
    table = gradient_table(found)
    with atomic_file(gradients_file(folder)) as temporary:
        table.to_parquet(temporary, index=False)
    layers = pd.read_parquet(folder / "layers.parquet")
    norms = dict(zip(table["layer"], table["norm"], strict=True))
    layers["gradient_norm"] = layers["layer"].map(norms).astype("float64")
    with atomic_file(folder / "layers.parquet") as temporary:
        layers.to_parquet(temporary, index=False)


def gradient_table(found: dict[str, GradientNorm]) -> pd.DataFrame:
    """A row a layer that gradients reach, in order of execution.

    Returns:
        Columns `layer`, `norm` (at its output, the mean over samples of the gradient's Euclidean
        norm), `parameter_norm` (of the mean loss, at the layer's own parameters; NaN without), and
        `share_of_update` (the square of that over the sum of squares of all layers, in [0, 1]).
    """
    own = np.array([each.parameters for each in found.values()], dtype=np.float64)
    squares = np.square(np.nan_to_num(own))
    return pd.DataFrame(
        {
            "layer": list(found),
            "norm": np.array([each.norm for each in found.values()], dtype=np.float64),
            "parameter_norm": own,
            "share_of_update": squares / (squares.sum() or 1.0),
        }
    )
