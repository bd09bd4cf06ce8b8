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
    "max",
    "active",
    "dead",
    "saturated",
    "top",
    "histogram",
    "histogram_low",
    "histogram_high",
)
SATURATION = 0.05
"""A unit counts as saturated where its mean lies within this share of its range from a bound, while
it is not dead."""


def unit_table(layers: Mapping[str, LayerStatistics]) -> pd.DataFrame:
    """A row a unit of every layer.

    Args:
        layers: Statistics by layer name.

    Returns:
        Columns `layer`, `unit` (its number), `mean` and `max` (of its activation over all samples
        and positions), `active` (share of samples in which it exceeds zero somewhere), `dead`
        (its output never changes over the whole set; for a ReLU: it never fires), `saturated`
        (its mean stays within 5% of a bound of a bounded activation function), `top` (ids of the
        nine samples that move it most, most first), `histogram` (how many values lie in each of 32
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
            "max": np.asarray(statistics.maximum, dtype=np.float64),
            "active": np.asarray(statistics.active, dtype=np.float64),
            "dead": dead,
            "saturated": _saturated(statistics) & ~dead,
            "top": [[int(sample) for sample in row if sample >= 0] for row in statistics.top_ids],
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
    position = (statistics.mean - low) / (high - low)
    if statistics.type == "ReLU6":  # its lower bound is what every ReLU rests at
        return np.asarray(position > 1 - SATURATION)
    return np.asarray((position < SATURATION) | (position > 1 - SATURATION))
