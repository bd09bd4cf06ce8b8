"""How much of a layer is in use: directions that its units span, and units that say the same."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Int64

SAME_RESPONSE = 0.98
"""Two units are duplicates where their responses correlate at least so far over the data."""
PARALLEL = 0.95
"""Filters are duplicates where besides their weights' cosine is at least this."""
CARRIED = 0.99
"""The directions that are counted carry this share of a layer's variance."""
PER_UNIT = 2
"""Observations a unit that it takes to say how many directions a layer uses."""
PER_DIRECTION = 8
"""Observations a direction that were found suffice as well, where units are many."""


@dataclass(frozen=True)
class Use:
    """How much of a layer's width its activations use.

    Attributes:
        in_use: Effective rank over the number of units, in [0, 1]: 1 where all directions vary
            alike, 1/units where all units move together; 0 where nothing varies.
        directions: How many directions carry 99% of the variance, at most the number of units.
    """

    in_use: float
    directions: int


def layer_use(covariance: Float[np.ndarray, "units units"]) -> Use:
    """Measures over how many directions a layer's activations spread.

    The effective rank is the exponential of the Shannon entropy of the covariance's eigenvalues,
    taken as shares of their sum. Units that are dead, that copy others, or that follow from others
    do not add to it, and directions of little variance add little.

    Source: O. Roy and M. Vetterli, The effective rank (2007).

    Example:
        >>> layer_use(np.diag([1.0, 1.0, 0.0, 0.0]))
        Use(in_use=0.5, directions=2)
    """
    units = len(covariance)
    values = np.linalg.eigvalsh(covariance)[::-1].clip(min=0)
    # Below this an eigenvalue is rounding, of sums that were taken in float32.
    values = np.where(values > values[:1] * 1e-7, values, 0.0)
    if not values.any():
        return Use(0.0, 0)
    shares = values / values.sum()
    present = shares[shares > 0]
    rank = float(np.exp(-(present * np.log(present)).sum()))
    carried = int(np.searchsorted(np.cumsum(shares), CARRIED - 1e-12)) + 1
    return Use(min(rank / units, 1.0), carried)


def duplicate_units(
    covariance: Float[np.ndarray, "units units"],
    weights: Float[np.ndarray, "units ..."] | None = None,
) -> Int64[np.ndarray, " units"]:
    """For each unit the first one that it duplicates, or −1.

    Units duplicate each other where their responses correlate at 0.98 or more over the data, and
    where weights are given, these besides point the same way (a cosine of 0.95 or more): two
    filters that see different things may still answer alike on images that hold little else.
    Units that never change duplicate none.

    Args:
        covariance: Of the units' responses.
        weights: Of the filters, or None where they do not count.

    Example:
        >>> duplicate_units(np.array([[1.0, 2.0, 0.0], [2.0, 4.0, 0.0], [0.0, 0.0, 1.0]]))
        array([-1,  0, -1])
    """
    deviation = np.sqrt(np.diag(covariance).clip(min=0))
    moving = deviation > 1e-6 * max(deviation.max(initial=0.0), np.finfo(np.float64).tiny)
    divisor = np.where(moving, deviation, np.inf)
    alike = covariance / np.outer(divisor, divisor) >= SAME_RESPONSE
    if weights is not None:
        flat = np.asarray(weights, dtype=np.float64).reshape(len(weights), -1)
        length = np.maximum(np.linalg.norm(flat, axis=1), np.finfo(np.float64).tiny)
        alike &= (flat / length[:, np.newaxis]) @ (flat / length[:, np.newaxis]).T >= PARALLEL
    earlier = np.tril(alike, -1)
    return np.where(earlier.any(axis=1), earlier.argmax(axis=1), -1).astype(np.int64)
