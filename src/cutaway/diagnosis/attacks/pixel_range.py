"""The values that a network's input can have: those of real pixels, after the input transform."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

from cutaway.data import InputTransform
from cutaway.errors import InputError


@dataclass(frozen=True)
class PixelRange:
    """Lowest and highest value of each channel of a network's input.

    Attributes:
        low: A number a channel, in units of the transformed input.
        high: A number a channel, above `low`.

    Raises:
        InputError: Lengths differ, or a channel's lowest value is not below its highest.

    Example:
        >>> transform = InputTransform(size=8, mean=(0.5,), std=(0.25,), channels=1)
        >>> PixelRange.of(transform)
        PixelRange(low=(-2.0,), high=(2.0,))
    """

    low: tuple[float, ...]
    high: tuple[float, ...]

    def __post_init__(self) -> None:
        """Checks that every channel has room."""
        fits = len(self.low) == len(self.high)
        if not fits or not all(a < b for a, b in zip(self.low, self.high, strict=True)):
            raise InputError(
                f"low={self.low} and high={self.high}; expected one number a channel in each, "
                "low below high"
            )

    @classmethod
    def of(
        cls, transform: InputTransform, values: Sequence[float | int] = (0.0, 1.0)
    ) -> "PixelRange":
        """The range that pixels from `values[0]` to `values[1]` have after a transform.

        Args:
            transform: What brings images to the network.
            values: Lowest and highest pixel on the scale of `Images.tensor`: [0, 1] for bytes.
        """
        ends = [
            tuple(
                (value - mean) / std
                for mean, std in zip(transform.mean, transform.std, strict=True)
            )
            for value in values
        ]
        return cls(ends[0], ends[1])

    def clip(
        self, inputs: Float[Tensor, "batch channels height width"]
    ) -> Float[Tensor, "batch channels height width"]:
        """The inputs, brought into the range.

        Raises:
            InputError: The inputs have another number of channels.
        """
        self._require_fitting(inputs)
        return torch.minimum(
            torch.maximum(inputs, self._column(self.low, inputs)), self._column(self.high, inputs)
        )

    def width(
        self, inputs: Float[Tensor, "batch channels height width"]
    ) -> Float[Tensor, "1 channels 1 1"]:
        """How wide the range of each channel is, shaped to multiply `inputs`."""
        self._require_fitting(inputs)
        return self._column(self.high, inputs) - self._column(self.low, inputs)

    def scaled(
        self, shares: Float[Tensor, "batch channels height width"]
    ) -> Float[Tensor, "batch channels height width"]:
        """Images in [0, 1], from black to white, as the network's input.

        Example:
            >>> PixelRange((-2.0,), (2.0,)).scaled(torch.full((1, 1, 1, 1), 0.75)).item()
            1.0
        """
        return self._column(self.low, shares) + shares * self.width(shares)

    def l2(self, epsilon: float, shape: Sequence[int]) -> float:
        """L2 norm of a change by `epsilon` of its range in every pixel: the L∞ ball's corner.

        Args:
            epsilon: Share of the pixel range, in [0, 1].
            shape: (channels, height, width).

        Example:
            >>> PixelRange((0.0,), (2.0,)).l2(0.5, (1, 3, 3))
            3.0
        """
        widths = [high - low for low, high in zip(self.low, self.high, strict=True)]
        pixels = math.prod(shape[1:])
        return epsilon * math.sqrt(pixels * sum(width**2 for width in widths))

    def _require_fitting(self, inputs: Tensor) -> None:
        if inputs.ndim != 4 or inputs.shape[1] != len(self.low):
            raise InputError(
                f"inputs have shape {tuple(inputs.shape)} and the pixel range {len(self.low)} "
                f"channel(s); expected (batch, {len(self.low)}, height, width)"
            )

    @staticmethod
    def _column(values: tuple[float, ...], inputs: Tensor) -> Tensor:
        return torch.tensor(values, dtype=inputs.dtype, device=inputs.device).view(1, -1, 1, 1)
