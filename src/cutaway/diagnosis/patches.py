"""One convolution whose filters are random patches of the data: what a first layer can see."""

import numpy as np
import torch
from jaxtyping import Float32
from torch import Tensor
from torch.nn import functional

_FILTERS = 128
_LARGEST_PATCH = 6
_PATCHES = 20_000
_IMAGES = 2_000
_PENALTY = 0.1
_THRESHOLD = 0.5
_LARGE = 24
_BLOCK = 500

Planes = Float32[Tensor, "samples channels height width"]


class PatchFeatures:
    """Pooled answers of one convolutional layer that nobody trained.

    Its 128 filters are random patches of the images, whitened; each answers by what exceeds a
    threshold, in either sign, averaged over the four quarters of the image. A linear classifier of
    these features tells what one layer of convolution gains, without training any. Source: Coates,
    Lee and Ng 2011, "An analysis of single-layer networks in unsupervised feature learning".

    Args:
        images: Float32 (n, channels, height, width) to take patches from, 2 pixels a side or more.
        seed: Chooses the patches.

    Example:
        >>> images = torch.rand(40, 3, 8, 8, generator=torch.Generator().manual_seed(0))
        >>> PatchFeatures(images, seed=0)(images).shape
        (40, 1024)
    """

    def __init__(self, images: Planes, seed: int) -> None:
        side = min(images.shape[2:])
        size = min(_LARGEST_PATCH, max(2, side * 3 // 8))
        rng = np.random.default_rng(seed)
        patches = _patches(images, size, rng)
        self._mean = patches.mean(axis=0)
        whitening = _whitening(patches - self._mean)
        filters = _directions((patches - self._mean) @ whitening, rng) @ whitening
        self._kernel = torch.from_numpy(filters).reshape(len(filters), -1, size, size)
        self._bias = torch.from_numpy(-filters @ self._mean)
        self._stride = 2 if side >= _LARGE else 1
        answers = self._answers(images[: min(len(images), _BLOCK)])
        self._threshold = _THRESHOLD * float(answers.std())

    def __call__(self, images: Planes) -> Float32[np.ndarray, "samples features"]:
        """The features of images, as many as filters times signs times quarters."""
        return torch.cat([self._pooled(block) for block in images.split(_BLOCK)]).numpy()

    def _pooled(self, images: Planes) -> Float32[Tensor, "samples features"]:
        answers = self._answers(images)
        both = [torch.relu(sign * answers - self._threshold) for sign in (1, -1)]
        return torch.cat([functional.adaptive_avg_pool2d(one, 2).flatten(1) for one in both], dim=1)

    def _answers(self, images: Planes) -> Float32[Tensor, "samples filters down across"]:
        return functional.conv2d(images, self._kernel, self._bias, stride=self._stride)


def _patches(
    images: Planes, size: int, rng: np.random.Generator
) -> Float32[np.ndarray, "patches numbers"]:
    count, _, height, width = images.shape
    of = rng.integers(0, min(count, _IMAGES), _PATCHES)
    top = rng.integers(0, height - size + 1, _PATCHES)
    left = rng.integers(0, width - size + 1, _PATCHES)
    pixels = images.numpy()
    windows = np.lib.stride_tricks.sliding_window_view(pixels, (size, size), axis=(2, 3))
    return windows[of, :, top, left].reshape(_PATCHES, -1)


def _whitening(
    centred: Float32[np.ndarray, "patches numbers"],
) -> Float32[np.ndarray, "numbers numbers"]:
    """The symmetric map that evens out the directions of the patches, but for the faintest."""
    covariance = (centred.T @ centred / len(centred)).astype(np.float64)
    variances, vectors = np.linalg.eigh(covariance)
    floor = _PENALTY * variances.mean() or 1.0
    return ((vectors / np.sqrt(variances.clip(0) + floor)) @ vectors.T).astype(np.float32)


def _directions(
    whitened: Float32[np.ndarray, "patches numbers"], rng: np.random.Generator
) -> Float32[np.ndarray, "filters numbers"]:
    """Random patches of length 1, drawn among those with some contrast."""
    lengths = np.linalg.norm(whitened, axis=1)
    telling = np.flatnonzero(lengths >= np.median(lengths) / 2)
    chosen = rng.choice(telling, _FILTERS, replace=len(telling) < _FILTERS)
    return whitened[chosen] / np.maximum(lengths[chosen, None], np.finfo(np.float32).tiny)
