"""How like one sample's activations are to the mean of a class."""

from collections.abc import Mapping

import numpy as np
from jaxtyping import Float


def likeness(values: Float[np.ndarray, " units"], mean: Float[np.ndarray, " units"]) -> float:
    """Pearson's correlation of a sample's activations with a mean, in [-1, 1].

    Args:
        values: Activations of one sample, shape (units,).
        mean: Mean activations of a class, shape (units,).

    Returns:
        NaN where one of the two is constant or holds what is not finite.

    Example:
        >>> import numpy as np
        >>> round(likeness(np.array([0.0, 1.0, 3.0]), np.array([1.0, 3.0, 7.0])), 3)
        1.0
    """
    if not len(values):
        return float("nan")
    one, other = (each.astype(np.float64) - each.mean(dtype=np.float64) for each in (values, mean))
    length = np.linalg.norm(one) * np.linalg.norm(other)
    # Of constant values rounding alone would be compared.
    if not np.isfinite(length) or length <= 1e-12 * max(np.square(values).sum(), 1e-300):
        return float("nan")
    return float(np.clip(one @ other / length, -1, 1))


def turns_away_at(likenesses: Mapping[str, tuple[float, float]]) -> str | None:
    """The layer from which on a sample is more like another class's mean than its own class's.

    Args:
        likenesses: From layer to the likeness with the mean of the sample's own class and with that
            of the other, in order of execution; layers where one is NaN say nothing.

    Returns:
        None where the sample is at the end as like its own class or more so.

    Example:
        >>> turns_away_at({"fc1": (0.8, 0.9), "fc2": (0.9, 0.8), "fc3": (0.5, 0.9)})
        'fc3'
    """
    told = [
        (layer, own < other)
        for layer, (own, other) in likenesses.items()
        if np.isfinite([own, other]).all()
    ]
    turned = None
    for layer, away in reversed(told):
        if not away:
            break
        turned = layer
    return turned
