"""Where the work of a t-SNE map is done: compiled for the CPU, or on tensors for a GPU."""

import ctypes
import sys
from typing import TYPE_CHECKING, Protocol, runtime_checkable

import numpy as np
from jaxtyping import Float32

from cutaway.errors import InputError
from cutaway.maps.affinities import Affinities, joint_affinities
from cutaway.maps.clustered_neighbours import Search, clustered_neighbours, neighbours_of
from cutaway.maps.compiled_points import CompiledPoints
from cutaway.maps.gradient_descent import MovingPoints
from cutaway.maps.neighbours import NeighbourIndex, Neighbours

if TYPE_CHECKING:
    import torch

PAYS_FROM = 5000
"""Samples from which "auto" takes a GPU."""

_EXACT_ON_GPU_UP_TO = 500_000


@runtime_checkable
class Backend(Protocol):
    """What a map needs that depends on where its work is done."""

    def neighbours(self, index: NeighbourIndex, k: int, search: Search) -> Neighbours:
        """The k nearest other rows of every row."""
        ...

    def affinities(self, neighbours: Neighbours, perplexity: float) -> Affinities:
        """The joint probabilities of neighbours."""
        ...

    def points(
        self, affinities: Affinities, Y: Float32[np.ndarray, "2 n"], axes: int
    ) -> MovingPoints:
        """Points that start at `Y` and move along one axis or two."""
        ...


class CompiledBackend:
    """Compiled functions on all cores."""

    def neighbours(self, index: NeighbourIndex, k: int, search: Search) -> Neighbours:
        """See `clustered_neighbours.neighbours_of`."""
        return neighbours_of(index, k, search)

    def affinities(self, neighbours: Neighbours, perplexity: float) -> Affinities:
        """See `affinities.joint_affinities`."""
        return joint_affinities(neighbours, perplexity)

    def points(
        self, affinities: Affinities, Y: Float32[np.ndarray, "2 n"], axes: int
    ) -> CompiledPoints:
        """See `compiled_points`."""
        return CompiledPoints(affinities, Y, axes)


class TensorBackend:
    """Tensors on one torch device; a line, which has little to compute, is left to the CPU.

    Args:
        device: Where the tensors are.
    """

    def __init__(self, device: "torch.device") -> None:
        self._device = device

    def neighbours(self, index: NeighbourIndex, k: int, search: Search) -> Neighbours:
        """See `tensors.neighbours`; "auto" is exact up to 500,000 rows."""
        from cutaway.maps.tensors.neighbours import tensor_neighbours

        if search == "approximate" or (search == "auto" and len(index) > _EXACT_ON_GPU_UP_TO):
            return clustered_neighbours(index, k)
        return tensor_neighbours(index, k, self._device)

    def affinities(self, neighbours: Neighbours, perplexity: float) -> Affinities:
        """See `tensors.affinities`."""
        from cutaway.maps.tensors.affinities import tensor_affinities

        return tensor_affinities(neighbours, perplexity, self._device)

    def points(
        self, affinities: Affinities, Y: Float32[np.ndarray, "2 n"], axes: int
    ) -> MovingPoints:
        """See `tensors.points`."""
        from cutaway.maps.tensors.points import TensorPoints

        if axes == 1:
            return CompiledPoints(affinities, Y, axes)
        return TensorPoints(affinities, Y, self._device)


def choose_backend(device: str, n: int) -> Backend:
    """The backend that a device's name and the number of samples call for.

    Args:
        device: "cpu", "cuda", or "auto": a GPU where there is one and `n` is at least `PAYS_FROM`.
        n: Number of samples.

    Raises:
        InputError: There is no such device.

    Example:
        >>> type(choose_backend("cpu", 100)).__name__
        'CompiledBackend'
    """
    if device not in {"auto", "cpu", "cuda"}:
        raise InputError(f"device={device!r}; expected 'auto', 'cpu' or 'cuda'")
    if device == "cuda" or (device == "auto" and n >= PAYS_FROM and _driver_is_here()):
        from cutaway.device import resolve_device

        chosen = resolve_device(device)
        if chosen.type == "cuda":
            return TensorBackend(chosen)
    return CompiledBackend()


def _driver_is_here() -> bool:
    """Whether CUDA's driver can be loaded; to ask torch would import it, which takes a second."""
    try:
        ctypes.CDLL("nvcuda.dll" if sys.platform == "win32" else "libcuda.so.1")
    except OSError:
        return False
    return True
