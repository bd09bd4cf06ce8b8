"""What each layer gives on average for each class."""

from pathlib import Path

import numpy as np
import pandas as pd
from jaxtyping import Float32, Int64

from cutaway.progress import track
from cutaway.study.arrays import read_array, write_array
from cutaway.study.layout import class_means_file, features_file
from cutaway.study.plan import Plan


def write_class_means(plan: Plan, folder: Path) -> None:
    """Writes class_means/LAYER.npy of every layer, Float32 (classes, features).

    They are means over the data under study, by label, or by prediction where there are no labels;
    a class without a sample has NaN.
    """
    samples = pd.read_parquet(folder / "samples.parquet").iloc[: plan.studied]
    classes = np.load(folder / "outputs.npy", mmap_mode="r").shape[1]
    numbers = samples["label" if "label" in samples else "predicted"].to_numpy(dtype=np.int64)
    names = pd.read_parquet(folder / "layers.parquet")["layer"]
    for layer in track(names, "Averaging classes"):
        features = read_array(features_file(folder, layer))[: plan.studied]
        write_array(class_means_file(folder, layer), class_means(features, numbers, classes))


def class_means(
    features: Float32[np.ndarray, "samples features"],
    labels: Int64[np.ndarray, " samples"],
    classes: int,
) -> Float32[np.ndarray, "classes features"]:
    """The mean of each class's features, summed up in float64; NaN for a class without a sample.

    Example:
        >>> class_means(np.array([[1.0], [3.0]], np.float32), np.array([1, 1]), 2)[1]
        array([2.], dtype=float32)
    """
    means = np.full((classes, features.shape[1]), np.nan, dtype=np.float32)
    for label in np.unique(labels):
        means[label] = features[labels == label].mean(axis=0, dtype=np.float64)
    return means
