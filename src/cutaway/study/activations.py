"""The pass of the data through the network, and what it leaves: features, tables, kept samples."""

from pathlib import Path

import numpy as np
import pandas as pd
from jaxtyping import Float32, Int64
from safetensors.numpy import save_file
from torch import Tensor, nn

from cutaway.activations import (
    Collection,
    FeatureFile,
    LayerStatistics,
    capture,
    collect,
    engage,
    evaluating,
)
from cutaway.data.channels import scale_of, statistics_of
from cutaway.data.pixel_rows import pixel_rows
from cutaway.diagnosis import (
    notable_samples,
    prediction_table,
    unit_table,
)
from cutaway.diagnosis.label_errors import NONE, suspected_labels
from cutaway.progress import track
from cutaway.study.layout import PIXELS, features_file, filters_file, kept_file
from cutaway.study.plan import BATCH, Plan


def collect_activations(plan: Plan, folder: Path) -> None:
    """Writes features, outputs and the tables of samples, layers and units."""
    with engage(plan.workers, plan.cluster) as workers:
        collection = collect(
            plan.model,
            plan.batches(),
            layers=list(plan.layers),
            samples=len(plan.images),
            folder=folder,
            device=plan.device,
            key=plan.key,
            workers=workers,
        )
    outputs = collection.outputs
    assert outputs is not None  # the plan's trial has shown that there are some
    pixels = _write_pixels(plan, features_file(folder, PIXELS))
    _samples(plan, outputs).to_parquet(folder / "samples.parquet", index=False)
    unit_table(collection.layers).to_parquet(folder / "units.parquet", index=False)
    _layers(plan, collection, pixels).to_parquet(folder / "layers.parquet", index=False)


def keep_activations(plan: Plan, folder: Path) -> None:
    """Writes the whole activations of a few telling samples, and their images."""
    kept = np.array(kept_samples(plan, pd.read_parquet(folder / "samples.parquet")), dtype=np.int64)
    (folder / "kept").mkdir(exist_ok=True)
    np.save(folder / "kept" / "ids.npy", kept)
    np.save(folder / "kept" / "images.npy", plan.images.display(kept))
    with evaluating(plan.model, plan.device):
        whole = whole_activations(plan, folder, plan.inputs(kept))
    for layer, values in whole.items():
        np.save(kept_file(folder, layer), values)


def whole_activations(
    plan: Plan, folder: Path, inputs: Tensor
) -> dict[str, Float32[np.ndarray, "samples *activation"]]:
    """What every layer of the table makes of some inputs; NaN of a layer that they do not reach."""
    layers = pd.read_parquet(folder / "layers.parquet", columns=["layer", "shape"]).iloc[1:]
    with capture(plan.model, list(plan.layers)) as activations:
        plan.model(inputs.to(plan.device))
    return {
        row.layer: activations[row.layer].float().cpu().numpy()
        if row.layer in activations
        else np.full((len(inputs), *row.shape), np.nan, dtype=np.float32)
        for row in layers.itertuples()
    }


def kept_samples(plan: Plan, samples: pd.DataFrame) -> list[int]:
    """The surest and least sure right and wrong predictions, then the first of each class."""
    studied = samples.iloc[: plan.studied]
    if plan.labels is None:
        order = np.argsort(-studied["confidence"].to_numpy(), kind="stable")
        return [int(row) for row in dict.fromkeys([*order[:3], *order[-3:]])]
    notable = notable_samples(studied, 2)
    firsts = studied.groupby("label")["id"].first().head(10)
    telling = [
        *notable.surest_right[:1],
        *notable.least_sure_wrong[:1],
        *notable.surest_wrong[:1],
        *notable.least_sure_right[:1],
    ]
    return [int(row) for row in dict.fromkeys([*telling, *firsts])]


def write_filters(plan: Plan, folder: Path) -> None:
    """Writes the weights of every convolution that was chosen."""
    modules = dict(plan.model.named_modules())
    filters = {
        name: modules[name].weight.detach().float().cpu().contiguous().numpy()
        for name in plan.layers
        if isinstance(modules.get(name), nn.Conv2d)
    }
    file = filters_file(folder)
    file.parent.mkdir(exist_ok=True)
    save_file(filters, file)


def _samples(plan: Plan, outputs: Float32[np.ndarray, "samples classes"]) -> pd.DataFrame:
    count = len(plan.images)
    splits = [plan.splits[0]] * plan.studied + [plan.splits[-1]] * (count - plan.studied)
    table = pd.DataFrame(
        {"id": np.arange(count), "source": list(plan.images.sources), "split": splits}
    )
    if plan.labels is not None:
        table["label"] = plan.labels
    table = pd.concat([table, prediction_table(outputs, plan.labels)], axis=1)
    if plan.labels is not None:
        table["suspected_label"] = _suspected(plan, outputs, plan.labels)
    return table


def _suspected(
    plan: Plan,
    outputs: Float32[np.ndarray, "samples classes"],
    labels: Int64[np.ndarray, " samples"],
) -> Int64[np.ndarray, " samples"]:
    """What labels of the data might rather be; of the reference, which was learned, none is."""
    suspected = np.full(len(labels), NONE, dtype=np.int64)
    own = slice(0, plan.studied)
    suspected[own] = suspected_labels(outputs[own], labels[own])
    return suspected


def _layers(plan: Plan, collection: Collection, pixels: dict[str, float]) -> pd.DataFrame:
    rows = [_pixel_row(plan, pixels)]
    rows += [_layer_row(statistics) for statistics in collection.layers.values()]
    return pd.DataFrame(rows)


def _layer_row(layer: LayerStatistics) -> dict[str, object]:
    means = np.asarray(layer.mean, dtype=np.float64)
    return {
        "layer": layer.address,
        "type": layer.type,
        "shape": list(layer.shape),
        "parameters": layer.parameters,
        "mean": means.mean(),
        "std": np.sqrt(np.mean(layer.var) + means.var()),
        "sparsity": 1 - float(np.mean(layer.live)),
        "dead": float(np.mean(layer.maximum == layer.minimum)),
    }


def _pixel_row(plan: Plan, counted: dict[str, float]) -> dict[str, object]:
    images = plan.images
    height, width, channels = images.shape
    found = statistics_of(*images.channel_moments, scale_of(images.dtype.name))
    means, deviations = np.array(found.mean), np.array(found.std)
    return {
        "layer": PIXELS,
        "type": "Input",
        "shape": [channels, height, width],
        "parameters": 0,
        "mean": float(means.mean()),
        "std": float(np.sqrt(np.mean(deviations**2) + means.var())),
        **counted,
    }


def _write_pixels(plan: Plan, file: Path) -> dict[str, float]:
    """Writes the rows of pixels; returns the share of zeros and of channels that never change."""
    images = plan.images
    out = FeatureFile(file, len(images), pixel_rows(images.tensor([0])).shape[1])
    zeros, lowest, highest = 0, np.inf, -np.inf
    written = False
    try:
        for start in track(range(0, len(images), BATCH), "Reading pixels"):
            batch = images.tensor(slice(start, start + BATCH))
            zeros += int((batch == 0).sum())
            lowest = np.minimum(lowest, batch.amin(dim=(0, 2, 3)).numpy())
            highest = np.maximum(highest, batch.amax(dim=(0, 2, 3)).numpy())
            out.write(start, pixel_rows(batch).numpy())
        written = True
    finally:
        out.close(keep=written)
    values = len(images) * int(np.prod(images.shape))
    return {"sparsity": zeros / values, "dead": float(np.mean(highest == lowest))}
