"""Statistics of a layer's units over a stream of samples, exact under any split of the stream.

Each reducer has `update` for a batch, `merge` for the state of another part of the data, and a
`result`. Parts may be of any size and merge in any order: the result is the same to the last bit.
"""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float64, Int64

from cutaway.activations.exact import ExactSum
from cutaway.activations.histograms import Histograms
from cutaway.activations.summary import SampleSummary
from cutaway.activations.top_samples import TopSamples


class Moments:
    """Mean and variance of all values of each unit.

    Args:
        units: How many units there are.
        positions: How many values a unit has in one sample.
    """

    def __init__(self, units: int, positions: int) -> None:
        self._positions = positions
        self.sums = ExactSum(units)
        self.squares = ExactSum(units)
        self.scatters = ExactSum(units)
        self.broken: Int64[np.ndarray, " units"] = np.zeros(units, np.int64)

    def update(self, summary: SampleSummary) -> None:
        """Takes in a batch."""
        total, scatter = summary.total, summary.scatter
        if not summary.finite.all():
            self.broken += (~summary.finite).sum(axis=0)
            total, scatter = (np.where(summary.finite, each, 0.0) for each in (total, scatter))
        self.sums.add(total)
        self.squares.add_squares(total)
        if self._positions > 1:
            self.scatters.add(scatter)

    def merge(self, other: "Moments") -> None:
        """Takes in the state of another part of the data."""
        self.broken += other.broken
        self.sums.merge(other.sums)
        self.squares.merge(other.squares)
        self.scatters.merge(other.scatters)

    def result(
        self, samples: int
    ) -> tuple[Float64[np.ndarray, " units"], Float64[np.ndarray, " units"]]:
        """Mean and population variance; NaN for a unit that had a value which is not finite.

        Args:
            samples: How many went by.

        The variance is that within samples and that between their means, combined in whole
        numbers, so nothing cancels.
        """
        p, scale = self._positions, ExactSum.SCALE
        n = samples * p
        mean = [total / (n * scale) for total in self.sums.whole()]
        var = [
            max((scatter * p + square) * n * scale - total * total * p, 0) / (p * n * n * scale**2)
            for total, square, scatter in zip(
                self.sums.whole(), self.squares.whole(), self.scatters.whole(), strict=True
            )
        ]
        figures = np.array([mean, var], np.float64)
        figures[:, self.broken > 0] = np.nan
        return figures[0], figures[1]


class Extremes:
    """Smallest and largest value of each unit, NaN left out.

    Args:
        units: How many units there are.
    """

    def __init__(self, units: int) -> None:
        self.minimum: Float64[np.ndarray, " units"] = np.full(units, np.nan)
        self.maximum: Float64[np.ndarray, " units"] = np.full(units, np.nan)

    def update(self, summary: SampleSummary) -> None:
        """Takes in a batch."""
        self.minimum = np.fmin(self.minimum, np.fmin.reduce(summary.low, axis=0))
        self.maximum = np.fmax(self.maximum, np.fmax.reduce(summary.high, axis=0))

    def merge(self, other: "Extremes") -> None:
        """Takes in the state of another part of the data."""
        self.minimum = np.fmin(self.minimum, other.minimum)
        self.maximum = np.fmax(self.maximum, other.maximum)


class Shares:
    """How many samples turn a unit on anywhere, and how many of its values are above 0.

    Args:
        units: How many units there are.
    """

    def __init__(self, units: int) -> None:
        self.active: Int64[np.ndarray, " units"] = np.zeros(units, np.int64)
        self.live: Int64[np.ndarray, " units"] = np.zeros(units, np.int64)

    def update(self, summary: SampleSummary) -> None:
        """Takes in a batch."""
        self.active += (summary.positive > 0).sum(axis=0)
        self.live += summary.positive.sum(axis=0)

    def merge(self, other: "Shares") -> None:
        """Takes in the state of another part of the data."""
        self.active += other.active
        self.live += other.live


@dataclass(frozen=True)
class UnitStatistics:
    """What the units of a layer did over a data set.

    Attributes:
        count: How many values of each unit went by: samples times positions.
        mean: Mean of these values; NaN where one was not finite.
        var: Their population variance; NaN where one was not finite.
        minimum: Smallest value, NaN left out.
        maximum: Largest value, NaN left out.
        active: Share of samples whose largest value exceeds 0.
        live: Share of all values above 0.
        top_values: Largest value in each of the nine samples that move the unit most, falling.
        top_ids: Ids of these samples; of equally high ones the lower id comes first. There are
            fewer than nine columns where there are fewer samples.
        top_positions: Where in each of these samples the largest value stands, counted over the
            flattened positions (rows of a map one after the other); -1 where all are NaN.
        histogram: How many of the finite values lie in each of 32 bins of equal width.
        histogram_low: Lower edge of the first bin; NaN where no value is finite.
        histogram_high: Upper edge of the last bin. `Histograms` says how they are chosen.
        nonfinite: In how many samples the unit had a value that is NaN or infinite.
    """

    count: int
    mean: Float64[np.ndarray, " units"]
    var: Float64[np.ndarray, " units"]
    minimum: Float64[np.ndarray, " units"]
    maximum: Float64[np.ndarray, " units"]
    active: Float64[np.ndarray, " units"]
    live: Float64[np.ndarray, " units"]
    top_values: Float64[np.ndarray, "units top"]
    top_ids: Int64[np.ndarray, "units top"]
    top_positions: Int64[np.ndarray, "units top"]
    histogram: Int64[np.ndarray, "units bins"]
    histogram_low: Float64[np.ndarray, " units"]
    histogram_high: Float64[np.ndarray, " units"]
    nonfinite: Int64[np.ndarray, " units"]


class UnitReducer:
    """All statistics of one layer's units.

    Args:
        units: How many units there are.
        positions: How many values a unit has in one sample.
        top: How many samples to keep for each unit.
    """

    def __init__(self, units: int, positions: int, top: int = 9) -> None:
        self.samples = 0
        self._positions = positions
        self.moments = Moments(units, positions)
        self.extremes = Extremes(units)
        self.shares = Shares(units)
        self.top = TopSamples(units, top)
        self.histograms = Histograms(units)

    def update(self, summary: SampleSummary, first_id: int) -> None:
        """Takes in a batch whose samples have the ids from `first_id` on."""
        self.samples += len(summary.total)
        self.moments.update(summary)
        self.extremes.update(summary)
        self.shares.update(summary)
        self.top.update(summary, first_id)
        self.histograms.merge(summary.histograms)

    def merge(self, other: "UnitReducer") -> None:
        """Takes in the state of another part of the data."""
        self.samples += other.samples
        self.moments.merge(other.moments)
        self.extremes.merge(other.extremes)
        self.shares.merge(other.shares)
        self.top.merge(other.top)
        self.histograms.merge(other.histograms)

    def arrays(self) -> dict[str, np.ndarray]:
        """The arrays that are its state, beside `samples`; what is written to them is restored."""
        return {
            "sums": self.moments.sums.digits,
            "squares": self.moments.squares.digits,
            "scatters": self.moments.scatters.digits,
            "broken": self.moments.broken,
            "minimum": self.extremes.minimum,
            "maximum": self.extremes.maximum,
            "active": self.shares.active,
            "live": self.shares.live,
            "top_values": self.top.values,
            "top_ids": self.top.ids,
            "top_positions": self.top.positions,
            "exponents": self.histograms.exponents,
            "firsts": self.histograms.firsts,
            "counts": self.histograms.counts,
        }

    def result(self) -> UnitStatistics:
        """The figures so far; at least one sample must have gone by."""
        count = self.samples * self._positions
        mean, var = self.moments.result(self.samples)
        top_values, top_ids, top_positions = self.top.result()
        histogram, histogram_low, histogram_high = self.histograms.result()
        return UnitStatistics(
            count=count,
            mean=mean,
            var=var,
            # Adding zero leaves no −0.0, whose place among zeros the order of merging decides.
            minimum=self.extremes.minimum + 0.0,
            maximum=self.extremes.maximum + 0.0,
            active=self.shares.active / self.samples,
            live=self.shares.live / count,
            top_values=top_values + 0.0,
            top_ids=top_ids,
            top_positions=top_positions,
            histogram=histogram,
            histogram_low=histogram_low,
            histogram_high=histogram_high,
            nonfinite=self.moments.broken.copy(),
        )
