"""A residual network, larger than Report6's, that it can learn from."""

from jaxtyping import Float
from torch import Tensor, nn

from cutaway.errors import InputError

# The logits are scaled down so that they are small at the start of training.
_SCALE = 0.125


class Teacher(nn.Module):
    """Eight convolutions of 3x3 with BatchNorm, two residual pairs among them.

    At 32x32 pixels and a width of 48 it has 1.04 million parameters and costs five times Report6's
    CNN a forward pass. After the ResNet-9 of Page 2018 (How to train your ResNet), pooled one stage
    earlier and half as wide, so that a processor trains it in minutes.

    Args:
        in_channels: Channels of an image.
        classes: Number of classes.
        width: Filters of the first convolution; the last ones have four times as many.

    Raises:
        InputError: A number is below 1.

    Example:
        >>> import torch
        >>> Teacher(in_channels=1, classes=10, width=4)(torch.zeros(2, 1, 32, 32)).shape
        torch.Size([2, 10])
    """

    def __init__(self, in_channels: int = 3, classes: int = 10, width: int = 48) -> None:
        super().__init__()
        for name, value in (("in_channels", in_channels), ("classes", classes), ("width", width)):
            if value < 1:
                raise InputError(f"{name}={value} is too few; expected 1 or more")
        self.body = nn.Sequential(
            _convolution(in_channels, width, pool=True),
            _convolution(width, 2 * width, pool=True),
            Residual(2 * width),
            _convolution(2 * width, 4 * width, pool=True),
            Residual(4 * width),
            nn.AdaptiveMaxPool2d(1),
            nn.Flatten(),
        )
        self.head = nn.Linear(4 * width, classes, bias=False)

    def forward(
        self, images: Float[Tensor, "batch channels height width"]
    ) -> Float[Tensor, "batch classes"]:
        """Maps images, of 8 pixels a side or more, to logits."""
        return self.head(self.body(images)) * _SCALE


class Residual(nn.Module):
    """Two convolutions whose result is added to what they were given.

    Args:
        channels: Channels in and out.

    Example:
        >>> import torch
        >>> Residual(4)(torch.zeros(1, 4, 8, 8)).shape
        torch.Size([1, 4, 8, 8])
    """

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.first = _convolution(channels, channels)
        self.second = _convolution(channels, channels)

    def forward(
        self, maps: Float[Tensor, "batch channels height width"]
    ) -> Float[Tensor, "batch channels height width"]:
        """The maps and what was learned to add to them."""
        return maps + self.second(self.first(maps))


def _convolution(in_channels: int, filters: int, *, pool: bool = False) -> nn.Sequential:
    layers = [
        nn.Conv2d(in_channels, filters, kernel_size=3, padding=1, bias=False),
        nn.BatchNorm2d(filters),
        nn.ReLU(),
    ]
    return nn.Sequential(*layers, *([nn.MaxPool2d(2)] if pool else []))
