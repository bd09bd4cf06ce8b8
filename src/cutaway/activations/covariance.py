"""How the units of a layer vary together, over samples and positions."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial

import numpy as np
import torch
from jaxtyping import Float32, Float64
from torch import Tensor, nn

from cutaway.activations.hooks import capture
from cutaway.activations.layers import Layers, layer_of, named_layers
from cutaway.activations.modes import evaluating
from cutaway.activations.unit_axis import unit_axis

MOST_UNITS = 2048
"""Layers of more units are left out: their table would take more than 32 MB."""
POSITIONS = 196
"""At most about so many positions of a sample are looked at, evenly spread."""


@dataclass(frozen=True)
class UnitCovariance:
    """The covariance of a layer's units.

    Attributes:
        observations: Samples times positions that it was measured on.
        covariance: Float64 (units, units), divided by the number of observations.
        one_value_each: Whether a unit has a single value in each sample, as in a vector.
    """

    observations: int
    covariance: Float64[np.ndarray, "units units"]
    one_value_each: bool = False


def unit_covariances(
    model: nn.Module,
    batches: Iterable[Tensor],
    layers: Layers = None,
    *,
    device: torch.device | None = None,
) -> dict[str, UnitCovariance]:
    """Measures how the units of every layer vary together, at every position of a few samples.

    Pooled features would not do for maps: an edge filter's responses cancel out when they are
    averaged, and what is left of two filters may look alike though they see different things.

    Args:
        model: Any network; it runs in eval mode.
        batches: Inputs, some hundred samples.
        layers: As `capture` takes them.
        device: Where to run.

    Returns:
        From address to covariance; a layer of more than 2,048 units, or whose output is no tensor
        of real numbers with a row a sample, is left out.

    Example:
        >>> found = unit_covariances(nn.Sequential(nn.Flatten()), [torch.eye(2)[:, None]])
        >>> found["0"].covariance
        array([[ 0.25, -0.25],
               [-0.25,  0.25]])
    """
    modules = named_layers(model)
    sums: dict[str, _Products] = {}
    with evaluating(model, device or torch.device("cpu")):
        for batch in batches:
            inputs = batch if device is None else batch.to(device)
            with capture(model, layers, reduce=partial(_thinned, len(batch))) as captured:
                model(inputs)
            for address, values in captured.items():
                rows = _observations(values, modules[layer_of(address, modules) or ""])
                if rows is not None:
                    sums.setdefault(address, _Products(rows, values.ndim == 2)).add(rows)
    return {address: each.result() for address, each in sums.items() if each.whole}


class _Products:
    """Sums and products of units, taken around the first batch's means so that little cancels."""

    def __init__(
        self, first: Float32[np.ndarray, "observations units"], one_value_each: bool
    ) -> None:
        self._one_value_each = one_value_each
        self._around = first.mean(axis=0)
        self._total = np.zeros(first.shape[1])
        self._product = np.zeros((first.shape[1], first.shape[1]))
        self._count = 0
        self.whole = True

    def add(self, rows: Float32[np.ndarray, "observations units"]) -> None:
        if rows.shape[1] != len(self._total):
            self.whole = False
            return
        with np.errstate(invalid="ignore"):  # infinite values are told by other means
            shifted = rows - self._around
        self._count += len(rows)
        self._total += shifted.sum(axis=0, dtype=np.float64)
        self._product += shifted.T @ shifted

    def result(self) -> UnitCovariance:
        mean = self._total / self._count
        covariance = self._product / self._count - np.outer(mean, mean)
        return UnitCovariance(self._count, covariance, self._one_value_each)


def _thinned(samples: int, values: Tensor) -> Tensor:
    """Maps at some of their positions, so that little of a large map is kept until it is used."""
    if values.ndim != 4 or len(values) != samples:
        return values
    step = max(1, round((values.shape[2] * values.shape[3] / POSITIONS) ** 0.5))
    return values[:, :, step // 2 :: step, step // 2 :: step]


def _observations(
    values: Tensor, module: nn.Module
) -> Float32[np.ndarray, "observations units"] | None:
    if values.ndim < 2 or not values.is_floating_point() or not values.numel():
        return None
    axis = unit_axis(module, tuple(values.shape[1:]))
    if values.shape[axis + 1] > MOST_UNITS:
        return None
    rows = values.float().movedim(axis + 1, -1).reshape(-1, values.shape[axis + 1])
    return rows.cpu().numpy()
