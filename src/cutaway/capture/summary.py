"""What one sample says about each unit of a layer: sums, extremes and shares over its positions.

Every figure is made from one sample alone, so it does not depend on which samples share a batch.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import torch
from jaxtyping import Bool, Float, Float64, Int64, Shaped
from torch import Tensor
from torch.nn import functional

from cutaway.capture.exact import LARGEST
from cutaway.compiled import compiled

_INLINE = 1 << 16  # values; below it, handing work to threads takes longer than the work


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
        finite: Whether all are finite; where not, total and scatter mean nothing.
    """

    positions: int
    total: Float64[np.ndarray, "samples units"]
    scatter: Float64[np.ndarray, "samples units"]
    low: Float64[np.ndarray, "samples units"]
    high: Float64[np.ndarray, "samples units"]
    positive: Int64[np.ndarray, "samples units"]
    finite: Bool[np.ndarray, "samples units"]


def summarize(
    values: Shaped[Tensor, "samples *shape"], unit_axis: int = 0, grid: int = 0
) -> tuple[SampleSummary, Float[np.ndarray, "samples features"] | None]:
    """Summarizes each sample of a layer's output, in one read of it where it lies in CPU memory.

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
    if numbers.device.type == "cuda":
        return _summarize_on_device(numbers, unit_axis), _pooled(numbers, grid)
    numbers = numbers.cpu()
    if numbers.dtype not in {torch.float32, torch.float64}:
        numbers = numbers.to(torch.float32 if numbers.is_floating_point() else torch.float64)
    units_first = numbers.movedim(unit_axis + 1, 1)
    units_last = numbers.movedim(unit_axis + 1, -1)
    if numbers.ndim == 2 or (units_last.is_contiguous() and not units_first.is_contiguous()):
        columns = units_last.reshape(len(numbers), -1, units_last.shape[-1])
        return _summarize_columns(columns), _pooled(numbers, grid)
    return _summarize_rows(units_first, grid)


def _summarize_rows(
    maps: Shaped[Tensor, "samples units *positions"], grid: int
) -> tuple[SampleSummary, Float[np.ndarray, "samples features"] | None]:
    n, u = maps.shape[:2]
    width = maps.shape[-1]
    rows = maps.contiguous().view(n * u, -1, width).numpy()
    cells = np.empty((n * u, grid, grid), np.float32)
    figures = _Figures(n, u, rows[0].size)
    _over_chunks(_rows, (rows, *figures.flat(), cells), rows.size)
    summary = figures.summary(lambda bad: rows.reshape(n, u, -1)[bad])
    return summary, cells.reshape(n, -1) if grid else None


def _summarize_columns(values: Shaped[Tensor, "samples positions units"]) -> SampleSummary:
    columns = values.contiguous().numpy()
    n, p, u = columns.shape
    if p == 1:
        return _of_single_values(columns[:, 0].astype(np.float64))
    figures = _Figures(n, u, p)
    _over_chunks(_columns, (columns, *figures.arrays), columns.size)
    return figures.summary(lambda bad: columns.swapaxes(1, 2)[bad])


def _of_single_values(values: Float64[np.ndarray, "samples units"]) -> SampleSummary:
    finite = np.abs(values) < LARGEST
    positive = (values > 0).astype(np.int64)
    return SampleSummary(1, values, np.zeros_like(values), values, values, positive, finite)


class _Figures:
    """The arrays that the kernels fill."""

    def __init__(self, samples: int, units: int, positions: int) -> None:
        self._positions = positions
        self.arrays = [np.empty((samples, units), np.float64) for _ in range(4)]
        self.arrays.append(np.empty((samples, units), np.int64))

    def flat(self) -> list[np.ndarray]:
        return [array.reshape(-1) for array in self.arrays]

    def summary(self, values_where: Callable[[np.ndarray], np.ndarray]) -> SampleSummary:
        total, scatter, low, high, positive = self.arrays
        finite = (np.abs(total) < LARGEST) & np.isfinite(scatter)
        if not finite.all():
            # The kernels' comparisons take a NaN any way they like; fmin and fmax pass it over.
            odd = values_where(~finite)
            low[~finite] = np.fmin.reduce(odd, axis=-1)
            high[~finite] = np.fmax.reduce(odd, axis=-1)
        return SampleSummary(self._positions, total, scatter, low, high, positive, finite)


def _over_chunks(kernel: Callable[..., None], arrays: tuple[np.ndarray, ...], size: int) -> None:
    threads = torch.get_num_threads() if size > _INLINE else 1
    count = len(arrays[0])
    edges = [count * part // threads for part in range(threads + 1)]
    waiting = [
        _threads().submit(kernel, *arrays, start, stop)
        for start, stop in zip(edges[1:-1], edges[2:], strict=True)
    ]
    kernel(*arrays, edges[0], edges[1])
    for each in waiting:
        each.result()


@cache
def _threads() -> ThreadPoolExecutor:
    # Not numba's own threads: those spin between kernels and take the core from torch's.
    return ThreadPoolExecutor(thread_name_prefix="cutaway-summary")


@compiled(nogil=True, fastmath={"reassoc", "contract"})
def _sums(row: Any) -> Any:
    first = np.float64(row[0, 0])
    total = 0.0
    squares = 0.0
    for line in range(row.shape[0]):
        for place in range(row.shape[1]):
            distance = np.float64(row[line, place]) - first
            total += distance
            squares += distance * distance
    return first, total, squares


@compiled(nogil=True, fastmath={"nnan", "nsz", "reassoc"})
def _extremes(row: Any) -> Any:
    low = row[0, 0]
    high = row[0, 0]
    positive = np.int32(0)
    for line in range(row.shape[0]):
        for place in range(row.shape[1]):
            value = row[line, place]
            low = min(low, value)
            high = max(high, value)
            positive += np.int32(value > 0)
    return low, high, positive


@compiled(nogil=True)
def _average_cells(row: Any, columns: Any, cells: Any) -> None:
    """Averages a map (height, width) over a raster, with the cells of adaptive average pooling."""
    grid = cells.shape[0]
    height, width = row.shape
    for down in range(grid):
        top, bottom = down * height // grid, -(-(down + 1) * height // grid)
        columns[:] = 0
        for line in range(top, bottom):
            for place in range(width):
                columns[place] += row[line, place]
        for across in range(grid):
            left, right = across * width // grid, -(-(across + 1) * width // grid)
            total = 0.0
            for place in range(left, right):
                total += columns[place]
            cells[down, across] = total / ((bottom - top) * (right - left))


@compiled(nogil=True)
def _rows(
    rows: Any,
    total: Any,
    scatter: Any,
    low: Any,
    high: Any,
    positive: Any,
    cells: Any,
    start: int,
    stop: int,
) -> None:
    positions = rows.shape[1] * rows.shape[2]
    columns = np.empty(rows.shape[2], rows.dtype)
    for index in range(start, stop):
        row = rows[index]
        first, distance, squares = _sums(row)
        total[index] = positions * first + distance
        scatter[index] = _scatter(distance, squares, positions)
        low[index], high[index], positive[index] = _extremes(row)
        if cells.shape[1]:
            _average_cells(row, columns, cells[index])


@compiled(nogil=True)
def _columns(
    columns: Any,
    total: Any,
    scatter: Any,
    low: Any,
    high: Any,
    positive: Any,
    start: int,
    stop: int,
) -> None:
    positions, units = columns.shape[1:]
    for index in range(start, stop):
        total[index] = 0
        scatter[index] = 0
        low[index] = columns[index, 0]
        high[index] = columns[index, 0]
        positive[index] = 0
        for place in range(positions):
            for unit in range(units):
                value = columns[index, place, unit]
                distance = np.float64(value) - np.float64(columns[index, 0, unit])
                total[index, unit] += distance
                scatter[index, unit] += distance * distance
                low[index, unit] = min(low[index, unit], value)
                high[index, unit] = max(high[index, unit], value)
                positive[index, unit] += value > 0
        for unit in range(units):
            distance = total[index, unit]
            scatter[index, unit] = _scatter(distance, scatter[index, unit], positions)
            total[index, unit] = positions * np.float64(columns[index, 0, unit]) + distance


@compiled(nogil=True)
def _scatter(distance: float, squares: float, positions: int) -> float:
    """Squared distances from the mean, out of sums of distances from the first value."""
    return max(squares - distance * distance / positions, 0.0)


def _summarize_on_device(values: Shaped[Tensor, "samples *shape"], unit_axis: int) -> SampleSummary:
    """The same figures by separate torch reductions, for tensors that are better left where they are."""
    rows = values.movedim(unit_axis + 1, 1).flatten(2) if values.ndim > 2 else values.unsqueeze(-1)
    exact = rows.double()
    first = exact[..., :1]
    distance = exact - first
    total = rows.shape[-1] * first[..., 0] + distance.sum(-1)
    scatter = (distance - distance.mean(-1, keepdim=True)).square().sum(-1)
    low = torch.where(exact.isnan(), torch.inf, exact).amin(-1)
    high = torch.where(exact.isnan(), -torch.inf, exact).amax(-1)
    all_nan = exact.isnan().all(-1)
    figures = [
        total,
        scatter,
        low.masked_fill(all_nan, torch.nan),
        high.masked_fill(all_nan, torch.nan),
    ]
    total, scatter, low, high = (figure.cpu().numpy() for figure in figures)
    positive = (rows > 0).sum(-1).cpu().numpy()
    finite = (np.abs(total) < LARGEST) & np.isfinite(scatter)
    return SampleSummary(rows.shape[-1], total, scatter, low, high, positive, finite)


def _pooled(
    values: Shaped[Tensor, "samples *shape"], grid: int
) -> Float[np.ndarray, "samples features"] | None:
    if not grid:
        return None
    return functional.adaptive_avg_pool2d(values.float(), grid).flatten(1).cpu().numpy()
