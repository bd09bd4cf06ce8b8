"""How what comes in at a BatchNorm layer differs from what the layer remembers of its training."""

import numpy as np
from jaxtyping import Float

NEGLIGIBLE = 1e-3
"""Channels whose scale is below this share of the median one are left out: they are off."""


def norm_fit(
    means: Float[np.ndarray, " channels"],
    stds: Float[np.ndarray, " channels"],
    scale: Float[np.ndarray, " channels"],
    offset: Float[np.ndarray, " channels"],
) -> tuple[float, float] | None:
    """Shift and spread of a layer's input against its running statistics, by its output.

    A BatchNorm layer in eval mode subtracts the mean that it remembers, divides by the deviation
    that it remembers, multiplies by `scale` and adds `offset`: where its input is as in training,
    its output has the mean `offset` and the deviation `scale`.

    Args:
        means: Of each channel of the output, over samples and positions.
        stds: Standard deviation of each.
        scale: The layer's weight.
        offset: Its bias.

    Returns:
        How many remembered deviations the input's mean lies off, and how many times the remembered
        deviation its own is, medians over the channels; (0, 1) is a perfect fit. None where nothing
        is finite.

    Example:
        >>> norm_fit(np.array([3.0, 1.0]), np.array([4.0, 1.0]), np.array([2.0, -1.0]), np.zeros(2))
        (1.25, 1.5)
    """
    size = np.abs(scale)
    told = np.isfinite(means) & np.isfinite(stds) & (size > NEGLIGIBLE * np.median(size))
    if not told.any():
        return None
    shift = np.abs(means - offset)[told] / size[told]
    return float(np.median(shift)), float(np.median(stds[told] / size[told]))
