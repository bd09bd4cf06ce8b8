"""Exact nearest neighbours by blocked matrix products on any torch device."""

from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import torch

from cutaway.maps.candidates import Candidates, half_norms
from cutaway.maps.neighbours import NeighbourIndex, Neighbours
from cutaway.progress import task

_PRODUCTS_AT_ONCE = 2**26


def tensor_neighbours(index: NeighbourIndex, k: int, device: torch.device) -> Neighbours:
    """The k nearest other rows of every row, the same as `index.among_themselves(k)` finds.

    The device finds candidates and the score that all others reach; the index then recomputes their
    distances in float64 and proves them enough, as it does with its own.

    Args:
        index: The rows.
        k: Number of neighbours, at most n − 1.
        device: Where the products are computed.

    Example:
        >>> index = NeighbourIndex(np.array([[0.0], [1.0], [3.0]]))
        >>> tensor_neighbours(index, 1, torch.device("cpu")).indices.ravel().tolist()
        [1, 0, 1]
    """
    n, kept = len(index), index.kept(k)
    candidates = Candidates(index.rows, kept)
    rows = torch.from_numpy(index.rows).to(device)
    halves = torch.from_numpy(half_norms(index.rows)).to(device)
    at_once = max(_PRODUCTS_AT_ONCE // max(n, 1), 1)
    with _full_precision(), task("Finding neighbours", total=n) as progress:
        for first in range(0, n, at_once):
            block = slice(first, min(first + at_once, n))
            scores = halves - rows[block] @ rows.T
            nearest = torch.topk(scores, kept, dim=1, largest=False, sorted=False)
            farthest = nearest.values.amax(dim=1) + halves[block]
            candidates.threshold[block] = farthest.cpu().numpy()
            candidates.indices[block, :kept] = nearest.indices.cpu().numpy()
            progress.advance(block.stop - block.start)
    candidates.filled[:] = kept
    return index.settled(candidates, np.arange(n, dtype=np.int64), k)


@contextmanager
def _full_precision() -> Iterator[None]:
    """Keeps products from being rounded to fewer bits, which the bound on rounding leaves out."""
    precision = torch.get_float32_matmul_precision()
    torch.set_float32_matmul_precision("highest")
    try:
        yield
    finally:
        torch.set_float32_matmul_precision(precision)
