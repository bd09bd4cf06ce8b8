"""The convolutional network of Report6: two blocks of convolution and three linear layers."""

import torch
from jaxtyping import Float
from torch import Tensor, nn

from cutaway.errors import InputError

_KERNEL = 5
_POOL = 2
_FILTERS = (64, 32)
SMALLEST_IMAGE = 16


class CNN(nn.Module):
    """Report6's network: two convolutional blocks, then three linear layers.

    At 3 channels, 10 classes and 32x32 pixels, without the batch axis:

    | layer          | what                                              | output      |
    |----------------|---------------------------------------------------|-------------|
    | `block1.0`     | Conv2d, 64 filters of 5x5, no padding             | (64, 28, 28) |
    | `block1.1`-`2` | BatchNorm2d, ReLU                                 | (64, 28, 28) |
    | `block1.3`     | MaxPool2d(2)                                      | (64, 14, 14) |
    | `block2.0`     | Conv2d, 32 filters of 5x5, no padding             | (32, 10, 10) |
    | `block2.1`-`2` | BatchNorm2d, ReLU                                 | (32, 10, 10) |
    | `block2.3`     | MaxPool2d(2)                                      | (32, 5, 5)  |
    | `fc_layers.0`  | Linear 800 to 64, then ReLU and Dropout(0.2)      | (64,)       |
    | `fc_layers.3`  | Linear 64 to 32, then ReLU and Dropout(0.2)       | (32,)       |
    | `fc_layers.6`  | Linear 32 to 10: the logits                       | (10,)       |

    Source: the structure printed in Report6, whose parameter names it keeps, so that weights
    trained there load here.

    Args:
        in_channels: Channels of an image, 1 for grey and 3 for RGB.
        classes: Number of classes, the length of the output.
        image_size: Side of a square image, or (height, width); each at least 16 pixels.

    Raises:
        InputError: An image is too small for two blocks, or a number is below 1.

    Example:
        >>> CNN(in_channels=1, classes=10, image_size=28)(torch.zeros(2, 1, 28, 28)).shape
        torch.Size([2, 10])
    """

    def __init__(
        self, in_channels: int = 3, classes: int = 10, image_size: int | tuple[int, int] = 32
    ) -> None:
        super().__init__()
        for name, value in (("in_channels", in_channels), ("classes", classes)):
            if value < 1:
                raise InputError(f"{name}={value} is too few; expected 1 or more")
        height, width = (image_size, image_size) if isinstance(image_size, int) else image_size
        if min(height, width) < SMALLEST_IMAGE:
            raise InputError(
                f"image_size={image_size} is too small: two blocks of 5x5 convolutions and pooling "
                f"need {SMALLEST_IMAGE} pixels a side; resize the images, for example to 32x32"
            )
        self.in_channels, self.classes, self.image_size = in_channels, classes, (height, width)
        self.block1 = _block(in_channels, _FILTERS[0])
        self.block2 = _block(_FILTERS[0], _FILTERS[1])
        self.fc_layers = nn.Sequential(
            nn.Linear(self.features(height, width), 64),
            nn.ReLU(),
            nn.Dropout(p=0.2),
            nn.Linear(64, 32),
            nn.ReLU(),
            nn.Dropout(p=0.2),
            nn.Linear(32, classes),
        )

    @staticmethod
    def features(height: int, width: int) -> int:
        """Numbers that reach the first linear layer for images of that many pixels.

        Example:
            >>> CNN.features(32, 32)
            800
        """
        return _FILTERS[1] * pooled_side(height) * pooled_side(width)

    def forward(
        self, images: Float[Tensor, "batch channels height width"]
    ) -> Float[Tensor, "batch classes"]:
        """Maps images to logits.

        Raises:
            InputError: The images' channels or size are not those that the network was built for.
        """
        # A tracer's proxy has no shape to check.
        if type(images) is Tensor:
            self._require_fitting(images)
        return self.fc_layers(torch.flatten(self.block2(self.block1(images)), start_dim=1))

    def _require_fitting(self, images: Tensor) -> None:
        channels, height, width = images.shape[1:]
        sides = pooled_side(height), pooled_side(width)
        if channels != self.in_channels or sides != tuple(map(pooled_side, self.image_size)):
            expected = (self.in_channels, *self.image_size)
            raise InputError(
                f"images of shape {(channels, height, width)} do not fit this CNN, which was built "
                f"for {expected}; resize them, or build CNN(in_channels={channels}, "
                f"image_size=({height}, {width}))"
            )


def pooled_side(side: int) -> int:
    """Pixels along one side after both blocks, of an image with `side` pixels along it.

    Example:
        >>> pooled_side(32)
        5
    """
    for _ in _FILTERS:
        side = (side - _KERNEL + 1) // _POOL
    return side


def smallest_side(pooled: int) -> int:
    """The fewest pixels along one side that leave `pooled` of them after both blocks.

    Up to three more pixels give the same, since pooling drops what does not fill a window.

    Example:
        >>> smallest_side(5)
        32
    """
    for _ in _FILTERS:
        pooled = pooled * _POOL + _KERNEL - 1
    return pooled


def _block(in_channels: int, filters: int) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(in_channels, filters, kernel_size=_KERNEL),
        nn.BatchNorm2d(filters),
        nn.ReLU(),
        nn.MaxPool2d(kernel_size=_POOL),
    )
