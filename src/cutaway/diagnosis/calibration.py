"""Whether a network is as often right as it says: calibration of its confidence."""

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from jaxtyping import Bool, Float64

BINS = 15
"""Equal parts that confidence is cut into, as in Guo et al. 2017."""


@dataclass(frozen=True)
class Bin:
    """The predictions of one range of confidence, in (low, high]; NaN-free means, 0 where empty."""

    low: float
    high: float
    count: int
    confidence: float
    accuracy: float


@dataclass(frozen=True)
class Calibration:
    """How confidence and accuracy go together.

    Attributes:
        error: Expected calibration error (ECE), in [0, 1].
        confidence: Mean probability of the predicted class.
        accuracy: Share of predictions that are right.
        deviation: Standard deviation that `accuracy − confidence` would have by chance, were the
            network calibrated.
        bins: By confidence, low to high.
    """

    error: float
    confidence: float
    accuracy: float
    deviation: float
    bins: tuple[Bin, ...]

    @property
    def gap(self) -> float:
        """Mean confidence less accuracy: above 0 where the network is too sure."""
        return self.confidence - self.accuracy

    def to_dict(self) -> dict[str, Any]:
        """The same as plain JSON."""
        return {**asdict(self), "bins": [asdict(one) for one in self.bins], "gap": self.gap}


def calibration(
    confidence: Float64[np.ndarray, " samples"],
    right: Bool[np.ndarray, " samples"],
    *,
    bins: int = BINS,
) -> Calibration | None:
    """Holds what a network says of its predictions against how often they are right.

    The expected calibration error is the mean over all predictions of how far accuracy and mean
    confidence lie apart in their bin. Source: Guo et al. 2017, "On Calibration of Modern Neural
    Networks", arXiv:1706.04599.

    Args:
        confidence: Probability of the predicted class, in [0, 1].
        right: Whether the prediction is.
        bins: Equal parts of [0, 1].

    Returns:
        None where there are no predictions.

    Example:
        >>> found = calibration(np.full(10, 0.8), np.arange(10) < 6)
        >>> round(found.error, 3), round(found.gap, 3)
        (0.2, 0.2)
    """
    if not len(confidence):
        return None
    number = np.clip(np.ceil(confidence * bins).astype(int) - 1, 0, bins - 1)
    counts = np.bincount(number, minlength=bins)
    sure = np.bincount(number, confidence, minlength=bins)
    hits = np.bincount(number, right.astype(float), minlength=bins)
    edges = np.linspace(0, 1, bins + 1)
    held = np.maximum(counts, 1)
    table = zip(edges[:-1], edges[1:], counts, sure / held, hits / held, strict=True)
    return Calibration(
        error=float(np.abs(sure - hits).sum() / len(confidence)),
        confidence=float(confidence.mean()),
        accuracy=float(right.mean()),
        deviation=float(np.sqrt((confidence * (1 - confidence)).sum()) / len(confidence)),
        bins=tuple(
            Bin(float(low), float(high), int(count), float(mean), float(accuracy))
            for low, high, count, mean, accuracy in table
        ),
    )
