"""The potential of unit charges on a grid, by Fourier transforms."""

from functools import lru_cache

import numpy as np
import scipy.fft
from jaxtyping import Float32

from cutaway.maps.kernels.repulsion import spread_charges
from cutaway.maps.kernels.threads import over_ranges, thread_count

_SPLINE_WIDTH = 4
_FEWEST_NODES = 32
_ROOM = 1.1
_POINTS_A_SHARE = 16384
_MOST_SHARES = 8
_LARGE_TRANSFORM = 512


class ChargeGrid:
    """A square grid that holds every point of a map, with nodes `spacing` apart or closer.

    A grid outlives the steps of a descent as long as the points stay on it; it is made a little
    larger than they need.

    Args:
        low: Least coordinates of the points.
        high: Largest coordinates.
        spacing: Widest distance of nodes, in units of the map. Small maps get finer grids.
        sharpness: α of the kernel's smooth part (1 − e^(−α(1+d²))) / (1 + d²); 0 takes the kernel
            whole.
    """

    def __init__(
        self,
        low: Float32[np.ndarray, "2"],
        high: Float32[np.ndarray, "2"],
        spacing: float,
        sharpness: float = 0.0,
    ) -> None:
        extent = float(np.max(high - low))
        while extent / spacing < _FEWEST_NODES and spacing > 1e-12:
            spacing /= 2
        wanted = int(extent / spacing * _ROOM) + _SPLINE_WIDTH + 1
        self.nodes = scipy.fft.next_fast_len(wanted, real=True)
        self.spacing = spacing
        self.sharpness = sharpness
        self.per_unit = np.float32(1 / spacing)
        slack = (self.nodes - _SPLINE_WIDTH - 1) * spacing - (high - low)
        self.corner = (low - slack / 2).astype(np.float32)
        self._reach = self.corner + np.float32((self.nodes - _SPLINE_WIDTH - 0.5) * spacing)
        self._least_extent = 0.8 * extent

    def holds(self, low: Float32[np.ndarray, "2"], high: Float32[np.ndarray, "2"]) -> bool:
        """Whether points between these coordinates lie on the grid and fill most of it."""
        fills = float(np.max(high - low)) >= self._least_extent
        return bool((low > self.corner).all() and (high < self._reach).all() and fills)

    def potential(self, Y: Float32[np.ndarray, "2 n"]) -> Float32[np.ndarray, "nodes nodes"]:
        """Coefficients of the cubic B-splines whose sum is φ(y) = Σ_j 1 / (1 + |y − y_j|²)."""
        shares = min(max(Y.shape[1] // _POINTS_A_SHARE, 1), _MOST_SHARES)
        charges = np.empty((shares, self.nodes, self.nodes), dtype=np.float32)
        over_ranges(spread_charges, range(shares + 1), Y, self.corner, self.per_unit, charges)
        charge = charges[0]
        for share in charges[1:]:
            charge += share
        return _convolve(charge, self._transform())

    def _transform(self) -> Float32[np.ndarray, "twice half"]:
        return _kernel_transform(self.nodes, self.spacing, self.sharpness)


def _convolve(
    charge: Float32[np.ndarray, "nodes nodes"], transform: Float32[np.ndarray, "twice half"]
) -> Float32[np.ndarray, "nodes nodes"]:
    """The linear convolution: rows of zeros are neither transformed nor transformed back."""
    nodes, twice = len(charge), len(transform)
    workers = thread_count() if twice >= _LARGE_TRANSFORM else 1
    spectrum = scipy.fft.rfft(charge, n=twice, axis=1, workers=workers)
    spectrum = scipy.fft.fft(spectrum, n=twice, axis=0, workers=workers, overwrite_x=True)
    spectrum *= transform
    spectrum = scipy.fft.ifft(spectrum, axis=0, workers=workers, overwrite_x=True)[:nodes]
    return scipy.fft.irfft(spectrum, n=twice, axis=1, workers=workers)[:, :nodes]


@lru_cache(maxsize=8)
def _kernel_transform(
    nodes: int, spacing: float, sharpness: float
) -> Float32[np.ndarray, "twice half"]:
    """The transform of the kernel on a grid of twice the size, for charges and readings by splines.

    Dividing by the squared transform of the B-spline at the nodes makes the interpolation exact
    there: Unser 1999, "Splines: a perfect fit for signal and image processing".
    """
    twice = 2 * nodes
    steps = np.arange(nodes + 1)
    squares = (steps * spacing) ** 2
    inverse = 1 + squares[:, None] + squares[None, :]
    quadrant = (-np.expm1(-sharpness * inverse) if sharpness else 1.0) / inverse
    half = scipy.fft.dct(scipy.fft.dct(quadrant, type=1, axis=0), type=1, axis=1)
    spline = (2 + np.cos(2 * np.pi * steps / twice)) / 3
    half /= np.square(spline)[:, None] * np.square(spline)[None, :]
    return np.concatenate([half, half[-2:0:-1]]).astype(np.float32)
