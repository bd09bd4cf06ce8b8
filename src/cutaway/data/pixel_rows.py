"""Images as rows of features: their pixels, of large ones averaged over blocks."""

from jaxtyping import Float32
from torch import Tensor
from torch.nn.functional import adaptive_avg_pool2d

PIXEL_FEATURES = 4096
"""Images of more values than this are averaged over blocks of pixels before they are mapped."""


def pixel_rows(
    images: Float32[Tensor, "batch channels height width"],
) -> Float32[Tensor, "batch features"]:
    """One row an image, (channels, height, width) flattened; at most 4,096 features.

    Example:
        >>> import torch
        >>> pixel_rows(torch.zeros(2, 3, 32, 32)).shape, pixel_rows(torch.zeros(2, 3, 64, 64)).shape
        (torch.Size([2, 3072]), torch.Size([2, 3888]))
    """
    _, channels, height, width = images.shape
    if channels * height * width > PIXEL_FEATURES:
        side = min(max(height, width), int((PIXEL_FEATURES / channels) ** 0.5))
        images = adaptive_avg_pool2d(images, side)
    return images.flatten(1)
