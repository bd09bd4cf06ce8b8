"""Histograms of units over a stream of samples, exact under any split of the stream."""

import numpy as np
import torch
from jaxtyping import Float64, Int64
from torch import Tensor

from cutaway.activations.binning import BINS, FINEST, add_counts, scales_of


class Histograms:
    """How the finite values of each unit are spread over 32 bins of equal width.

    The width is the smallest power of two for which the bins hold all values, so the counts of a
    part of the data become those of the whole by adding up neighbours: whatever the parts, the
    result is the same. Between 16 and 32 bins lie within the unit's extremes, unless these are
    closer together than 23 bits of a float tell apart. A value on an edge belongs to the bin that
    is farther from 0.

    Args:
        units: How many units there are.

    Example:
        >>> histograms = Histograms.of(torch.tensor([[[0.0, 0.5, 0.5, 3.0]]]).double())
        >>> counts, low, high = histograms.result()
        >>> counts[0, [0, 4, 24]], low, high
        (array([1, 2, 1]), array([0.]), array([4.]))
    """

    def __init__(self, units: int) -> None:
        self.exponents: Int64[np.ndarray, " units"] = np.full(units, FINEST, np.int64)
        self.firsts: Int64[np.ndarray, " units"] = np.zeros(units, np.int64)
        self.counts: Int64[np.ndarray, "units bins"] = np.zeros((units, BINS), np.int64)

    @classmethod
    def of(cls, values: Float64[Tensor, "samples units positions"]) -> "Histograms":
        """The histograms of a batch, counted by torch where its values are."""
        units = values.shape[1]
        found = cls(units)
        finite = values.isfinite()
        low = values.masked_fill(~finite, torch.inf).amin((0, 2)).cpu().numpy()
        high = values.masked_fill(~finite, -torch.inf).amax((0, 2)).cpu().numpy()
        scales_of(low, high, found.exponents, found.firsts)
        scale, first = (
            torch.from_numpy(figures).to(values.device)[:, None]
            for figures in (np.ldexp(1.0, -found.exponents), found.firsts)
        )
        index = torch.where(finite, values * scale, 0.0).trunc().long() - (values < 0).long()
        bins = index - first + BINS * torch.arange(units, device=values.device)[:, None]
        counted = torch.bincount(bins[finite], minlength=units * BINS)
        found.counts[:] = counted.cpu().numpy().reshape(units, BINS)
        return found

    def merge(self, other: "Histograms") -> None:
        """Takes in the state of another part of the data."""
        add_counts(
            self.exponents, self.firsts, self.counts, other.exponents, other.firsts, other.counts
        )

    def result(
        self,
    ) -> tuple[
        Int64[np.ndarray, "units bins"],
        Float64[np.ndarray, " units"],
        Float64[np.ndarray, " units"],
    ]:
        """Counts, the first bin's lower edge, the last bin's upper; NaN where nothing is finite."""
        width = np.where(self.counts[:, 0] > 0, np.ldexp(1.0, self.exponents), np.nan)
        return self.counts.copy(), self.firsts * width, (self.firsts + BINS) * width
