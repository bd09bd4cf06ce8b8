"""What single units (channels of a convolution, neurons of a linear layer) do over a data set."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from cutaway.activations import LayerStatistics

# The outputs of these functions are bounded: a unit that stays at a bound passes no gradient.
_BOUNDS = {
    "Sigmoid": (0.0, 1.0),
    "Tanh": (-1.0, 1.0),
    "Hardsigmoid": (0.0, 1.0),
    "Hardtanh": (-1.0, 1.0),
    "ReLU6": (0.0, 6.0),
    "Softsign": (-1.0, 1.0),
}
_COLUMNS = (
    "layer",
    "unit",
    "mean",
    "std",
    "max",
    "active",
    "dead",
    "saturated",
    "near_constant",
    "top",
    "top_positions",
    "histogram",
    "histogram_low",
    "histogram_high",
)
SATURATION = 0.05
"""A value is at a bound where it lies within this share of the range from it."""
RESTING = 0.95
"""A unit counts as saturated, too, where this share of its values is at either bound."""
NEAR_CONSTANT = 0.01
"""A unit is near-constant where its standard deviation is below this share of the median unit's."""


def unit_table(layers: Mapping[str, LayerStatistics]) -> pd.DataFrame:
    """A row a unit of every layer.

    Args:
        layers: Statistics by layer name.

    Returns:
        Columns `layer`, `unit` (its number), `mean`, `std` and `max` (of its activation over all
        samples and positions), `active` (share of samples in which it exceeds zero somewhere),
        `dead` (its output never changes over the whole set; for a ReLU: it never fires),
        `saturated` (its mean stays within 5% of a bound of a bounded activation function, or 95% of
        its values stay that near to either), `near_constant` (it changes, and its standard
        deviation is below 1% of the median among the layer's units that change), `top` (ids of the
        nine samples that move it most, most first), `top_positions` (where in these it does, as
        `LayerStatistics` counts them), `histogram` (how many values lie in each of 32
        bins of equal width), `histogram_low` and `histogram_high` (the outer edges of the bins).
    """
    frames = [_layer_units(name, statistics) for name, statistics in layers.items()]
    if not frames:
        return pd.DataFrame(columns=list(_COLUMNS))
    return pd.concat(frames, ignore_index=True)


def _layer_units(name: str, statistics: LayerStatistics) -> pd.DataFrame:
    dead = statistics.maximum == statistics.minimum
    return pd.DataFrame(
        {
            "layer": name,
            "unit": np.arange(len(statistics.mean), dtype=np.int64),
            "mean": np.asarray(statistics.mean, dtype=np.float64),
            "std": np.sqrt(np.asarray(statistics.var, dtype=np.float64)),
            "max": np.asarray(statistics.maximum, dtype=np.float64),
            "active": np.asarray(statistics.active, dtype=np.float64),
            "dead": dead,
            "saturated": _saturated(statistics) & ~dead,
            "near_constant": _near_constant(statistics, dead),
            "top": [[int(sample) for sample in row if sample >= 0] for row in statistics.top_ids],
            "top_positions": [
                [int(place) for place, sample in zip(places, row, strict=True) if sample >= 0]
                for places, row in zip(statistics.top_positions, statistics.top_ids, strict=True)
            ],
            "histogram": [row.tolist() for row in statistics.histogram],
            "histogram_low": np.asarray(statistics.histogram_low, dtype=np.float64),
            "histogram_high": np.asarray(statistics.histogram_high, dtype=np.float64),
        },
        columns=list(_COLUMNS),
    )


def _saturated(statistics: LayerStatistics) -> np.ndarray:
    if statistics.type not in _BOUNDS:
        return np.zeros(len(statistics.mean), dtype=bool)
    low, high = _BOUNDS[statistics.type]
    rests_low = statistics.type != "ReLU6"  # its lower bound is what every ReLU rests at
    position = (statistics.mean - low) / (high - low)
    by_mean = (position > 1 - SATURATION) | (rests_low & (position < SATURATION))
    middles = np.linspace(statistics.histogram_low, statistics.histogram_high, 65)[1::2].T
    places = (middles - low) / (high - low)
    at_bound = (places > 1 - SATURATION) | (rests_low & (places < SATURATION))
    total = np.maximum(statistics.histogram.sum(axis=1), 1)
    return np.asarray(by_mean | ((statistics.histogram * at_bound).sum(axis=1) / total >= RESTING))


def _near_constant(statistics: LayerStatistics, dead: np.ndarray) -> np.ndarray:
    deviation = np.sqrt(np.asarray(statistics.var, dtype=np.float64))
    moving = deviation[~dead & np.isfinite(deviation)]
    if not len(moving):
        return np.zeros(len(deviation), dtype=bool)
    return np.asarray(~dead & (deviation < NEAR_CONSTANT * np.median(moving)))
