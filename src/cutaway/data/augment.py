"""Random changes to a whole batch at once that leave its labels true."""

import torch
from jaxtyping import Float
from torch.nn import functional


def shift_batch(
    images: Float[torch.Tensor, "samples channels height width"],
    pixels: int,
    generator: torch.Generator,
) -> Float[torch.Tensor, "samples channels height width"]:
    """Shifts each image by up to `pixels` up or down and left or right; what comes in is zero.

    After normalization zero is the mean of the data.

    Example:
        >>> shift_batch(torch.ones(2, 3, 8, 8), 2, torch.Generator().manual_seed(0)).shape
        torch.Size([2, 3, 8, 8])
    """
    samples, _, height, width = images.shape
    padded = functional.pad(images, (pixels, pixels, pixels, pixels))
    top, left = torch.randint(0, 2 * pixels + 1, (2, samples, 1), generator=generator)
    rows = (top + torch.arange(height))[:, :, None]
    columns = (left + torch.arange(width))[:, None, :]
    # Indices around the channel axis move it last: (samples, height, width, channels).
    moved = padded[torch.arange(samples)[:, None, None], :, rows, columns]
    return moved.permute(0, 3, 1, 2).contiguous()


def flip_batch(
    images: Float[torch.Tensor, "samples channels height width"], generator: torch.Generator
) -> Float[torch.Tensor, "samples channels height width"]:
    """Mirrors each image left to right with probability one half."""
    flipped = torch.rand(len(images), 1, 1, 1, generator=generator) < 0.5
    return torch.where(flipped, images.flip(3), images)
