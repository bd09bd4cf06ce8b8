"""What one sample says about each unit of a layer: sums, extremes and shares over its positions.

Every figure is made from one sample alone, so it does not depend on which samples share a batch;
only the histogram is that of the whole batch, and counts add up.
"""

from dataclasses import dataclass
from functools import partial

import numpy as np
import torch
from jaxtyping import Bool, Float, Float64, Int64, Shaped
from torch import Tensor
from torch.nn import functional

from cutaway.activations.exact import LARGEST
from cutaway.activations.histograms import Histograms
from cutaway.activations.kernels import summarize_units
from cutaway.activations.threads import over_rows


@dataclass(frozen=True)
class SampleSummary:
    """Figures of n samples for each of u units, over the positions at which a unit has a value.

    Attributes:
        positions: Number of values that a unit has in one sample.
        total: Their sum.
        scatter: Sum of their squared distances from their mean in this sample.
        low: Their minimum, NaN left out.
        high: Their maximum, NaN left out.
        positive: How many are above 0.
        peak: Position of the maximum, counted over the flattened positions; -1 where all are NaN.
        finite: Whether all are finite and below 2^152; where not, total and scatter mean nothing.
        histograms: How the values of all n samples are spread.
    """

    positions: int
    total: Float64[np.ndarray, "samples units"]
    scatter: Float64[np.ndarray, "samples units"]
    low: Float64[np.ndarray, "samples units"]
    high: Float64[np.ndarray, "samples units"]
    positive: Int64[np.ndarray, "samples units"]
    peak: Int64[np.ndarray, "samples units"]
    finite: Bool[np.ndarray, "samples units"]
    histograms: Histograms


def summarize(
    values: Shaped[Tensor, "samples *shape"], unit_axis: int = 0, grid: int = 0
) -> tuple[SampleSummary, Float[np.ndarray, "samples features"] | None]:
    """Summarizes each sample of a layer's output, in one read of it where it is float32 on a CPU.

    Args:
        values: Real numbers, on any device.
        unit_axis: Which axis of a sample counts the units (channels, features).
        grid: Where it is not 0, samples are maps (channels, height, width), which are averaged
            over the cells of a grid x grid raster as by adaptive average pooling.

    Returns:
        The summary, and the averages in the order (channel, row, column), None where grid is 0.

    Example:
        >>> summary, _ = summarize(torch.tensor([[[1.0, 3.0], [-2.0, -2.0]]]))
        >>> summary.total, summary.scatter
        (array([[ 4., -4.]]), array([[2., 0.]]))
    """
    numbers = values.detach()
    if numbers.dtype in {torch.float16, torch.bfloat16}:
        numbers = numbers.float()
    if numbers.device.type != "cuda":
        numbers = numbers.cpu()  # Apple's GPUs have no float64
    maps = numbers.movedim(unit_axis + 1, 1)
    if numbers.device.type == "cpu" and numbers.dtype == torch.float32:
        return _of_rows(maps, grid)
    pooled = functional.adaptive_avg_pool2d(maps.float(), grid).flatten(1) if grid else None
    return _of_any(
        maps.reshape(*maps.shape[:2], -1)
    ), None if pooled is None else pooled.cpu().numpy()


def unit_means(values: Shaped[Tensor, "samples units *positions"]) -> Shaped[Tensor, " units"]:
    """The mean of each unit over samples and positions: what to give `capture` as `reduce`.

    Positions are summed first, which is several times faster than one mean over all axes, and
    samples in float64.

    Args:
        values: A layer's output, its second axis counting the units.

    Example:
        >>> unit_means(torch.tensor([[[1.0, 3.0], [0.0, 0.0]]]))
        tensor([2., 0.], dtype=torch.float64)
    """
    exact = torch.float32 if values.device.type == "mps" else torch.float64
    rows = values.detach().flatten(2).sum(dim=2) if values.ndim > 2 else values.detach()
    return rows.sum(dim=0, dtype=exact) / (len(values) * values[0, 0].numel())


def _of_rows(
    maps: Shaped[Tensor, "samples units *positions"], grid: int
) -> tuple[SampleSummary, Float[np.ndarray, "samples features"] | None]:
    n, u = maps.shape[:2]
    rows = maps.contiguous().numpy().reshape(n, u, -1)
    figures = np.empty((4, n, u), np.float64)
    numbers = np.empty((2, n, u), np.int64)
    cells = np.empty((n, u, grid, grid), np.float32)
    counted = Histograms(u)
    kernel = partial(
        summarize_units,
        rows,
        figures,
        numbers,
        cells,
        counted.exponents,
        counted.firsts,
        counted.counts,
        maps.shape[-1],
    )
    over_rows(kernel, u, n * rows.shape[2])
    total, scatter, low, high = figures
    finite = (np.abs(total) < LARGEST) & np.isfinite(scatter)
    summary = SampleSummary(
        rows.shape[2], total, scatter, low, high, numbers[0], numbers[1], finite, counted
    )
    return summary, cells.reshape(n, -1) if grid else None


def _of_any(values: Shaped[Tensor, "samples units positions"]) -> SampleSummary:
    """The same figures by separate reductions in torch, where the values are."""
    exact = values.double()
    first = exact[..., :1]
    distance = exact - first
    total = values.shape[-1] * first[..., 0] + distance.sum(-1)
    scatter = (distance - distance.mean(-1, keepdim=True)).square().sum(-1)
    no_number = exact.isnan()
    low = exact.masked_fill(no_number, torch.inf).amin(-1)
    high, peak = exact.masked_fill(no_number, -torch.inf).max(-1)
    empty = no_number.all(-1)
    peak = peak.masked_fill(empty, -1)
    return SampleSummary(
        positions=values.shape[-1],
        total=total.cpu().numpy(),
        scatter=scatter.cpu().numpy(),
        low=low.masked_fill(empty, torch.nan).cpu().numpy(),
        high=high.masked_fill(empty, torch.nan).cpu().numpy(),
        positive=(exact > 0).sum(-1).cpu().numpy(),
        peak=peak.cpu().numpy(),
        finite=((total.abs() < LARGEST) & scatter.isfinite()).cpu().numpy(),
        histograms=Histograms.of(exact),
    )
