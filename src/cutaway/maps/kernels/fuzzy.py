"""Fuzzy memberships of neighbours, the weights of UMAP's graph."""

import numpy as np
from jaxtyping import Float32, Float64

from cutaway.compiled import compiled

STEPS = 64
TOLERANCE = 1e-6
LEAST_SCALE = 1e-3


@compiled(nogil=True, error_model="numpy")
def membership_sum(distances: Float64[np.ndarray, "k"], rho: float, sigma: float) -> float:
    """Σ_j exp(−max(0, d_j − ρ) / σ)."""
    result = 0.0
    for j in range(len(distances)):
        result += np.exp(-max(0.0, distances[j] - rho) / sigma)
    return result


@compiled(nogil=True, error_model="numpy")
def local_scale(distances: Float64[np.ndarray, "k"], rho: float, target: float) -> float:
    """The σ at which the memberships add up to the target, by bisection."""
    low, high, sigma = 0.0, np.inf, 1.0
    for _ in range(STEPS):
        excess = membership_sum(distances, rho, sigma) - target
        if abs(excess) < TOLERANCE:
            break
        if excess > 0.0:
            high = sigma
            sigma = 0.5 * (low + high)
        else:
            low = sigma
            sigma = 2.0 * sigma if high == np.inf else 0.5 * (low + high)
    mean = 0.0
    for j in range(len(distances)):
        mean += distances[j] / len(distances)
    return max(sigma, LEAST_SCALE * mean, 1e-300)


@compiled(nogil=True, error_model="numpy")
def fuzzy_memberships(
    first: int,
    last: int,
    squared_distances: Float64[np.ndarray, "n k"],
    target: float,
    memberships: Float32[np.ndarray, "n k"],
) -> None:
    """Writes exp(−max(0, d_ij − ρ_i) / σ_i) for the rows first..last.

    ρ is the distance to the nearest neighbour that is no copy; σ makes a row add up to the target.
    Source: McInnes et al. 2018, "UMAP", algorithm 3.
    """
    k = squared_distances.shape[1]
    for i in range(first, last):
        distances = np.sqrt(squared_distances[i])
        rho = 0.0
        for j in range(k):
            if distances[j] > 0.0:
                rho = distances[j]
                break
        sigma = local_scale(distances, rho, target)
        for j in range(k):
            memberships[i, j] = np.exp(-max(0.0, distances[j] - rho) / sigma)
