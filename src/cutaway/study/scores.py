"""Scoring every layer of a Study: how well it tells the classes apart, and how samples lie."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from jaxtyping import Float32

from cutaway.diagnosis import layer_geometry, separability
from cutaway.progress import track
from cutaway.study.arrays import read_array
from cutaway.study.equal_layers import stand_ins
from cutaway.study.layout import features_file, neighbours_file
from cutaway.study.plan import Plan

_OF_CLASSES = ("knn_accuracy", "probe_accuracy", "fisher", "silhouette")


def score_layers(plan: Plan, folder: Path) -> None:
    """Adds to layers.parquet what is known of each layer's features.

    These are knn_accuracy, probe_accuracy, fisher and silhouette, where there are labels of two
    classes or more, and intrinsic_dimension. A layer that changes nothing is not scored twice.
    """
    layers = pd.read_parquet(folder / "layers.parquet")
    firsts = stand_ins(folder, layers["layer"].tolist())
    distinct = list(dict.fromkeys(firsts.values()))
    scores = {layer: _scores(plan, folder, layer) for layer in track(distinct, "Scoring layers")}
    for column in (*_OF_CLASSES, "intrinsic_dimension"):
        values = [scores[firsts[layer]].get(column) for layer in layers["layer"]]
        if column == "intrinsic_dimension" or any(value is not None for value in values):
            layers[column] = pd.Series(values, dtype="float64")
    layers.to_parquet(folder / "layers.parquet", index=False)


def _scores(plan: Plan, folder: Path, layer: str) -> dict[str, Any]:
    features = np.load(features_file(folder, layer))
    if not np.isfinite(features).all():
        return {}
    labels = None if plan.labels is None else plan.labels[: plan.studied]
    geometry = layer_geometry(features[: plan.studied], labels, seed=plan.seed)
    return {**vars(geometry), **_accuracies(plan, folder, layer, features)}


def _accuracies(
    plan: Plan, folder: Path, layer: str, features: Float32[np.ndarray, "samples features"]
) -> dict[str, Any]:
    if plan.labels is None:
        return {}
    own, others = features[: plan.studied], features[plan.studied :]
    labels, other_labels = plan.labels[: plan.studied], plan.labels[plan.studied :]
    found = separability(
        own,
        labels,
        (others, other_labels) if len(others) else None,
        nearest=None if len(others) else _known_neighbours(folder, layer),
        seed=plan.seed,
    )
    return {} if found is None else vars(found)


def _known_neighbours(folder: Path, layer: str) -> np.ndarray | None:
    """What is near in the layer, where making its maps has found it."""
    file = neighbours_file(folder, layer)
    return read_array(file).astype(np.int64) if file.is_file() else None
