"""Images as waves, so that a step of the optimizer changes all scales alike."""

import torch
from jaxtyping import Float
from torch import Tensor

_SPREAD = 0.01
_SOFTNESS = 4.0
# Square root of the covariance of colours in natural images (ImageNet), as lucid publishes it.
_COLOURS = ((0.26, 0.09, 0.02), (0.27, 0.00, -0.05), (0.27, -0.09, 0.03))


class FourierImages:
    """A batch of images in [0, 1] that are sums of waves with amplitudes to be learned.

    Each wave is scaled by the inverse of its frequency, as those of natural images are; three
    channels are mixed so that they vary together as natural colours do.

    Args:
        count: How many images.
        shape: (channels, height, width).
        seed: Of the first amplitudes.

    Source: Olah, Mordvintsev and Schubert, Feature Visualization, 2017,
    https://distill.pub/2017/feature-visualization.

    Example:
        >>> images = FourierImages(2, (3, 8, 8))()
        >>> images.shape, bool(((images > 0) & (images < 1)).all())
        (torch.Size([2, 3, 8, 8]), True)
    """

    def __init__(self, count: int, shape: tuple[int, int, int], seed: int = 0) -> None:
        channels, height, width = shape
        generator = torch.Generator().manual_seed(seed)
        drawn = torch.randn(count, channels, height, width // 2 + 1, 2, generator=generator)
        self.amplitudes = (drawn * _SPREAD).requires_grad_()
        self._shape = shape
        self._scale = wave_scales(height, width)[..., None]

    def to(self, device: torch.device) -> "FourierImages":
        """Moves the amplitudes, before they are handed to an optimizer; returns itself."""
        self.amplitudes = self.amplitudes.detach().to(device).requires_grad_()
        self._scale = self._scale.to(device)
        return self

    def __call__(self) -> Float[Tensor, "count channels height width"]:
        """The images, with gradients to the amplitudes."""
        waves = torch.view_as_complex((self.amplitudes * self._scale).contiguous())
        images = torch.fft.irfft2(waves, s=self._shape[1:]) / _SOFTNESS
        if self._shape[0] == len(_COLOURS):
            colours = torch.tensor(_COLOURS, dtype=images.dtype, device=images.device)
            # The longest row counts as one, so that no colour is driven harder than grey is.
            mixing = colours / colours.norm(dim=0).max()
            images = torch.einsum("kc,ncij->nkij", mixing, images)
        return images.sigmoid()


def wave_scales(height: int, width: int) -> Float[Tensor, "height half_width"]:
    """What each wave's amplitude is multiplied by: one over its frequency, bounded.

    Example:
        >>> scales = wave_scales(4, 4)
        >>> scales.shape, bool(scales[0, 0] > scales[0, 2])
        (torch.Size([4, 3]), True)
    """
    down = torch.fft.fftfreq(height)[:, None]
    across = torch.fft.rfftfreq(width)[None]
    frequency = (down.square() + across.square()).sqrt()
    slowest = 1 / max(height, width)
    return (height * width) ** 0.5 / frequency.clamp_min(slowest)
