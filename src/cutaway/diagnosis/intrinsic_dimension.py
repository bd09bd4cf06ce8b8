"""How many numbers it takes to say where a sample is: the intrinsic dimension of data."""

import numpy as np
from jaxtyping import Float64

_KEPT = 0.9


def two_nearest_dimension(squared: Float64[np.ndarray, "samples k"]) -> float | None:
    """The intrinsic dimension by the ratio of the two nearest distances (TwoNN).

    On a flat piece of dimension d with locally even density, log(r2 / r1) is exponential of rate d.
    The largest tenth of the ratios is left out, as by the authors. Source: Facco et al. 2017,
    "Estimating the intrinsic dimension of datasets by a minimal neighborhood information".

    Args:
        squared: Squared distances of each sample to its nearest others, nearest first, k >= 2.
            Samples that have a copy are left out.

    Returns:
        The dimension, or None where fewer than ten samples are left or all ratios are 1.

    Example:
        >>> rng = np.random.default_rng(0)
        >>> rows = rng.random((500, 2)) @ rng.random((2, 9))
        >>> distances = np.sort(((rows[:, None] - rows) ** 2).sum(axis=-1), axis=1)[:, 1:3]
        >>> round(two_nearest_dimension(distances), 1)
        2.0
    """
    apart = squared[squared[:, 0] > 0]
    if len(apart) < 10:
        return None
    logs = np.sort(0.5 * np.log(apart[:, 1] / apart[:, 0]))
    share = np.arange(1, len(logs) + 1) / len(logs)
    kept = slice(0, int(_KEPT * len(logs)))
    x, y = logs[kept], -np.log1p(-share[kept])
    return float(x @ y / (x @ x)) if x.any() else None


def likely_dimension(squared: Float64[np.ndarray, "samples k"]) -> float | None:
    """The intrinsic dimension of greatest likelihood, at the scale of the k-th neighbour.

    Sources: Levina and Bickel 2004, "Maximum likelihood estimation of intrinsic dimension"; the
    average over samples is that of MacKay and Ghahramani 2005, of the inverses.

    Args:
        squared: Squared distances of each sample to its nearest others, nearest first, k >= 3.
            Samples that have a copy are left out.

    Returns:
        The dimension, or None where fewer than ten samples are left or all distances are equal.
    """
    apart = squared[squared[:, 0] > 0]
    if len(apart) < 10:
        return None
    logs = 0.5 * np.log(apart[:, -1:] / apart[:, :-1])
    mean = float(logs.sum() / (len(apart) * (apart.shape[1] - 2)))
    return 1 / mean if mean > 0 else None
