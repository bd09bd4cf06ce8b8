"""Random changes to whole batches that leave their labels true, fixed image by image."""

from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Bool, Float, Int64

# Apart from the order of samples, which is drawn from the same seed.
_STREAM = 1


@dataclass(frozen=True)
class View:
    """One way of showing every image of a set.

    Attributes:
        down: Pixels that each image is shifted down.
        right: Pixels that each image is shifted to the right.
        mirrored: Whether each image is mirrored left to right, after it was shifted.
    """

    down: Int64[np.ndarray, " samples"]
    right: Int64[np.ndarray, " samples"]
    mirrored: Bool[np.ndarray, " samples"]

    def of(
        self,
        images: Float[torch.Tensor, "picked channels height width"],
        positions: Int64[np.ndarray, " picked"],
    ) -> Float[torch.Tensor, "picked channels height width"]:
        """The images at some positions of the set, as this view shows them."""
        parts = (self.down, self.right, self.mirrored)
        return view_batch(images, *(torch.from_numpy(part[positions]) for part in parts))


@dataclass(frozen=True)
class Views:
    """Which way every training image is shifted and mirrored, epoch by epoch.

    A view follows from the seed, the number of the view and the image's position alone, so that it
    can be shown again: to another network, or by a run that is resumed. From one epoch to the next
    each image is mirrored or not by turns, so that two epochs show both ways of all.

    Source of the turns: Jordan 2024, 94% on CIFAR-10 in 3.29 seconds on a single GPU.

    Attributes:
        samples: How many images there are.
        shift: Largest shift in pixels, up or down and left or right; what comes in is mirrored at
            the edge.
        flip: Whether images are mirrored left to right.
        seed: Equal seeds give equal views.
        period: After so many epochs the views are those of the first again; None for never.

    Example:
        >>> views = Views(samples=3, shift=2, flip=True, seed=0, period=4)
        >>> views.number(epoch=5)
        1
        >>> views.at(epoch=5).of(torch.rand(2, 3, 8, 8), np.array([0, 2])).shape
        torch.Size([2, 3, 8, 8])
    """

    samples: int
    shift: int
    flip: bool
    seed: int
    period: int | None = None

    def number(self, epoch: int) -> int:
        """The number of the view that an epoch shows."""
        return epoch if self.period is None else epoch % self.period

    def at(self, epoch: int) -> View:
        """The view that an epoch shows."""
        number = self.number(epoch)
        random = np.random.default_rng([self.seed, _STREAM, number])
        down, right = random.integers(-self.shift, self.shift + 1, (2, self.samples))
        first = np.random.default_rng([self.seed, _STREAM]).integers(0, 2, self.samples)
        return View(down, right, self.flip & ((first + number) % 2 == 1))


def view_batch(
    images: Float[torch.Tensor, "samples channels height width"],
    down: Int64[torch.Tensor, " samples"],
    right: Int64[torch.Tensor, " samples"],
    mirrored: Bool[torch.Tensor, " samples"],
) -> Float[torch.Tensor, "samples channels height width"]:
    """Shifts each image by its own number of pixels, then mirrors it left to right or does not.

    The image is continued beyond its edges by its reflection, the edge itself not repeated.

    Example:
        >>> row = torch.tensor([[[[1.0, 2.0, 3.0]]]])
        >>> view_batch(row, torch.tensor([0]), torch.tensor([1]), torch.tensor([False])).tolist()
        [[[[2.0, 1.0, 2.0]]]]
    """
    samples, channels, height, width = images.shape
    rows = _reflected(torch.arange(height) - down[:, None], height)
    columns = torch.arange(width).expand(samples, width)
    columns = torch.where(mirrored[:, None], columns.flip(1), columns)
    columns = _reflected(columns - right[:, None], width)
    places = (rows[:, :, None] * width + columns[:, None, :]).reshape(samples, 1, -1)
    moved = images.reshape(samples, channels, -1).gather(2, places.expand(-1, channels, -1))
    return moved.reshape(images.shape)


def _reflected(places: torch.Tensor, size: int) -> torch.Tensor:
    """Positions within a row of `size`, for positions beyond its ends."""
    if size == 1:
        return torch.zeros_like(places)
    turn = 2 * (size - 1)
    return size - 1 - (places.remainder(turn) - (size - 1)).abs()
