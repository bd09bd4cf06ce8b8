"""The classifier at a network's end, replaced where the classes are others."""

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from jaxtyping import Float
from torch import Tensor, nn

from cutaway.errors import InputError
from cutaway.networks.modes import evaluating

_KINDS = (nn.Linear, nn.Conv2d)


def find_head(network: nn.Module, images: Float[Tensor, "batch *shape"]) -> str:
    """The name of the layer that makes a network's classes out of its features.

    It is the one that timm's configuration of a model names as its classifier, and otherwise the
    last Linear or 1x1 Conv2d that runs and has as many outputs as the network.

    Args:
        network: Run once, in eval mode; mode and weights are as before afterwards.
        images: One batch that it takes.

    Raises:
        InputError: There is no such layer.

    Example:
        >>> find_head(nn.Sequential(nn.Linear(4, 3), nn.ReLU(), nn.Linear(3, 2)), torch.zeros(1, 4))
        '2'
    """
    configured = getattr(network, "pretrained_cfg", None)
    named = configured.get("classifier") if isinstance(configured, dict) else None
    layers = dict(network.named_modules())
    if isinstance(named, str) and isinstance(layers.get(named), _KINDS):
        return named
    with _noting_runs(network) as ran, evaluating(network), torch.no_grad():
        outputs = network(images)
    classes = outputs.shape[1] if isinstance(outputs, Tensor) and outputs.ndim == 2 else None
    found = [name for name in ran if name and _outputs(layers[name]) == classes]
    if not found:
        raise InputError(
            f"network {type(network).__name__} ends in no Linear and no 1x1 Conv2d that gives its "
            f"{classes or type(outputs).__name__} outputs, so its head cannot be replaced; "
            "expected one within it: give a network whose output has a number for each class"
        )
    return found[-1]


def replace_head(network: nn.Module, name: str, classes: int) -> str:
    """Puts a fresh layer of `classes` outputs in the head's place.

    Args:
        network: Changed in place.
        name: Of the head, from `find_head`.
        classes: Outputs of the new one, which is drawn at random as torch does it.

    Returns:
        What was replaced, in words.

    Example:
        >>> replace_head(nn.Sequential(nn.Linear(4, 1000)), "0", 10)
        '0, a Linear from 4 features to 1,000 classes, by one to 10'
    """
    owner, _, attribute = name.rpartition(".")
    old = network.get_submodule(name)
    assert isinstance(old, _KINDS)
    fresh = _fresh(old, classes).to(device=old.weight.device, dtype=old.weight.dtype)
    setattr(network.get_submodule(owner), attribute, fresh.train(old.training))
    features, before = old.weight.shape[1], old.weight.shape[0]
    return (
        f"{name}, a {type(old).__name__} from {features:,} features to {before:,} classes, by one "
        f"to {classes:,}"
    )


def head_outputs(network: nn.Module, name: str) -> int:
    """How many classes the head of that name tells apart.

    Example:
        >>> head_outputs(nn.Sequential(nn.Linear(4, 3)), "0")
        3
    """
    head = network.get_submodule(name)
    assert isinstance(head, _KINDS)
    return head.weight.shape[0]


def _fresh(old: nn.Linear | nn.Conv2d, classes: int) -> nn.Linear | nn.Conv2d:
    biased = old.bias is not None
    if isinstance(old, nn.Linear):
        return nn.Linear(old.in_features, classes, bias=biased)
    return nn.Conv2d(old.in_channels, classes, 1, bias=biased)


def _outputs(layer: nn.Module) -> int | None:
    if isinstance(layer, nn.Linear):
        return layer.out_features
    if isinstance(layer, nn.Conv2d) and layer.kernel_size == (1, 1) and layer.groups == 1:
        return layer.out_channels
    return None


@contextmanager
def _noting_runs(network: nn.Module) -> Iterator[list[str]]:
    """The names of candidate layers in the order in which they run."""
    ran: list[str] = []

    def noting(name: str) -> torch.utils.hooks.RemovableHandle:
        layer = network.get_submodule(name)
        return layer.register_forward_hook(lambda *_: ran.append(name))

    names = [name for name, module in network.named_modules() if _outputs(module)]
    handles = [noting(name) for name in names]
    try:
        yield ran
    finally:
        for handle in handles:
            handle.remove()
