"""Statistics of a layer's units over a stream of samples, exact under any split of the stream.

Each reducer has `update` for a batch, `merge` for the state of another part of the data, and a
`result`. Parts may be of any size and merge in any order: the result is the same to the last bit.
"""

from typing import NamedTuple

import numpy as np
from jaxtyping import Float64, Int64

from cutaway.capture.exact import ExactSum
from cutaway.capture.summary import SampleSummary
from cutaway.compiled import compiled


class Moments:
    """Mean and variance of all values of each unit.

    Args:
        units: How many units there are.
        positions: How many values a unit has in one sample.
    """

    def __init__(self, units: int, positions: int) -> None:
        self._positions = positions
        self._samples = 0
        self._sums = ExactSum(units)
        self._squares = ExactSum(units)
        self._scatters = ExactSum(units)
        self.broken: Int64[np.ndarray, " units"] = np.zeros(units, np.int64)

    @property
    def count(self) -> int:
        """How many values of each unit went by."""
        return self._samples * self._positions

    def update(self, summary: SampleSummary) -> None:
        """Takes in a batch."""
        self._samples += len(summary.total)
        self.broken += (~summary.finite).sum(axis=0)
        total = np.where(summary.finite, summary.total, 0.0)
        self._sums.add(total)
        self._squares.add_squares(total)
        if self._positions > 1:
            self._scatters.add(np.where(summary.finite, summary.scatter, 0.0))

    def merge(self, other: "Moments") -> None:
        """Takes in the state of another part of the data."""
        self._samples += other._samples
        self.broken += other.broken
        self._sums.merge(other._sums)
        self._squares.merge(other._squares)
        self._scatters.merge(other._scatters)

    def result(self) -> tuple[Float64[np.ndarray, " units"], Float64[np.ndarray, " units"]]:
        """Mean and population variance; NaN for a unit that had a value which is not finite.

        The variance is that within samples and that between their means, combined in whole
        numbers, so nothing cancels.
        """
        n, p, scale = self.count, self._positions, ExactSum.SCALE
        mean = [total / (n * scale) for total in self._sums.whole()]
        var = [
            max((scatter * p + square) * n * scale - total * total * p, 0) / (p * n * n * scale**2)
            for total, square, scatter in zip(
                self._sums.whole(), self._squares.whole(), self._scatters.whole(), strict=True
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


class TopSamples:
    """The samples that move each unit most: highest value first, of equal ones the lower id first.

    Args:
        units: How many units there are.
        count: How many samples to keep for each.
    """

    _NO_ID = np.iinfo(np.int64).max

    def __init__(self, units: int, count: int) -> None:
        self._values: Float64[np.ndarray, "units top"] = np.full((units, count), -np.inf)
        self._ids: Int64[np.ndarray, "units top"] = np.full((units, count), self._NO_ID, np.int64)

    def update(self, summary: SampleSummary, first_id: int) -> None:
        """Takes in a batch whose samples have the ids from `first_id` on; NaN counts as lowest."""
        ids = np.arange(first_id, first_id + len(summary.high), dtype=np.int64)
        highest = np.where(np.isnan(summary.high), -np.inf, summary.high)
        _keep_highest(self._values, self._ids, highest, np.tile(ids[:, None], highest.shape[1]))

    def merge(self, other: "TopSamples") -> None:
        """Takes in the state of another part of the data, whose ids are others."""
        _keep_highest(
            self._values,
            self._ids,
            np.ascontiguousarray(other._values.T),
            np.ascontiguousarray(other._ids.T),
        )

    def result(self) -> tuple[Float64[np.ndarray, "units top"], Int64[np.ndarray, "units top"]]:
        """Values and ids; fewer columns where there were fewer samples."""
        filled = int((self._ids[0] != self._NO_ID).sum()) if len(self._ids) else 0
        return self._values[:, :filled].copy(), self._ids[:, :filled].copy()


class UnitFigures(NamedTuple):
    """Results of all reducers of one layer, an entry for each unit."""

    count: int
    mean: np.ndarray
    var: np.ndarray
    minimum: np.ndarray
    maximum: np.ndarray
    active: np.ndarray
    live: np.ndarray
    top_values: np.ndarray
    top_ids: np.ndarray
    broken: np.ndarray


class UnitReducer:
    """All statistics of one layer's units.

    Args:
        units: How many units there are.
        positions: How many values a unit has in one sample.
        top: How many samples to keep for each unit.
    """

    def __init__(self, units: int, positions: int, top: int = 9) -> None:
        self.samples = 0
        self.moments = Moments(units, positions)
        self.extremes = Extremes(units)
        self.shares = Shares(units)
        self.top = TopSamples(units, top)

    def update(self, summary: SampleSummary, first_id: int) -> None:
        """Takes in a batch whose samples have the ids from `first_id` on."""
        self.samples += len(summary.total)
        self.moments.update(summary)
        self.extremes.update(summary)
        self.shares.update(summary)
        self.top.update(summary, first_id)

    def merge(self, other: "UnitReducer") -> None:
        """Takes in the state of another part of the data."""
        self.samples += other.samples
        self.moments.merge(other.moments)
        self.extremes.merge(other.extremes)
        self.shares.merge(other.shares)
        self.top.merge(other.top)

    def result(self) -> UnitFigures:
        """The figures so far; at least one sample must have gone by."""
        count = self.moments.count
        return UnitFigures(
            count,
            *self.moments.result(),
            self.extremes.minimum.copy(),
            self.extremes.maximum.copy(),
            self.shares.active / self.samples,
            self.shares.live / count,
            *self.top.result(),
            self.moments.broken.copy(),
        )


@compiled(nogil=True)
def _keep_highest(
    values: Float64[np.ndarray, "units top"],
    ids: Int64[np.ndarray, "units top"],
    new_values: Float64[np.ndarray, "samples units"],
    new_ids: Int64[np.ndarray, "samples units"],
) -> None:
    last = values.shape[1] - 1
    for sample in range(new_values.shape[0]):
        for unit in range(new_values.shape[1]):
            value, identity = new_values[sample, unit], new_ids[sample, unit]
            place = last + 1
            while place > 0 and (
                value > values[unit, place - 1]
                or (value == values[unit, place - 1] and identity < ids[unit, place - 1])
            ):
                place -= 1
                if place < last:
                    values[unit, place + 1] = values[unit, place]
                    ids[unit, place + 1] = ids[unit, place]
            if place <= last:
                values[unit, place] = value
                ids[unit, place] = identity
