"""The nearest rows of a feature file, in bounded memory however long the file is."""

import numpy as np

# A block and its differences stay in a core's cache.
_BLOCK_BYTES = 2**20


def nearest_rows(
    features: np.ndarray, row: np.ndarray, count: int, besides: int | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """Numbers of the nearest rows by Euclidean distance, nearest first, and their distances.

    Args:
        features: Float32 (n, features), such as a memory map.
        row: Float32 (features,).
        count: How many; fewer where there are no more.
        besides: A row to leave out.
    """
    step = max(1, _BLOCK_BYTES // (4 * max(features.shape[1], 1)))
    squared = np.empty(len(features), dtype=np.float32)
    for start in range(0, len(features), step):
        difference = features[start : start + step] - row
        squared[start : start + step] = np.einsum("nf,nf->n", difference, difference)
    if besides is not None:
        squared[besides] = np.inf
    squared[np.isnan(squared)] = np.inf
    near = (
        np.argsort(squared, kind="stable")[:count]
        if len(squared) <= count
        else _least(squared, count)
    )
    near = near[np.isfinite(squared[near])]
    return near, np.sqrt(squared[near])


def _least(values: np.ndarray, count: int) -> np.ndarray:
    near = np.argpartition(values, count)[:count]
    return near[np.lexsort((near, values[near]))]
