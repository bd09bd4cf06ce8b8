"""What each layer gives on average for each class."""

from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pandas as pd
from jaxtyping import Float32, Int64

from cutaway.progress import track
from cutaway.study.arrays import row_blocks, write_array
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
        blocks = row_blocks(features_file(folder, layer))
        write_array(class_means_file(folder, layer), class_means(blocks, numbers, classes))


def class_means(
    blocks: Iterable[Float32[np.ndarray, "_ features"]],
    labels: Int64[np.ndarray, " samples"],
    classes: int,
) -> Float32[np.ndarray, "classes features"]:
    """The mean of each class's features, summed up in float64; NaN for a class without a sample.

    Args:
        blocks: Features, some rows at a time; those beyond the labels are left out.
        labels: Class of each row.
        classes: How many there are.

    Example:
        >>> class_means([np.array([[1.0], [3.0]], np.float32)], np.array([1, 1]), 2)[1]
        array([2.], dtype=float32)
    """
    counts = np.bincount(labels, minlength=classes)[:, np.newaxis]
    sums, done = np.zeros((classes, 1)), 0
    for block in blocks:
        own = labels[done : done + len(block)]
        sums = sums if done else np.zeros((classes, block.shape[1]))
        for label in np.unique(own):
            sums[label] += block[: len(own)][own == label].sum(axis=0, dtype=np.float64)
        done += len(block)
    return np.where(counts > 0, sums / np.maximum(counts, 1), np.nan).astype(np.float32)
