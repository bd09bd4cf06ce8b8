"""What a model knows about itself: its input transform and the names of its classes."""

from dataclasses import dataclass, replace
from typing import Any
from weakref import WeakKeyDictionary

from torch import nn

from cutaway.data.transform import InputTransform


@dataclass(frozen=True)
class _Facts:
    transform: InputTransform | None = None
    class_names: tuple[str, ...] | None = None
    unmatched: tuple[str, ...] = ()


# Beside the model, never on it: a user's module is left without marks of ours.
_FACTS: WeakKeyDictionary[nn.Module, _Facts] = WeakKeyDictionary()


def remember(
    model: nn.Module,
    *,
    transform: InputTransform | None = None,
    class_names: tuple[str, ...] | None = None,
    unmatched: tuple[str, ...] | None = None,
) -> None:
    """Notes how a model's images are prepared, what its classes are called, what stayed random.

    Args:
        model: Any network; the note goes when the model does.
        transform: Preparation of its images; None leaves what is known.
        class_names: A name for each output; None leaves what is known.
        unmatched: Entries of its state that no file gave and no training changed; None leaves what
            is known.

    Example:
        >>> model = nn.Linear(3, 2)
        >>> remember(model, class_names=("cat", "dog"))
        >>> class_names_of(model)
        ('cat', 'dog')
    """
    facts = _FACTS.get(model, _Facts())
    if transform is not None:
        facts = replace(facts, transform=transform)
    if class_names is not None:
        facts = replace(facts, class_names=class_names)
    if unmatched is not None:
        facts = replace(facts, unmatched=unmatched)
    _FACTS[model] = facts


def transform_of(model: nn.Module) -> InputTransform | None:
    """How images are prepared for a model, or None where nobody said so.

    It is known from a checkpoint of ours (origin "checkpoint") or from the configuration that
    pretrained models of timm carry (origin "model"). A checkpoint of Report6's network does not
    say.

    Example:
        >>> transform_of(nn.Linear(3, 2)) is None
        True
    """
    known = _FACTS.get(model, _Facts()).transform
    return known if known is not None else _configured(getattr(model, "pretrained_cfg", None))


def class_names_of(model: nn.Module) -> tuple[str, ...] | None:
    """The names of a model's outputs, or None where nobody said so.

    Example:
        >>> class_names_of(nn.Linear(3, 2)) is None
        True
    """
    return _FACTS.get(model, _Facts()).class_names


def unmatched_of(model: nn.Module) -> tuple[str, ...]:
    """Entries of a model's state that are still random, though others were loaded, with shapes.

    Example:
        >>> unmatched_of(nn.Linear(3, 2))
        ()
    """
    return _FACTS.get(model, _Facts()).unmatched


def _configured(configuration: Any) -> InputTransform | None:
    """A transform from timm's `pretrained_cfg`: input_size (channels, height, width), mean, std."""
    if (
        not isinstance(configuration, dict)
        or not {"input_size", "mean", "std"} <= configuration.keys()
    ):
        return None
    channels, height, width = configuration["input_size"]
    return InputTransform(
        size=(height, width),
        mean=tuple(configuration["mean"]),
        std=tuple(configuration["std"]),
        channels=channels,
        origin="model",
    )


def input_channels(model: nn.Module) -> int | None:
    """Channels of the images that a model takes, by its first convolution; None where it has none.

    Example:
        >>> input_channels(nn.Sequential(nn.Conv2d(3, 8, 3), nn.Conv2d(8, 4, 3)))
        3
    """
    return next((m.in_channels for m in model.modules() if isinstance(m, nn.Conv2d)), None)
