"""A ResNet from the names and shapes of its weights alone."""

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor

from cutaway.data.transform import InputTransform
from cutaway.errors import InputError
from cutaway.networks.differences import differences, fits
from cutaway.networks.resnet import ResNet, resnet_arguments
from cutaway.networks.weights import PREFIXES, match_names
from cutaway.progress import say

_LANDMARK = "layer1.0.conv1.weight"
# What torchvision and timm publish for ResNets was trained so, and its files seldom say it.
_PUBLISHED = {"width": 64, "stem": "imagenet", "in_channels": 3, "classes": 1000}
PUBLISHED_TRANSFORM = InputTransform(
    size=224, mean=(0.485, 0.456, 0.406), std=(0.229, 0.224, 0.225), channels=3, origin="model"
)


def known_arguments(state_dict: Mapping[str, Tensor]) -> dict[str, Any] | None:
    """Arguments of the `ResNet` that a checkpoint is of, or None where it is of none.

    Example:
        >>> state = ResNet("resnet18", width=2).state_dict()
        >>> known_arguments({f"network.{name}": value for name, value in state.items()})["width"]
        2
    """
    marks = [name for name in state_dict if name.endswith(_LANDMARK)]
    prefix = marks[0].removesuffix(_LANDMARK) if marks else None
    if prefix is None or not _known_prefix(prefix):
        return None
    return resnet_arguments({k.removeprefix(prefix): v for k, v in state_dict.items()})


def resnet_of(state_dict: Mapping[str, Tensor], origin: str) -> ResNet | None:
    """The ResNet of the size that a checkpoint's weights have, or None where it is of none.

    It is compared with the file before any memory is taken for it, so that a small file cannot ask
    for a large network.

    Raises:
        InputError: Less than half of that network is in the file.
    """
    arguments = known_arguments(state_dict)
    if arguments is None:
        return None
    with torch.device("meta"):
        shell = ResNet(**arguments)
    found = match_names(state_dict, shell.state_dict())
    state = shell.state_dict()
    held = sum(v.numel() for n, v in state.items() if n in found and fits(found[n], v))
    if 2 * held < sum(value.numel() for value in state.values()):
        raise InputError(
            f"{origin!r} begins as a ResNet of {arguments['width']} filters does, but does not "
            f"hold one: {differences(shell, found).in_words()}; expected the state dict of a whole "
            "network"
        )
    return ResNet(**arguments)


def usual_transform(network: ResNet, origin: str) -> InputTransform | None:
    """How images are prepared for the ResNets that are published for ImageNet, said aloud.

    Args:
        network: As its weights' shapes told.
        origin: The file's name, for what is said.

    Returns:
        224x224 pixels with ImageNet's mean and deviation where the network has the published form
        (RGB, 64 filters, the stem "imagenet", 1,000 classes), else None: nobody knows.
    """
    if any(getattr(network, name) != value for name, value in _PUBLISHED.items()):
        return None
    say(
        f"{origin} does not state how images are prepared: taken is what weights published for "
        "ImageNet expect, 224x224 pixels normalized with mean (0.485, 0.456, 0.406) and standard "
        "deviation (0.229, 0.224, 0.225)."
    )
    return PUBLISHED_TRANSFORM


def _known_prefix(prefix: str) -> bool:
    while prefix:
        mark = next((each for each in PREFIXES if prefix.startswith(each)), None)
        if mark is None:
            return False
        prefix = prefix.removeprefix(mark)
    return True
