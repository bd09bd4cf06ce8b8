"""Residual networks whose parameters have torchvision's names, so that published weights load."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor, nn

from cutaway.errors import InputError
from cutaway.networks.residual import BasicBlock, Bottleneck

# The stem for photographs of 224 pixels leaves 7x7 of them at the end, and of 32 pixels just one.
STEMS = {"imagenet": 7, "small": 3}
LARGEST_SMALL_IMAGE = 64
_STAGES = 4
_BLOCK_NAME = re.compile(r"layer([1-4])\.(\d{1,3})\.conv1\.weight")
_MOST_BLOCKS = 100


@dataclass(frozen=True)
class Depth:
    """Which blocks a ResNet is made of.

    Attributes:
        bottleneck: Blocks of three convolutions in place of two.
        blocks: How many there are in each of the four stages.
    """

    bottleneck: bool
    blocks: tuple[int, int, int, int]


DEPTHS = {
    "resnet18": Depth(bottleneck=False, blocks=(2, 2, 2, 2)),
    "resnet34": Depth(bottleneck=False, blocks=(3, 4, 6, 3)),
    "resnet50": Depth(bottleneck=True, blocks=(3, 4, 6, 3)),
    "resnet101": Depth(bottleneck=True, blocks=(3, 4, 23, 3)),
    "resnet152": Depth(bottleneck=True, blocks=(3, 8, 36, 3)),
}


class ResNet(nn.Module):
    """A residual network: a stem, four stages of blocks that add to their input, a linear layer.

    Its state has the names and shapes of torchvision's ResNets at a width of 64 with the stem
    "imagenet", so that weights published for them load.

    Source: He et al. 2016; the stride of a Bottleneck is at its 3x3 convolution as in torchvision.

    Args:
        depth: A name in `DEPTHS`, such as "resnet18", or a `Depth`.
        in_channels: Channels of an image.
        classes: Length of the output.
        width: Filters of the first convolution.
        stem: "imagenet" for images of about 224 pixels: a 7x7 convolution with stride 2 and pooling
            with stride 2. "small" for those of about 32: a 3x3 convolution, without pooling.

    Raises:
        InputError: The depth or the stem is unknown, or a number is below 1.

    Example:
        >>> ResNet("resnet18", classes=10, width=4, stem="small")(torch.zeros(2, 3, 32, 32)).shape
        torch.Size([2, 10])
    """

    def __init__(
        self,
        depth: str | Depth = "resnet18",
        *,
        in_channels: int = 3,
        classes: int = 1000,
        width: int = 64,
        stem: str = "imagenet",
    ) -> None:
        super().__init__()
        _require_valid(depth, stem, in_channels=in_channels, classes=classes, width=width)
        self.depth = DEPTHS[depth] if isinstance(depth, str) else depth
        self.in_channels, self.classes, self.width, self.stem = in_channels, classes, width, stem
        kernel = STEMS[stem]
        stride = 2 if stem == "imagenet" else 1
        self.conv1 = nn.Conv2d(in_channels, width, kernel, stride, kernel // 2, bias=False)
        self.bn1 = nn.BatchNorm2d(width)
        self.relu = nn.ReLU(inplace=True)
        self.maxpool = nn.MaxPool2d(3, 2, 1) if stem == "imagenet" else nn.Identity()
        kind = Bottleneck if self.depth.bottleneck else BasicBlock
        channels = width
        for stage, count in enumerate(self.depth.blocks):
            blocks: list[nn.Module] = []
            for number in range(count):
                stride = 2 if stage and not number else 1
                blocks.append(kind(channels, width << stage, stride))
                channels = (width << stage) * kind.expansion
            setattr(self, f"layer{stage + 1}", nn.Sequential(*blocks))
        self.avgpool = nn.AdaptiveAvgPool2d(1)
        self.fc = nn.Linear(channels, classes)
        _initialise(self)

    def forward(
        self, images: Float[Tensor, "batch channels height width"]
    ) -> Float[Tensor, "batch classes"]:
        """Maps images to logits."""
        maps = self.maxpool(self.relu(self.bn1(self.conv1(images))))
        for stage in range(_STAGES):
            maps = getattr(self, f"layer{stage + 1}")(maps)
        return self.fc(torch.flatten(self.avgpool(maps), start_dim=1))


RESNETS: dict[str, Callable[..., ResNet]] = {name: partial(ResNet, name) for name in DEPTHS}


def depth_name(depth: Depth) -> str:
    """The usual name of a depth, or its stages.

    Example:
        >>> depth_name(Depth(True, (3, 4, 6, 3))), depth_name(Depth(False, (1, 1, 1, 1)))
        ('resnet50', 'ResNet of (1, 1, 1, 1) blocks')
    """
    names = (name for name, known in DEPTHS.items() if known == depth)
    return next(names, f"ResNet of {depth.blocks} blocks")


def resnet_arguments(state: Mapping[str, Tensor]) -> dict[str, Any] | None:
    """The arguments of the `ResNet` whose weights these are, by names and shapes.

    Args:
        state: Tensors by name. What it is short of beyond the first layers does not matter here.

    Returns:
        Arguments for `ResNet`, or None where the weights are of something else.

    Example:
        >>> arguments = resnet_arguments(ResNet("resnet34", width=4, classes=7).state_dict())
        >>> arguments["depth"].blocks, arguments["width"], arguments["stem"]
        ((3, 4, 6, 3), 4, 'imagenet')
    """
    first = state.get("conv1.weight")
    counts = _block_counts(state)
    if first is None or first.ndim != 4 or counts is None or min(first.shape) < 1:
        return None
    width, in_channels, *kernel = first.shape
    stem = next((name for name, side in STEMS.items() if kernel == [side, side]), None)
    if stem is None:
        return None
    last = state.get("fc.weight")
    classes = 1000 if last is None or last.ndim != 2 or not len(last) else len(last)
    return {
        "depth": Depth(bottleneck="layer1.0.conv3.weight" in state, blocks=counts),
        "in_channels": in_channels,
        "classes": classes,
        "width": width,
        "stem": stem,
    }


def _block_counts(state: Mapping[str, Tensor]) -> tuple[int, int, int, int] | None:
    """Blocks a stage, where every stage has some and none is missing within."""
    found = [match for match in map(_BLOCK_NAME.fullmatch, state) if match]
    numbers = [{int(m[2]) for m in found if int(m[1]) == stage + 1} for stage in range(_STAGES)]
    one, two, three, four = (len(stage) for stage in numbers)
    whole = all(stage == set(range(len(stage))) and stage for stage in numbers)
    return (one, two, three, four) if whole and len(found) <= _MOST_BLOCKS else None


def _require_valid(depth: str | Depth, stem: str, **numbers: int) -> None:
    if isinstance(depth, str) and depth not in DEPTHS:
        raise InputError(f"depth={depth!r} is unknown; expected a Depth or one of {list(DEPTHS)}")
    if stem not in STEMS:
        raise InputError(f"stem={stem!r} is unknown; expected one of {list(STEMS)}")
    for name, value in numbers.items():
        if value < 1:
            raise InputError(f"{name}={value} is too few; expected 1 or more")


def _initialise(network: ResNet) -> None:
    """He et al. 2015; the last scale of a block is 1, as torchvision leaves it."""
    for module in network.modules():
        if isinstance(module, nn.Conv2d):
            nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")
