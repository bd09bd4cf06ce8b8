"""Which class a unit prefers, and how far."""

from collections.abc import Iterable

import numpy as np
from jaxtyping import Float, Int64


def class_selectivity(
    responses: Float[np.ndarray, "samples units"], labels: Int64[np.ndarray, " samples"]
) -> tuple[Float[np.ndarray, " units"], Int64[np.ndarray, " units"]]:
    """How far each unit prefers one class over the others.

    With the mean response a class, the index is (largest − mean of the others) / (largest + mean of
    the others): 0 where all classes move a unit alike, 1 where only one does. It is made for
    responses that are not negative; of others the part above 0 counts, which is what a ReLU behind
    the layer would pass on.

    Source: A. Morcos, D. Barrett, N. Rabinowitz and M. Botvinick, On the importance of single
    directions for generalization (2018), https://arxiv.org/abs/1803.06959.

    Args:
        responses: A row a sample, averaged over positions.
        labels: Class numbers.

    Returns:
        The index in [0, 1], and the preferred class; 0 and −1 for a unit that nothing moves above
        0, or where there are fewer than two classes.

    Example:
        >>> responses, labels = np.array([[3.0, 1.0], [1.0, 1.0]]), np.array([0, 1])
        >>> index, preferred = class_selectivity(responses, labels)
        >>> index.tolist(), preferred.tolist()
        ([0.5, 0.0], [0, 0])
    """
    return selectivity_of_blocks([responses], labels)


def selectivity_of_blocks(
    blocks: Iterable[Float[np.ndarray, "_ units"]], labels: Int64[np.ndarray, " samples"]
) -> tuple[Float[np.ndarray, " units"], Int64[np.ndarray, " units"]]:
    """The same, of responses that come some rows at a time and are not held."""
    present, place = np.unique(labels, return_inverse=True)
    sums, done = np.zeros((len(present), 0)), 0
    for responses in blocks:
        if not done:
            sums = np.zeros((len(present), responses.shape[1]))
        exact = np.nan_to_num(np.asarray(responses, dtype=np.float64), posinf=0.0).clip(min=0)
        np.add.at(sums, place[done : done + len(exact)], exact)
        done += len(exact)
    units = sums.shape[1]
    if len(present) < 2:
        return np.zeros(units), np.full(units, -1, dtype=np.int64)
    means = sums / np.bincount(place)[:, np.newaxis]
    largest = means.max(axis=0)
    others = (means.sum(axis=0) - largest) / (len(present) - 1)
    moved = largest > 0
    index = np.where(moved, (largest - others) / np.where(moved, largest + others, 1.0), 0.0)
    preferred = np.where(moved, present[means.argmax(axis=0)], -1)
    return index.clip(0, 1), preferred.astype(np.int64)
