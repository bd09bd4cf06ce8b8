"""Bringing a checkpoint's weights and a network's names together, and saying where they differ."""

from collections.abc import Collection, Mapping

import torch
from torch import Tensor, nn

from cutaway.errors import InputError
from cutaway.networks.differences import differences

_FEWEST_NORMS = 2
# What training loops put before a network's own names.
PREFIXES = ("network.", "model.", "net.", "module.", "_orig_mod.")
# What the metrics and losses of torchmetrics and torch keep in a LightningModule's state.
_METRIC_ENTRIES = frozenset(
    (
        "confmat",
        "correct",
        "fn",
        "fp",
        "preds",
        "target",
        "tn",
        "total",
        "tp",
        "value",
        "mean_value",
    )
)
_METRIC_OWNERS = (
    "acc",
    "auroc",
    "confusion",
    "criterion",
    "f1",
    "loss",
    "metric",
    "precision",
    "recall",
)


def match_names(state_dict: Mapping[str, Tensor], names: Collection[str]) -> dict[str, Tensor]:
    """A checkpoint's tensors under a network's own names.

    The prefixes `network.`, `model.`, `net.`, `module.` and `_orig_mod.` are taken off where the
    name is the network's without them, and entries of metrics and losses (`accuracy.correct`) are
    left out.

    Args:
        state_dict: Tensors by name, as a checkpoint holds them.
        names: The network's own names.

    Raises:
        InputError: Two entries become one name.

    Example:
        >>> match_names({"net.weight": torch.ones(1), "acc.tp": torch.ones(1)}, ["weight"])
        {'weight': tensor([1.])}
    """
    known = frozenset(names)
    matched: dict[str, Tensor] = {}
    for name, tensor in state_dict.items():
        bare = _bare(name, known)
        if bare in matched and bare in known:
            raise InputError(
                f"the checkpoint holds {bare!r} twice, once as {name!r}; expected the weights of "
                "one network: keep only one of them in the file"
            )
        if bare in known or not _of_a_metric(name):
            matched[bare] = tensor
    return matched


def load_weights(network: nn.Module, state_dict: Mapping[str, Tensor], origin: str) -> None:
    """Copies a checkpoint's tensors into a network whose names and shapes they must have.

    Args:
        network: Changed in place.
        state_dict: Tensors by name; prefixes and metrics are dealt with as in `match_names`.
        origin: The file's name, for the message.

    Raises:
        InputError: Names are missing, foreign, or of other shapes; each is listed.

    Example:
        >>> load_weights(nn.Linear(2, 1), {"weight": torch.ones(1, 2)}, "old.ckpt")
        Traceback (most recent call last):
        ...
        cutaway.errors.InputError: 'old.ckpt' does not fit Linear: missing bias (1,); ...
    """
    found = match_names(state_dict, network.state_dict())
    differing = differences(network, found).in_words()
    if differing:
        raise InputError(
            f"{origin!r} does not fit {type(network).__name__}: {differing}; "
            "give the network that it was trained with: load_model(path, network=...)"
        )
    network.load_state_dict(found, strict=False)


def looks_untrained(model: nn.Module) -> bool:
    """Whether every weight of a network is still as it was drawn at random.

    A BatchNorm layer that never saw a batch has means of 0 and variances of 1. In a network without
    one, LayerNorm and GroupNorm layers that all scale by exactly 1 and add exactly 0 never took a
    step, however the other weights were drawn; and all Conv and Linear weights that still lie
    within the bounds of torch's own initialisation, evenly spread, were never trained (a trained
    network leaves them somewhere). A network without such layers is taken for trained.

    Source: He et al. 2015, as `torch.nn.init.kaiming_uniform_(a=sqrt(5))` applies it by default.

    Example:
        >>> looks_untrained(nn.Linear(100, 10))
        True
    """
    norms = [m for m in model.modules() if isinstance(m, nn.modules.batchnorm._NormBase)]  # noqa: SLF001 (torch has no public base of its BatchNorms)
    averages = [(norm.running_mean, norm.running_var) for norm in norms]
    tracked = [(m, v) for m, v in averages if m is not None and v is not None]
    if tracked:
        return not any(bool(mean.any()) or bool((var - 1).any()) for mean, var in tracked)
    scaling = [m for m in model.modules() if isinstance(m, nn.LayerNorm | nn.GroupNorm)]
    if len(scaling) >= _FEWEST_NORMS and all(_scales_nothing(norm) for norm in scaling):
        return True
    layers = [m for m in model.modules() if isinstance(m, nn.Linear | nn.modules.conv._ConvNd)]  # noqa: SLF001 (nor of its convolutions)
    return bool(layers) and all(_as_drawn(layer.weight) for layer in layers)


def _as_drawn(weight: Tensor) -> bool:
    if weight.is_meta or not weight.numel():
        return False
    values = weight.detach().float()
    bound = float(values[0].numel()) ** -0.5
    spread = float(values.square().mean().sqrt()) * 3**0.5 / bound
    # A uniform draw of n values has a spread within a few 1/sqrt(n) of 1.
    return (
        float(values.abs().max()) <= bound * (1 + 1e-6)
        and abs(spread - 1) < 3 * values.numel() ** -0.5
    )


def _scales_nothing(norm: nn.LayerNorm | nn.GroupNorm) -> bool:
    if norm.weight is None or norm.weight.is_meta:
        return False
    added = norm.bias is not None and bool(norm.bias.any())
    return not added and not bool((norm.weight - 1).any())


def unseen_norms(model: nn.Module) -> tuple[str, ...]:
    """Names of the BatchNorm layers that never saw a batch: means of 0 and variances of 1.

    Example:
        >>> unseen_norms(nn.Sequential(nn.Linear(2, 2), nn.BatchNorm1d(2)))
        ('1',)
    """
    return tuple(name for name, module in model.named_modules() if _never_saw(module))


def _never_saw(module: nn.Module) -> bool:
    mean, var = getattr(module, "running_mean", None), getattr(module, "running_var", None)
    if not isinstance(mean, Tensor) or not isinstance(var, Tensor):
        return False
    return not bool(mean.any()) and not bool((var - 1).any())


def is_finite(model: nn.Module) -> bool:
    """Whether no weight of a model is NaN or infinite, as those of a diverged training are.

    Example:
        >>> is_finite(nn.Linear(3, 2))
        True
    """
    return all(bool(torch.isfinite(tensor).all()) for tensor in model.state_dict().values())


def _bare(name: str, known: frozenset[str]) -> str:
    bare = name
    while bare not in known:
        prefix = next((p for p in PREFIXES if bare.startswith(p)), None)
        if prefix is None:
            return name
        bare = bare.removeprefix(prefix)
    return bare


def _of_a_metric(name: str) -> bool:
    *owners, entry = name.lower().split(".")
    named = any(mark in owner for owner in owners for mark in _METRIC_OWNERS)
    return bool(owners) and (entry in _METRIC_ENTRIES or named)
