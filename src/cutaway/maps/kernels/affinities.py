"""Conditional probabilities of neighbours at a given perplexity."""

import numpy as np
from jaxtyping import Float32, Float64

from cutaway.compiled import compiled

MOST_STEPS = 100
TOLERANCE = 1e-6


@compiled(nogil=True, fastmath={"contract", "reassoc", "nsz"}, error_model="numpy")
def entropy_and_slope(
    squared_distances: Float64[np.ndarray, "k"], precision: float
) -> tuple[float, float]:
    """The entropy H of p_j ∝ exp(−precision · d_j²), and dH / d log precision."""
    nearest = squared_distances[0]
    weight, first_moment, second_moment = 0.0, 0.0, 0.0
    for j in range(len(squared_distances)):
        energy = precision * (squared_distances[j] - nearest)
        p = np.exp(-energy)
        weight += p
        first_moment += p * energy
        second_moment += p * energy * energy
    mean = first_moment / weight
    return np.log(weight) + mean, mean * mean - second_moment / weight


@compiled(nogil=True, error_model="numpy")
def precision_at(squared_distances: Float64[np.ndarray, "k"], target_entropy: float) -> float:
    """The precision 1 / 2σ² at which the entropy is the logarithm of the perplexity.

    Newton steps in the logarithm, kept between bounds that close in: van der Maaten and Hinton
    2008, section 2, who bisect. Where it cannot be had, as among copies, the nearest is taken.
    """
    k = len(squared_distances)
    spread = 0.0
    for j in range(k):
        spread += squared_distances[j] - squared_distances[0]
    if spread <= 0.0:
        return 1.0
    precision = k / spread
    low, high = 0.0, np.inf
    for _ in range(MOST_STEPS):
        entropy, slope = entropy_and_slope(squared_distances, precision)
        excess = entropy - target_entropy
        if abs(excess) < TOLERANCE:
            break
        if excess > 0.0:
            low = precision
        else:
            high = precision
        step = min(max(-excess / slope, -2.0), 2.0) if slope < 0.0 else 2.0
        proposed = precision * np.exp(step)
        if not low < proposed < high:
            proposed = 2.0 * precision if high == np.inf else 0.5 * (low + high)
        if proposed == precision or proposed > 1e300:
            break
        precision = proposed
    return precision


@compiled(nogil=True, error_model="numpy")
def conditional_affinities(
    first: int,
    last: int,
    squared_distances: Float64[np.ndarray, "n k"],
    target_entropy: float,
    affinities: Float32[np.ndarray, "n k"],
    precisions: Float64[np.ndarray, "n"],
) -> None:
    """Writes p_j|i for the rows first..last, each row adding up to one, and the precisions.

    Source: van der Maaten and Hinton 2008, equation 1.
    """
    for i in range(first, last):
        precision = precision_at(squared_distances[i], target_entropy)
        precisions[i] = precision
        weight = 0.0
        for j in range(squared_distances.shape[1]):
            weight += np.exp(-precision * (squared_distances[i, j] - squared_distances[i, 0]))
        for j in range(squared_distances.shape[1]):
            p = np.exp(-precision * (squared_distances[i, j] - squared_distances[i, 0])) / weight
            affinities[i, j] = p
