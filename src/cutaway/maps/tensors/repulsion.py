"""The repulsive half of the t-SNE gradient on any torch device (see `kernels.repulsion`).

The whole kernel goes by a grid with nodes a quarter apart: on a GPU a larger transform is
cheaper than sums over near points.
"""

import numpy as np
import torch
from jaxtyping import Float32, Float64, Int64
from torch import Tensor

from cutaway.maps.kernels.potential import ChargeGrid
from cutaway.maps.repulsion import EXACT_BELOW, POINTLIKE

_SPACING = 0.25
_MOST_NODES = 6000
_CHARGE = 2.0**32

Repelled = tuple[Float32[Tensor, "2 n"], Float64[Tensor, ""]]


class TensorRepulsion:
    """Exact sums for few points; for many, charges on a grid.

    A map wider than 1,500 gets a coarser grid, so that memory stays bounded.
    """

    def __init__(self) -> None:
        self._grid: TensorGrid | None = None

    def force(self, Y: Float32[Tensor, "2 n"]) -> Repelled:
        """Σ_j (y_i − y_j) / (1 + |y_i − y_j|²)², and Z = Σ_{i≠j} 1 / (1 + |y_i − y_j|²)."""
        n = Y.shape[1]
        if n < EXACT_BELOW:
            return _exact(Y)
        low, high = torch.stack(torch.aminmax(Y, dim=1)).cpu().numpy()
        extent = float(np.max(high - low))
        if extent < POINTLIKE:
            pairs = torch.tensor(float(n) * (n - 1), dtype=torch.float64, device=Y.device)
            return (Y - Y.mean(dim=1, keepdim=True)) * n, pairs
        if self._grid is None or not self._grid.nodes.holds(low, high):
            spacing = max(_SPACING, extent / _MOST_NODES)
            self._grid = TensorGrid(ChargeGrid(low, high, spacing), Y.device)
        return self._grid.force(Y)


class TensorGrid:
    """The potential of unit charges on a grid of a torch device.

    Charges are added up as whole numbers of 2^−32, so that their order is of no consequence.

    Args:
        nodes: Where the nodes are.
        device: Where the points are.
    """

    def __init__(self, nodes: ChargeGrid, device: torch.device) -> None:
        self.nodes = nodes
        self._corner = torch.from_numpy(nodes.corner).to(device)[:, None]
        self._transform = _kernel_transform(nodes.nodes, nodes.spacing, device)

    def force(self, Y: Float32[Tensor, "2 n"]) -> Repelled:
        """Force and Z, read off the potential: see `kernels.repulsion.gather_potential`."""
        place = (Y - self._corner) * float(self.nodes.per_unit)
        cell = place.to(torch.int64)
        across, down = spline_weights(place - cell)
        across_slope, down_slope = spline_slopes(place - cell)
        around = self._around(cell)
        charges = down[:, None] * across[None]
        grid = self._potential(around, charges).flatten()[around]
        along, along_slope = (grid * across).sum(dim=1), (grid * across_slope).sum(dim=1)
        slopes = torch.stack([(down * along_slope).sum(dim=0), (down_slope * along).sum(dim=0)])
        normalization = ((down * along).sum(dim=0) - 1).sum(dtype=torch.float64)
        return slopes * (-0.5 * float(self.nodes.per_unit)), normalization

    def _around(self, cell: Int64[Tensor, "2 n"]) -> Int64[Tensor, "4 4 n"]:
        """Numbers of the sixteen nodes around each point, a row of nodes after another."""
        steps = torch.arange(4, device=cell.device)
        rows = (cell[1] + steps[:, None]) * self.nodes.nodes
        return rows[:, None] + (cell[0] + steps[:, None])[None]

    def _potential(
        self, around: Int64[Tensor, "4 4 n"], charges: Float32[Tensor, "4 4 n"]
    ) -> Float32[Tensor, "nodes nodes"]:
        """Coefficients of the cubic B-splines whose sum is the potential of the charges."""
        nodes = self.nodes.nodes
        counted = torch.zeros(nodes * nodes, dtype=torch.int64, device=around.device)
        counted.index_add_(0, around.flatten(), (charges * _CHARGE).to(torch.int64).flatten())
        charge = (counted.to(torch.float32) / _CHARGE).view(nodes, nodes)
        size = (2 * nodes, 2 * nodes)
        spectrum = torch.fft.rfft2(charge, s=size) * self._transform
        return torch.fft.irfft2(spectrum, s=size)[:nodes, :nodes]


def spline_weights(t: Float32[Tensor, "2 n"]) -> Float32[Tensor, "2 4 n"]:
    """The cubic B-spline at the four nodes around points that are `t` in [0, 1) past the second."""
    s = 1 - t
    inner = 2 / 3 - t * t * (1 - t / 2), 2 / 3 - s * s * (1 - s / 2)
    return torch.stack([s * s * s / 6, *inner, t * t * t / 6], dim=1)


def spline_slopes(t: Float32[Tensor, "2 n"]) -> Float32[Tensor, "2 4 n"]:
    """The derivatives of `spline_weights` by the position of the point, in units of the spacing."""
    s = 1 - t
    inner = 0.5 + t - 1.5 * t * t
    left, right = -0.5 * s * s, 0.5 * t * t
    return torch.stack([left, -(left + inner + right), inner, right], dim=1)


def _exact(Y: Float32[Tensor, "2 n"]) -> Repelled:
    difference = Y[:, :, None] - Y[:, None, :]
    similarity = 1 / (1 + difference.square().sum(dim=0))
    force = (similarity.square() * difference).sum(dim=2)
    return force, similarity.sum(dtype=torch.float64) - Y.shape[1]


def _kernel_transform(
    nodes: int, spacing: float, device: torch.device
) -> Float32[Tensor, "twice half"]:
    """The transform of 1 / (1 + d²) on a grid of twice the size: see `kernels.potential`."""
    steps = torch.arange(2 * nodes, device=device, dtype=torch.float64)
    squares = (torch.minimum(steps, 2 * nodes - steps) * spacing).square()
    kernel = 1 / (1 + squares[:, None] + squares)
    spline = ((2 + torch.cos(torch.pi * steps / nodes)) / 3).square()
    transform = torch.fft.rfft2(kernel).real / (spline[:, None] * spline[: nodes + 1])
    return transform.to(torch.float32)
