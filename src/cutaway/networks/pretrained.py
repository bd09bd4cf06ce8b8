"""Pretrained models of the optional library timm."""

from torch import nn

from cutaway.errors import InputError, MissingDependencyError

_PREFIX = "timm:"


def is_pretrained(source: str) -> bool:
    """Whether a text has the form `timm:NAME`.

    Example:
        >>> is_pretrained("timm:resnet18")
        True
    """
    return source.startswith(_PREFIX)


def pretrained_model(source: str, *, weights: bool = True) -> nn.Module:
    """A model of timm, with its published weights or with random ones.

    Args:
        source: Such as `"timm:resnet18"` or, for a certain set of weights,
            `"timm:resnet18.a1_in1k"`.
        weights: Fetch those that are published.

    Raises:
        MissingDependencyError: timm is not installed.
        InputError: timm has no model of that name, or its weights cannot be had.
    """
    name = source.removeprefix(_PREFIX)
    try:
        import timm
    except ImportError as error:
        raise MissingDependencyError(
            f"{source!r} needs timm, which is not installed ({error}): pip install 'cutaway[timm]'"
        ) from error
    if not timm.is_model(name):
        close = timm.list_models(f"*{name.partition('.')[0]}*")[:5] or timm.list_models()[:5]
        raise InputError(f"timm has no model {name!r}; it has {', '.join(close)}, ...")
    try:
        return timm.create_model(name, pretrained=weights)
    except (OSError, RuntimeError) as error:
        raise InputError(
            f"{source!r}: its weights cannot be had ({error}); check the network, or load a file: "
            f"load_model('weights.safetensors', network='...')"
        ) from error
