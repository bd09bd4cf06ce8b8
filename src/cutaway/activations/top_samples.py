"""The samples that move each unit most, over a stream of samples."""

import numpy as np
from jaxtyping import Float64, Int64

from cutaway.activations.summary import SampleSummary
from cutaway.compiled import compiled


class TopSamples:
    """The samples that move each unit most: highest value first, of equal ones the lower id first.

    Args:
        units: How many units there are.
        count: How many samples to keep for each.
    """

    _NO_ID = np.iinfo(np.int64).max

    def __init__(self, units: int, count: int) -> None:
        self.values: Float64[np.ndarray, "units top"] = np.full((units, count), -np.inf)
        self.ids: Int64[np.ndarray, "units top"] = np.full((units, count), self._NO_ID, np.int64)
        self.positions: Int64[np.ndarray, "units top"] = np.full((units, count), -1, np.int64)

    def update(self, summary: SampleSummary, first_id: int) -> None:
        """Takes in a batch whose samples have the ids from `first_id` on; NaN counts as lowest."""
        ids = np.arange(first_id, first_id + len(summary.high), dtype=np.int64)
        highest = np.where(np.isnan(summary.high), -np.inf, summary.high)
        new_ids = np.broadcast_to(ids[:, None], highest.shape)
        _keep_highest(self.values, self.ids, self.positions, highest, new_ids, summary.peak)

    def merge(self, other: "TopSamples") -> None:
        """Takes in the state of another part of the data, whose ids are others."""
        _keep_highest(
            self.values, self.ids, self.positions, other.values.T, other.ids.T, other.positions.T
        )

    def result(
        self,
    ) -> tuple[
        Float64[np.ndarray, "units top"],
        Int64[np.ndarray, "units top"],
        Int64[np.ndarray, "units top"],
    ]:
        """Values, ids and positions; fewer columns where there were fewer samples."""
        filled = int((self.ids[0] != self._NO_ID).sum()) if len(self.ids) else 0
        values, ids, positions = (
            each[:, :filled] for each in (self.values, self.ids, self.positions)
        )
        return values.copy(), ids.copy(), positions.copy()


@compiled(nogil=True)
def _keep_highest(
    values: Float64[np.ndarray, "units top"],
    ids: Int64[np.ndarray, "units top"],
    positions: Int64[np.ndarray, "units top"],
    new_values: Float64[np.ndarray, "samples units"],
    new_ids: Int64[np.ndarray, "samples units"],
    new_positions: Int64[np.ndarray, "samples units"],
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
                    positions[unit, place + 1] = positions[unit, place]
            if place <= last:
                values[unit, place] = value
                ids[unit, place] = identity
                positions[unit, place] = new_positions[sample, unit]
