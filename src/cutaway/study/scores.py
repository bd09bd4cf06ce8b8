"""Scoring every layer of a Study: how well it tells the classes apart, and how samples lie."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from cutaway.diagnosis import layer_geometry, separability
from cutaway.diagnosis.layer_geometry import drawn_rows
from cutaway.progress import track
from cutaway.study.arrays import read_array
from cutaway.study.equal_layers import stand_ins
from cutaway.study.layout import features_file, neighbours_file
from cutaway.study.plan import Plan

SCORED = 50_000
"""Of data and of reference at most so many samples are scored, drawn at random."""

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
    features = read_array(features_file(folder, layer))
    rows = drawn_rows(plan.studied, SCORED, plan.seed)
    more = plan.studied + drawn_rows(len(features) - plan.studied, SCORED, plan.seed)
    own, others = features[rows], features[more]
    if not (np.isfinite(own).all() and np.isfinite(others).all()):
        return {}
    if plan.labels is None:
        return vars(layer_geometry(own, seed=plan.seed))
    labels = plan.labels[rows]
    alone = len(rows) == len(features)  # the neighbours that are known are those among all samples
    found = separability(
        own,
        labels,
        (others, plan.labels[more]) if len(more) else None,
        nearest=_known_neighbours(folder, layer) if alone else None,
        seed=plan.seed,
    )
    return {**vars(layer_geometry(own, labels, seed=plan.seed)), **(vars(found) if found else {})}


def _known_neighbours(folder: Path, layer: str) -> np.ndarray | None:
    """What is near in the layer, where making its maps has found it."""
    file = neighbours_file(folder, layer)
    return read_array(file).astype(np.int64) if file.is_file() else None
