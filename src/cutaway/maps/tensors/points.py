"""The points of a t-SNE map on any torch device, and the steps they take."""

import numpy as np
import torch
from jaxtyping import Float32
from torch import Tensor

from cutaway.maps.affinities import Affinities
from cutaway.maps.gradient_descent import LONGEST_STEP, Phase
from cutaway.maps.kernels.descent import GAIN_FALL, GAIN_LEAST, GAIN_RISE, LEAST
from cutaway.maps.tensors.attraction import TensorAttraction
from cutaway.maps.tensors.repulsion import TensorRepulsion


class TensorPoints:
    """Points that move along both axes, as `compiled_points.CompiledPoints` do.

    Args:
        affinities: What the map is to reproduce.
        Y: Where the points start, a row an axis.
        device: Where they are moved.
    """

    def __init__(
        self, affinities: Affinities, Y: Float32[np.ndarray, "2 n"], device: torch.device
    ) -> None:
        self._Y = torch.tensor(Y, device=device)
        self._attraction = TensorAttraction(affinities, device)
        self._repulsion = TensorRepulsion()
        self.rest()

    @property
    def places(self) -> Float32[np.ndarray, "2 n"]:
        """Where the points are, a row an axis."""
        return self._Y.cpu().numpy().copy()

    def rest(self) -> None:
        """Stops the points."""
        self._velocity = torch.zeros_like(self._Y)
        self._gains = torch.ones_like(self._Y)

    def step(self, phase: Phase) -> None:
        """Takes one step down the gradient."""
        push, normalization = self._repulsion.force(self._Y)
        push = push / normalization.clamp(min=1e-12).to(torch.float32)
        slope = 4 * (phase.exaggeration * self._attraction.force(self._Y) - push)
        self._Y += self.velocity_after(slope, phase)

    def velocity_after(self, slope: Float32[Tensor, "2 n"], phase: Phase) -> Float32[Tensor, "2 n"]:
        """Turns the points' velocity down a slope: see `kernels.descent.descend`."""
        onward = slope * self._velocity < 0
        gains = torch.where(onward, self._gains + float(GAIN_RISE), self._gains * float(GAIN_FALL))
        self._gains = gains.clamp(min=float(GAIN_LEAST))
        velocity = phase.momentum * self._velocity - phase.learning_rate * self._gains * slope
        length = velocity.square().sum(dim=0).sqrt().clamp(min=float(LEAST))
        self._velocity = velocity * (LONGEST_STEP / length).clamp(max=1.0)
        return self._velocity
