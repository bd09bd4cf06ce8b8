"""Scoring every layer of a Study by how well its features tell the classes apart."""

from pathlib import Path

import numpy as np
import pandas as pd

from cutaway.diagnosis import Separability, separability
from cutaway.progress import track
from cutaway.study.layout import features_file
from cutaway.study.plan import Plan


def score_layers(plan: Plan, folder: Path) -> None:
    """Adds knn_accuracy and probe_accuracy to layers.parquet, where there are labels."""
    if plan.labels is None:
        return
    layers = pd.read_parquet(folder / "layers.parquet")
    scores = [
        _score(plan, features_file(folder, layer))
        for layer in track(layers["layer"], "Scoring layers")
    ]
    if any(score is not None for score in scores):
        layers["knn_accuracy"] = [score and score.knn_accuracy for score in scores]
        layers["probe_accuracy"] = [score and score.probe_accuracy for score in scores]
        layers = layers.astype({"knn_accuracy": "float64", "probe_accuracy": "float64"})
    layers.to_parquet(folder / "layers.parquet", index=False)


def _score(plan: Plan, file: Path) -> Separability | None:
    assert plan.labels is not None
    features = np.load(file)
    if not np.isfinite(features).all():
        return None
    own, others = features[: plan.studied], features[plan.studied :]
    labels, other_labels = plan.labels[: plan.studied], plan.labels[plan.studied :]
    reference = (others, other_labels) if len(others) else None
    return separability(own, labels, reference, seed=plan.seed)
