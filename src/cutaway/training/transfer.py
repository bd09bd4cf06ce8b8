"""Networks that begin with what was learned elsewhere, made ready for other classes."""

import os
from dataclasses import replace
from typing import Any

from torch import nn

from cutaway.data import DataModule
from cutaway.errors import InputError
from cutaway.networks import (
    build_network,
    class_names_of,
    looks_untrained,
    remember,
    transform_of,
    unmatched_of,
)
from cutaway.networks.head import find_head, head_outputs, replace_head
from cutaway.networks.initial import initial_network
from cutaway.networks.load import Network
from cutaway.networks.pretrained import is_pretrained
from cutaway.networks.resnet import LARGEST_SMALL_IMAGE, RESNETS, STEMS
from cutaway.progress import say
from cutaway.training.freezing import Freezing, frozen_layers
from cutaway.training.prepare import fitting_cnn


def starting_network(
    network: Network | None, pretrained: str | os.PathLike[str] | None
) -> nn.Module | None:
    """The network to train, or None where it is built in the size of the data.

    Args:
        network: What `train` takes.
        pretrained: Weights to begin with: a checkpoint or "hub", as `initial_network` takes them.
    """
    if pretrained is not None:
        return initial_network(network, pretrained)
    if network is None or _is_resnet(network):
        return None
    return build_network(network)


def fitting_network(network: Network | None, data: DataModule) -> nn.Module:
    """`CNN`, or the ResNet of that name, in the data's size, channels and classes."""
    if network is None or not isinstance(network, str):
        return fitting_cnn(data)
    transform = data.transform
    small = max(transform.height, transform.width) <= LARGEST_SMALL_IMAGE
    stem = "small" if small else "imagenet"
    side = STEMS[stem]
    say(
        f"{network} starts from random weights, with the stem {stem!r} ({side}x{side} convolution, "
        f"stride {1 if small else 2}) for images of {transform.width}x{transform.height}."
    )
    return RESNETS[network](
        in_channels=transform.channels, classes=len(data.class_names), stem=stem
    )


def require_frozen_sense(
    network: Network | None,
    pretrained: Any,
    freeze: str | None,
    unfreeze_at: int | None,
    epochs: int,
) -> None:
    """Checks that what is to be frozen, and until when, makes sense.

    Raises:
        InputError: Random weights would be frozen, or the epoch is none of the run's.
    """
    if freeze is not None and pretrained is None and (network is None or _is_resnet(network)):
        raise InputError(
            f"freeze={freeze!r} would keep random weights; expected pretrained=FILE or "
            "pretrained='hub' with it"
        )
    if unfreeze_at is None:
        return
    if freeze is None:
        raise InputError(f"unfreeze_at={unfreeze_at} needs freeze; try freeze='backbone'")
    if not 2 <= unfreeze_at <= epochs:
        raise InputError(
            f"unfreeze_at={unfreeze_at} is no epoch after the first of {epochs}; expected 2 to "
            f"{epochs}, or none to keep layers frozen throughout"
        )


def adapt(
    network: nn.Module,
    given: Network | None,
    data: DataModule,
    pretrained: Any,
    freeze: str | None,
    unfreeze_at: int | None,
) -> Freezing | None:
    """Gives a network a head for the data's classes, and finds what is to be frozen.

    Args:
        network: Changed in place, where it is one of another training and its classes are others.
        given: What `train` was given as its network.
        data: Set up.
        pretrained: Where its weights are from, or None.
        freeze: What `frozen_layers` takes, or None.
        unfreeze_at: The epoch at which all learns, or None.

    Returns:
        What keeps the layers frozen, or None.
    """
    of_timm = isinstance(given, str) and is_pretrained(given)
    if pretrained is None and freeze is None and not of_timm:
        return None
    if not any(parameter.requires_grad for parameter in network.parameters()):
        return None
    _say_size(network, data)
    head = _head(network, data)
    _fit_head(network, head, data, keep=pretrained is None and not of_timm)
    layers = () if freeze is None else frozen_layers(network, freeze, head)
    _note_random(network, layers if unfreeze_at is None else ())
    if freeze is None:
        return None
    if looks_untrained(network):
        say(f"freeze={freeze!r} keeps random weights: those of the network were never trained.")
    return Freezing(network, layers, unfreeze_at)


def _is_resnet(network: Network | None) -> bool:
    return isinstance(network, str) and network in RESNETS


def _head(network: nn.Module, data: DataModule) -> str:
    images = data.train_dataset.batch([0])[0].to(next(network.parameters()).device)
    try:
        return find_head(network, images)
    except RuntimeError as error:
        reason = str(error).partition("\n")[0]
        raise InputError(
            f"network {type(network).__name__} does not take images of shape "
            f"{tuple(images.shape[1:])} ({reason}); expected images of the channels and size that "
            "its weights were trained on: give a DataModule with their transform"
        ) from error


def _fit_head(network: nn.Module, head: str, data: DataModule, *, keep: bool) -> None:
    """Replaces the head, unless its classes are those of the data."""
    classes = len(data.class_names)
    fits = head_outputs(network, head) == classes
    if fits and (keep or class_names_of(network) == data.class_names):
        return
    what = replace_head(network, head, classes)
    say(f"Replaced in {type(network).__name__}: {what}.")


def _note_random(network: nn.Module, frozen: tuple[str, ...]) -> None:
    """Keeps in mind which random entries the training will not change, and says them."""
    left = tuple(
        entry
        for entry in unmatched_of(network)
        if entry.partition(" ")[0].rpartition(".")[0] in frozen
    )
    remember(network, unmatched=left)
    if left:
        say(f"Frozen with random weights, since no file gave them: {', '.join(left[:6])}.")


def _say_size(network: nn.Module, data: DataModule) -> None:
    _, height, width, _ = data.train_dataset.images.pixels.shape
    transform, known = data.transform, transform_of(network)
    if known is not None and replace(known, origin=transform.origin) != transform:
        # Only a DataModule of the user's has a transform of its own.
        say(
            f"The DataModule makes images of {transform.width}x{transform.height} with mean "
            f"{transform.mean}; the weights expect {known.width}x{known.height} with mean "
            f"{known.mean}: pass DataModule(transform=transform_of(network)) to give them that."
        )
        return
    factor = transform.height * transform.width / (height * width)
    if factor > 1:
        say(
            f"Images are enlarged from {width}x{height} to {transform.width}x{transform.height}, "
            f"which the weights expect: each costs about {factor:.0f} times as much."
        )
