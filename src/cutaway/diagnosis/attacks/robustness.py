"""Are sure predictions the robust ones? Rank correlations, their intervals, and medians by bin."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import pandas as pd
from jaxtyping import Float, Float64
from scipy.stats import rankdata, spearmanr

_RESAMPLES = 2_000
_FEWEST = 10
"""Of fewer samples no correlation is said."""


@dataclass(frozen=True)
class Association:
    """How far one figure of a sample rises with its distance to the decision boundary.

    Attributes:
        measure: Which figure.
        correlation: Spearman's rank correlation, in [-1, 1].
        low: Lower end of its 95% interval, by bootstrap over samples.
        high: Upper end.
        p_value: Two-sided, that it would be so far from 0 by chance.
        samples: How many samples it is of.
    """

    measure: str
    correlation: float
    low: float
    high: float
    p_value: float
    samples: int

    def to_dict(self) -> dict[str, Any]:
        """The same as plain JSON."""
        return asdict(self)


def association(
    measure: str,
    values: Float[np.ndarray, " samples"],
    distances: Float[np.ndarray, " samples"],
    *,
    seed: int = 0,
) -> Association | None:
    """Rank correlation of a figure with the distance to the boundary; NaN samples are left out.

    Args:
        measure: What the figure is called.
        values: One a sample.
        distances: One a sample, such as `Turned.distances`.
        seed: Of the bootstrap.

    Returns:
        None where fewer than ten samples have both, or one of the two is constant.

    Example:
        >>> rising = np.arange(20.0)
        >>> association("margin", rising, rising**2).correlation
        1.0
    """
    known = np.isfinite(values) & np.isfinite(distances)
    first, second = values[known].astype(np.float64), distances[known].astype(np.float64)
    if len(first) < _FEWEST or np.ptp(first) == 0 or np.ptp(second) == 0:
        return None
    found = spearmanr(first, second)
    low, high = _interval(first, second, seed)
    return Association(measure, float(found.statistic), low, high, float(found.pvalue), len(first))


def robustness_by_surety(
    samples: pd.DataFrame,
    outputs: Float[np.ndarray, "samples classes"],
    distances: Float[np.ndarray, " samples"],
    *,
    seed: int = 0,
) -> list[Association]:
    """The rank correlation of three measures of surety with the distance to the boundary.

    Args:
        samples: Columns `confidence` and `margin`; a row an output.
        outputs: Final activations, of which the lead of the largest over the second is taken: "the
            activation of one class far above all".
        distances: Distance of each to the boundary, NaN where it is not known.
        seed: Of the bootstrap.

    Returns:
        Those of "lead", "margin" and "confidence" that can be said.
    """
    ranked = np.sort(outputs.astype(np.float64), axis=1)
    measures = {
        "lead": ranked[:, -1] - ranked[:, -2],
        "margin": samples["margin"].to_numpy(dtype=np.float64),
        "confidence": samples["confidence"].to_numpy(dtype=np.float64),
    }
    found = [association(name, of, distances, seed=seed) for name, of in measures.items()]
    return [each for each in found if each is not None]


def medians_by_bin(
    values: Float[np.ndarray, " samples"],
    distances: Float[np.ndarray, " samples"],
    bins: int = 5,
) -> pd.DataFrame:
    """Quartiles of the distance in bins of equally many samples, from the lowest value up.

    Returns:
        Columns low and high (of the value), samples, and lower, median and upper (quartiles of the
        distance). NaN samples are left out; there are fewer bins than asked of few samples.

    Example:
        >>> medians_by_bin(np.arange(4.0), np.arange(4.0) * 2, 2)["median"].tolist()
        [1.0, 5.0]
    """
    known = np.isfinite(values) & np.isfinite(distances)
    order = np.argsort(values[known], kind="stable")
    first, second = values[known][order], distances[known][order]
    parts = [part for part in np.array_split(np.arange(len(first)), bins) if len(part)]
    rows = [
        (
            first[part[0]],
            first[part[-1]],
            len(part),
            *np.percentile(second[part], [25, 50, 75]),
        )
        for part in parts
    ]
    columns: Sequence[str] = ["low", "high", "samples", "lower", "median", "upper"]
    return pd.DataFrame(rows, columns=columns)


def _interval(
    first: Float64[np.ndarray, " samples"], second: Float64[np.ndarray, " samples"], seed: int
) -> tuple[float, float]:
    drawn = np.random.default_rng(seed).integers(len(first), size=(_RESAMPLES, len(first)))
    ranks = [rankdata(each[drawn], axis=1) for each in (first, second)]
    centred = [each - each.mean(axis=1, keepdims=True) for each in ranks]
    covariance = (centred[0] * centred[1]).sum(axis=1)
    spread = np.sqrt((centred[0] ** 2).sum(axis=1) * (centred[1] ** 2).sum(axis=1))
    found = covariance[spread > 0] / spread[spread > 0]
    low, high = np.percentile(found, [2.5, 97.5]) if len(found) else (-1.0, 1.0)
    return float(low), float(high)
