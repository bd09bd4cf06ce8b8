"""Networks that begin with weights of another training."""

import os
from pathlib import Path

from torch import nn

from cutaway.errors import InputError
from cutaway.networks.checkpoint import Checkpoint, read_checkpoint
from cutaway.networks.differences import Differences, differences, fits, listed
from cutaway.networks.facts import remember
from cutaway.networks.hub import published_weights, stated_transform
from cutaway.networks.known_resnet import known_arguments, resnet_of, usual_transform
from cutaway.networks.load import Network, build_network, load_model, recognised, warn_of_weights
from cutaway.networks.pretrained import is_pretrained, pretrained_model
from cutaway.networks.resnet import DEPTHS, ResNet, depth_name
from cutaway.networks.weights import match_names
from cutaway.progress import say

HUB = "hub"


def initial_network(network: Network | None, weights: str | os.PathLike[str]) -> nn.Module:
    """A network with the weights of another training, to be trained further.

    What the file has not stays as it was drawn at random, which is said and kept as
    `unmatched_of(network)`.

    Args:
        network: "resnet18" and the like, "timm:NAME", `"package.module:function"`, a function, a
            module (changed in place); None where the file is one of `CNN` or of a `ResNet`.
        weights: A checkpoint as `read_checkpoint` takes it, or "hub" for what is published for
            "resnet18" and the like and for "timm:NAME".

    Raises:
        InputError: The weights are of another network, or cannot be had.
        UnsafeFileError: The checkpoint would run code.
    """
    if weights == HUB:
        return _from_hub(network)
    path = Path(weights)
    checkpoint = read_checkpoint(path)
    model = _built(network, checkpoint, path)
    load_what_fits(model, checkpoint, str(path))
    transform = checkpoint.transform or stated_transform(path)
    if transform is None and isinstance(model, ResNet):
        transform = usual_transform(model, str(path))
    remember(model, transform=transform, class_names=checkpoint.class_names)
    warn_of_weights(model, repr(str(path)))
    return model


def load_what_fits(network: nn.Module, checkpoint: Checkpoint, origin: str) -> Differences:
    """Copies what a file has of a network into it, and says what it has not.

    Args:
        network: Changed in place.
        checkpoint: Its tensors' names may have a training loop's prefixes.
        origin: The file's name, for messages.

    Raises:
        InputError: Less than half of the network's numbers are in the file.

    Example:
        >>> pair = nn.Sequential(nn.Linear(9, 9), nn.Linear(9, 2))
        >>> load_what_fits(pair, Checkpoint({"0.weight": nn.Linear(9, 9).weight}), "old.pt").missing
        ('0.bias (9,)', '1.weight (2, 9)', '1.bias (2,)')
    """
    expected = network.state_dict()
    found = match_names(checkpoint.state_dict, expected)
    fitting = {n: found[n] for n, value in expected.items() if n in found and fits(found[n], value)}
    differing = differences(network, found)
    whole = sum(value.numel() for value in expected.values())
    held = sum(value.numel() for value in fitting.values())
    if 2 * held < whole:
        raise InputError(
            f"{origin!r} is a checkpoint of another network than {type(network).__name__}: it has "
            f"{held:,} of {whole:,} numbers; {differing.in_words()}; give the network that it was "
            "trained with"
        )
    network.load_state_dict(fitting, strict=False)
    remember(network, unmatched=differing.unmatched)
    if differing.in_words():
        say(
            f"{origin} fits {type(network).__name__} in part: {differing.in_words()}. What is "
            "missing or of another shape stays random until it is trained."
        )
    return differing


def _from_hub(network: Network | None) -> nn.Module:
    if isinstance(network, str) and is_pretrained(network):
        return pretrained_model(network)
    if not isinstance(network, str) or network not in DEPTHS:
        raise InputError(
            f"pretrained='hub' with network={network!r}; expected one of {list(DEPTHS)} or "
            "'timm:NAME', for which weights are published; give a file for others"
        )
    file = published_weights(network)
    # Its strict way of loading: what is published is whole.
    return load_model(file, train=True)


def _built(network: Network | None, checkpoint: Checkpoint, path: Path) -> nn.Module:
    if network is None:
        return recognised(checkpoint, path)
    if isinstance(network, str) and is_pretrained(network):
        return pretrained_model(network, weights=False)
    if not isinstance(network, str) or network not in DEPTHS:
        return build_network(network)
    arguments = known_arguments(checkpoint.state_dict)
    if arguments is None:
        first = tuple(repr(name) for name in checkpoint.state_dict)
        raise InputError(
            f"{str(path)!r} is a checkpoint of another network than {network!r}: its entries are "
            f"{listed(first)}; expected 'conv1.weight', 'layer1.0.conv1.weight' and so on"
        )
    if arguments["depth"] != DEPTHS[network]:
        name = depth_name(arguments["depth"])
        raise InputError(
            f"{str(path)!r} is a checkpoint of another network than {network!r}: it holds a "
            f"{name}; expected {network!r}: pass network={name!r}"
        )
    model = resnet_of(checkpoint.state_dict, str(path))
    assert model is not None
    return model
