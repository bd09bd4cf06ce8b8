"""Mean and standard deviation of each colour channel, in one pass over blocks of images."""

import math
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float64

from cutaway.data.image_set import Pixels

# A block is widened to float64: this many values stay within a processor's cache.
BLOCK_VALUES = 1 << 19


@dataclass(frozen=True)
class ChannelStatistics:
    """Statistics of each channel, on the scale of `Images.tensor`: [0, 1] for bytes.

    Attributes:
        mean: Mean of all pixels.
        std: Standard deviation of all pixels (population).
        mean_of_image_stds: The standard deviation within each image, averaged over images. It is
            what (0.2023, 0.1994, 0.2010), the figures commonly copied for CIFAR-10, are; it is
            smaller than `std`, since it leaves out how images differ from each other.
    """

    mean: tuple[float, ...]
    std: tuple[float, ...]
    mean_of_image_stds: tuple[float, ...]


def statistics_of(
    means: Float64[np.ndarray, "samples channels"],
    variances: Float64[np.ndarray, "samples channels"],
    scale: float,
) -> ChannelStatistics:
    """Sums up the moments of images of one size, to the same bits in whatever order they come.

    Variances within images and between image means are added (Chan, Golub, LeVeque 1983), so that
    large offsets do not cancel digits.

    Args:
        means: Of each image and channel.
        variances: Of each image and channel.
        scale: What stands for 1.

    Example:
        >>> pixels = np.array([0, 255], np.uint8).reshape(1, 1, 2, 1)
        >>> statistics_of(*image_moments(pixels), scale_of("uint8"))
        ChannelStatistics(mean=(0.5,), std=(0.5,), mean_of_image_stds=(0.5,))
    """
    centre = _average(means)
    variance = _average(variances) + _average((means - centre) ** 2)
    return ChannelStatistics(
        mean=tuple((centre / scale).tolist()),
        std=tuple((np.sqrt(variance) / scale).tolist()),
        mean_of_image_stds=tuple((_average(np.sqrt(variances)) / scale).tolist()),
    )


def scale_of(dtype: str) -> float:
    """The value that stands for 1: 255 of bytes ("uint8"), 1 of floats."""
    return 255.0 if dtype == "uint8" else 1.0


def image_moments(
    pixels: Pixels,
) -> tuple[Float64[np.ndarray, "samples channels"], Float64[np.ndarray, "samples channels"]]:
    """Mean and variance of each channel within each image, on the scale of `pixels`."""
    count, channels = len(pixels), pixels.shape[3]
    means = np.empty((count, channels))
    variances = np.empty((count, channels))
    step = max(1, BLOCK_VALUES // pixels[0].size)
    for start in range(0, count, step):
        rows = slice(start, start + step)
        block = pixels[rows].reshape(-1, pixels[0, :, :, 0].size, channels).astype(np.float64)
        means[rows] = block.mean(axis=1)
        block -= means[rows, None]
        variances[rows] = np.einsum("npc,npc->nc", block, block) / block.shape[1]
    return means, variances


def _average(
    values: Float64[np.ndarray, "samples channels"],
) -> Float64[np.ndarray, " channels"]:
    return np.array([math.fsum(column) for column in values.T.tolist()]) / len(values)
