"""One way to a model, wherever it comes from."""

import math
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from torch import nn

from cutaway.device import resolve_device
from cutaway.errors import InputError
from cutaway.networks.checkpoint import Checkpoint, read_checkpoint
from cutaway.networks.cnn import CNN, SMALLEST_IMAGE, smallest_side
from cutaway.networks.facts import remember
from cutaway.networks.hub import stated_transform
from cutaway.networks.imported import is_import, model_from_import
from cutaway.networks.known_resnet import resnet_of, usual_transform
from cutaway.networks.pretrained import is_pretrained, pretrained_model
from cutaway.networks.resnet import RESNETS, ResNet
from cutaway.networks.weights import is_finite, load_weights, looks_untrained, match_names
from cutaway.progress import say

Network = str | nn.Module | Callable[[], nn.Module]


def load_model(
    source: str | os.PathLike[str] | nn.Module,
    network: Network | None = None,
    *,
    train: bool = False,
    device: str | torch.device = "cpu",
) -> nn.Module:
    """Loads a model, ready to be looked into: in eval mode, with gradients off.

    Args:
        source: One of

            - a checkpoint (`epoch=99.ckpt`, `weights.pt`, `model.safetensors`), see
              `read_checkpoint`;
            - `"timm:resnet18"`, a pretrained model of the optional library timm;
            - `"resnet18"` and the like, our own with random weights, which is said;
            - `"package.module:function"`, a function of yours that returns a model; it is imported
              and called;
            - an `nn.Module`, which is given back itself, changed in place: its mode, its
              parameters' `requires_grad` and its device are set.
        network: What the weights of a checkpoint are put into: a module (changed in place), a
            function that returns one, `"package.module:function"` or `"timm:..."`. None where
            the checkpoint is one of `CNN` or of a `ResNet`, torchvision's among them, which are
            known by the names and shapes of their weights.
        train: Leave the model in training mode with gradients as they are.
        device: Where the model goes, as `resolve_device` takes it.

    Raises:
        InputError: The file is not a checkpoint or does not fit the network; nothing can be
            imported.
        UnsafeFileError: The checkpoint would run code.
        MissingDependencyError: timm is asked for and not installed.

    Example:
        >>> model = load_model(CNN(in_channels=1, classes=3, image_size=16))
        >>> model.training, any(p.requires_grad for p in model.parameters())
        (False, False)
    """
    chosen = resolve_device(device)
    if isinstance(source, str) and is_pretrained(source):
        model = pretrained_model(source)
    elif isinstance(source, str) and source in RESNETS and not Path(source).exists():
        model = RESNETS[source]()
    elif isinstance(source, str) and is_import(source):
        model = model_from_import(source)
    elif isinstance(source, nn.Module):
        model = source
    else:
        model = _from_checkpoint(Path(source), network)
        network = None
    if network is not None:
        raise InputError(
            f"network={_named(network)} was given with source={_named(source)}, which brings its "
            "own network; expected it with a checkpoint only"
        )
    warn_of_weights(model, _named(source))
    return _prepared(model, train=train).to(chosen)


def build_network(network: Network) -> nn.Module:
    """Turns what a user may give as a network into a module, not yet trained on the user's data.

    Args:
        network: A module, a function that returns one, `"package.module:function"`, `"timm:..."`,
            or "resnet18" and the like, as published for ImageNet, with random weights.

    Raises:
        InputError: It is none of these, or gives no module.

    Example:
        >>> build_network(lambda: nn.Linear(3, 2))
        Linear(in_features=3, out_features=2, bias=True)
    """
    if isinstance(network, nn.Module):
        return network
    if isinstance(network, str):
        if is_pretrained(network):
            return pretrained_model(network)
        if network in RESNETS:
            return RESNETS[network]()
        return model_from_import(network)
    made = network()
    if not isinstance(made, nn.Module):
        raise InputError(
            f"network={_named(network)} returned a {type(made).__name__}; expected a "
            "torch.nn.Module"
        )
    return made


def _from_checkpoint(path: Path, network: Network | None) -> nn.Module:
    checkpoint = read_checkpoint(path)
    model = build_network(network) if network is not None else recognised(checkpoint, path)
    load_weights(model, checkpoint.state_dict, str(path))
    transform = checkpoint.transform or stated_transform(path)
    if transform is None and isinstance(model, ResNet):
        transform = usual_transform(model, str(path))
    remember(
        model,
        transform=transform,
        class_names=checkpoint.class_names,
        unmatched=checkpoint.unmatched,
    )
    return model


def recognised(checkpoint: Checkpoint, path: Path) -> nn.Module:
    """The `CNN` or `ResNet` of the size that a checkpoint's weights have, not yet with them.

    Raises:
        InputError: They are of neither.
    """
    resnet = resnet_of(checkpoint.state_dict, str(path))
    if resnet is not None:
        return resnet
    names = CNN().state_dict().keys()
    weights = match_names(checkpoint.state_dict, names)
    if not {"block1.0.weight", "fc_layers.0.weight", "fc_layers.6.weight"} <= weights.keys():
        raise InputError(
            f"{str(path)!r} is not a checkpoint of CNN or of a ResNet, the networks that are "
            f"known by their weights; its entries begin with {list(checkpoint.state_dict)[:4]}; "
            "name the network: load_model(path, network='package.module:function')"
        )
    filters, linear, last = (
        tuple(weights[name].shape)
        for name in ("block1.0.weight", "fc_layers.0.weight", "fc_layers.6.weight")
    )
    if len(filters) != 4 or len(linear) != 2 or not last or min(*filters, *linear, *last) < 1:
        raise InputError(
            f"{str(path)!r} has CNN's names, but shapes block1.0.weight {filters}, "
            f"fc_layers.0.weight {linear}, fc_layers.6.weight {last}; expected (64, channels, 5, "
            "5), (64, features), (classes, 32)"
        )
    size = _declared_size(checkpoint, linear[1]) or _deduced_size(linear[1], path)
    return CNN(in_channels=filters[1], classes=last[0], image_size=size)


def _declared_size(checkpoint: Checkpoint, features: int) -> tuple[int, int] | None:
    """The image size that a checkpoint of ours states, where its weights bear it out."""
    network = checkpoint.hyper_parameters.get("network")
    arguments = network.get("arguments") if isinstance(network, dict) else None
    size = arguments.get("image_size") if isinstance(arguments, dict) else None
    if isinstance(size, list) and len(size) == 2 and all(type(side) is int for side in size):
        height, width = size
        if min(size) >= SMALLEST_IMAGE and CNN.features(height, width) == features:
            return height, width
    return None


def _deduced_size(features: int, path: Path) -> int:
    """The smallest square image that gives so many features: 32 for 800, 28 for 512."""
    side = math.isqrt(features // CNN.features(SMALLEST_IMAGE, SMALLEST_IMAGE))
    size = smallest_side(side)
    if side < 1 or CNN.features(size, size) != features:
        raise InputError(
            f"{str(path)!r}: fc_layers.0.weight takes {features} features, which no square image "
            "gives; expected 32 times a square: load_model(path, network=CNN(image_size=(height, "
            "width), ...))"
        )
    return size


def _prepared(model: nn.Module, *, train: bool) -> nn.Module:
    if train:
        return model.train()
    return model.eval().requires_grad_(requires_grad=False)


def warn_of_weights(model: nn.Module, name: str) -> None:
    """Says where a model's weights are random or not finite; `name` is what it came from."""
    if looks_untrained(model):
        say(
            f"The weights of {name} look random: nothing was trained yet. What its layers show "
            "says nothing about the data; load a checkpoint or train it first."
        )
    if not is_finite(model):
        say(f"The weights of {name} hold NaN or infinity: its training diverged.")


def _named(value: Any) -> str:
    return f"an instance of {type(value).__name__}" if isinstance(value, nn.Module) else repr(value)
