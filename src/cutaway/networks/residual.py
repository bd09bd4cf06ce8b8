"""The two blocks of residual networks, with torchvision's names."""

from jaxtyping import Float
from torch import Tensor, nn


class BasicBlock(nn.Module):
    """Two 3x3 convolutions whose result is added to what they were given.

    Source: He et al. 2016.

    Args:
        in_channels: Channels that come in.
        filters: Filters of both convolutions; channels that go out.
        stride: Of the first convolution; above 1 the input is brought to size by a 1x1 convolution.

    Example:
        >>> import torch
        >>> BasicBlock(4, 8, stride=2)(torch.zeros(1, 4, 8, 8)).shape
        torch.Size([1, 8, 4, 4])
    """

    expansion = 1

    def __init__(self, in_channels: int, filters: int, stride: int = 1) -> None:
        super().__init__()
        self.conv1 = _convolution(in_channels, filters, 3, stride)
        self.bn1 = nn.BatchNorm2d(filters)
        self.relu = nn.ReLU(inplace=True)
        self.conv2 = _convolution(filters, filters, 3)
        self.bn2 = nn.BatchNorm2d(filters)
        self.downsample = _shortcut(in_channels, filters * self.expansion, stride)

    def forward(
        self, maps: Float[Tensor, "batch in_channels height width"]
    ) -> Float[Tensor, "batch out_channels out_height out_width"]:
        """The maps, in the size of the result, and what was learned to add to them."""
        result = self.relu(self.bn1(self.conv1(maps)))
        result = self.bn2(self.conv2(result))
        return self.relu(result + _shortened(maps, self.downsample))


class Bottleneck(nn.Module):
    """A 3x3 convolution between two of 1x1, whose result is added to what they were given.

    Source: He et al. 2016, with the stride at the 3x3 convolution as in torchvision.

    Args:
        in_channels: Channels that come in.
        filters: Filters of the first two convolutions; four times as many channels go out.
        stride: Of the 3x3 convolution; above 1 the input is brought to size by a 1x1 convolution.

    Example:
        >>> import torch
        >>> Bottleneck(4, 8, stride=2)(torch.zeros(1, 4, 8, 8)).shape
        torch.Size([1, 32, 4, 4])
    """

    expansion = 4

    def __init__(self, in_channels: int, filters: int, stride: int = 1) -> None:
        super().__init__()
        self.conv1 = _convolution(in_channels, filters, 1)
        self.bn1 = nn.BatchNorm2d(filters)
        self.conv2 = _convolution(filters, filters, 3, stride)
        self.bn2 = nn.BatchNorm2d(filters)
        self.conv3 = _convolution(filters, filters * self.expansion, 1)
        self.bn3 = nn.BatchNorm2d(filters * self.expansion)
        self.relu = nn.ReLU(inplace=True)
        self.downsample = _shortcut(in_channels, filters * self.expansion, stride)

    def forward(
        self, maps: Float[Tensor, "batch in_channels height width"]
    ) -> Float[Tensor, "batch out_channels out_height out_width"]:
        """The maps, in the size of the result, and what was learned to add to them."""
        result = self.relu(self.bn1(self.conv1(maps)))
        result = self.relu(self.bn2(self.conv2(result)))
        result = self.bn3(self.conv3(result))
        return self.relu(result + _shortened(maps, self.downsample))


def _convolution(in_channels: int, filters: int, side: int, stride: int = 1) -> nn.Conv2d:
    return nn.Conv2d(in_channels, filters, side, stride, padding=side // 2, bias=False)


def _shortcut(in_channels: int, out_channels: int, stride: int) -> nn.Sequential | None:
    """What brings the input to the result's size, or None where it has it already."""
    if stride == 1 and in_channels == out_channels:
        return None
    return nn.Sequential(
        _convolution(in_channels, out_channels, 1, stride), nn.BatchNorm2d(out_channels)
    )


def _shortened(maps: Tensor, shortcut: nn.Module | None) -> Tensor:
    return maps if shortcut is None else shortcut(maps)
