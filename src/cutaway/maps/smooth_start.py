"""A start for UMAP that follows the graph: principal components, smoothed along its edges."""

import numpy as np
import scipy.sparse
from jaxtyping import Float32, Float64
from threadpoolctl import threadpool_limits

from cutaway.maps.fuzzy import FuzzyGraph

_DEGREE = 60
_DAMPED = 0.97
_SPREAD = 2.5
_FARTHEST = 3.0
_JITTER = 1e-2
_TINY = 1e-12


def smooth_start(
    graph: FuzzyGraph,
    Y: Float32[np.ndarray, "n 2"],
    components: int,
    random: np.random.RandomState,
) -> Float32[np.ndarray, "n 2"]:
    """Coordinates near the leading eigenvectors of the graph, found from coordinates at hand.

    A Chebyshev polynomial of the normalized adjacency damps what varies along edges, as the
    eigenvectors below `_DAMPED` do, and leaves what is smooth; sixty products with the sparse
    matrix take the place of an eigensolver. What belongs to no edge stays where noise puts it.

    Source: Zhou et al. 2006, "Self-consistent-field calculations using Chebyshev-filtered subspace
    iteration"; Belkin and Niyogi 2003, "Laplacian eigenmaps".

    Args:
        graph: Weighted edges.
        Y: Coordinates to smooth, such as principal components.
        components: Components of the map; the others are zero.
        random: Where the noise comes from.
    """
    n = len(Y)
    weights = scipy.sparse.csr_array(
        (graph.values.astype(np.float64), graph.columns.astype(np.int32), graph.row_starts),
        shape=(n, n),
    )
    roots = np.sqrt(np.maximum(weights.sum(axis=1), _TINY))
    scaling = scipy.sparse.diags_array(1 / roots)
    adjacency = scipy.sparse.csr_array(scaling @ weights @ scaling)
    with threadpool_limits(1, "blas"):
        smooth = _damp(adjacency, roots / np.linalg.norm(roots), Y * roots[:, None])
        smooth = _uncorrelated(smooth) / roots[:, None]
    deviations = np.maximum(smooth.std(axis=0), _TINY)
    start = np.clip(smooth / deviations, -_FARTHEST, _FARTHEST)
    start = _SPREAD * (start + _JITTER * random.standard_normal((n, 2)))
    start[:, components:] = 0
    return start.astype(np.float32)


def _damp(
    adjacency: scipy.sparse.csr_array,
    constant: Float64[np.ndarray, "n"],
    vectors: Float64[np.ndarray, "n 2"],
) -> Float64[np.ndarray, "n 2"]:
    """The polynomial that stays within ±1 on [−1, `_DAMPED`] and grows beyond, of the vectors."""

    def mapped(vectors: Float64[np.ndarray, "n 2"]) -> Float64[np.ndarray, "n 2"]:
        return (2 * (adjacency @ vectors) - (_DAMPED - 1) * vectors) / (_DAMPED + 1)

    before = vectors - np.outer(constant, constant @ vectors)
    after = mapped(before)
    for _ in range(_DEGREE - 1):
        before, after = after, 2 * mapped(after) - before
    return after - np.outer(constant, constant @ after)


def _uncorrelated(vectors: Float64[np.ndarray, "n 2"]) -> Float64[np.ndarray, "n 2"]:
    """Orthogonal combinations of the vectors, the longest first; what is left of one is zero."""
    values, turns = np.linalg.eigh(vectors.T @ vectors)
    turned = (vectors @ turns)[:, ::-1]
    return np.where(values[::-1] > _TINY * values[-1], turned, 0.0)
