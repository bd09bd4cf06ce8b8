"""Layers that stay as they are until a chosen epoch."""

from collections.abc import Iterator
from difflib import get_close_matches
from fnmatch import fnmatchcase
from typing import Any

from lightning.pytorch import Callback, LightningModule, Trainer
from torch import nn

from cutaway.errors import InputError
from cutaway.progress import progress_visible, say

BACKBONE = "backbone"


class Freezing(Callback):
    """Keeps layers bit by bit as they are until an epoch begins, BatchNorm's statistics too.

    Frozen layers take no gradients and are in eval mode at every step, whatever Lightning or a
    validation did to their modes in between. The optimizer has their parameters from the start and
    passes over them while they have no gradients, without weight decay; so there is nothing to add
    to it later, and a resumed run finds the groups that it saved. All follows from the number of
    the epoch alone.

    Args:
        network: What is trained.
        layers: Names of its layers to freeze, from `frozen_layers`.
        unfreeze_at: The epoch, counted from 1, that begins with nothing frozen; None for never.
    """

    def __init__(
        self, network: nn.Module, layers: tuple[str, ...], unfreeze_at: int | None = None
    ) -> None:
        self.layers, self.unfreeze_at = layers, unfreeze_at
        modules = [network.get_submodule(name) for name in layers]
        kept = {
            id(parameter)
            for name, module in network.named_modules()
            if name not in layers
            for parameter in module.parameters(recurse=False)
        }
        own = [p for module in modules for p in module.parameters(recurse=False)]
        # A parameter that a layer shares with one that learns is left to learn.
        self._parameters = [p for p in own if p.requires_grad and id(p) not in kept]
        self._modules = [module for module in modules if module.training]
        self._frozen = False

    def to_dict(self) -> dict[str, Any]:
        """What is frozen, and until when, as plain JSON values."""
        return {"layers": list(self.layers), "unfreeze_at": self.unfreeze_at}

    def on_train_start(self, trainer: Trainer, _: LightningModule) -> None:
        """Freezes, where the epoch at which a run begins or goes on is one of the frozen."""
        self._settle(trainer)

    def on_train_epoch_start(self, trainer: Trainer, _: LightningModule) -> None:
        """Sets free, where this is the epoch for it."""
        self._settle(trainer)

    def on_train_batch_start(self, trainer: Trainer, *_: Any) -> None:
        """Sees to it that frozen layers are in eval mode."""
        self._settle(trainer)

    def on_train_end(self, *_: Any) -> None:
        """Leaves the layers as they were found."""
        self._set(frozen=False)

    def _settle(self, trainer: Trainer) -> None:
        epoch = trainer.current_epoch + 1
        frozen = self.unfreeze_at is None or epoch < self.unfreeze_at
        if self._frozen and not frozen and progress_visible():
            say(f"Epoch {epoch}: {len(self.layers)} frozen layers learn from here on.")
        self._set(frozen=frozen)

    def _set(self, *, frozen: bool) -> None:
        if frozen or self._frozen:
            for parameter in self._parameters:
                parameter.requires_grad_(not frozen)
            for module in self._modules:
                # Not train(): it would reach into layers below, which stand here themselves.
                module.training = not frozen
        self._frozen = frozen


def frozen_layers(network: nn.Module, freeze: str, head: str) -> tuple[str, ...]:
    """Names of the layers that are frozen.

    Args:
        network: What will be trained.
        freeze: "backbone" for everything but the head; or names and patterns of modules with commas
            between, each with all that is in it, such as "conv1,bn1,layer1".
        head: Name of the classifier.

    Raises:
        InputError: A pattern matches nothing, or nothing is left to learn.

    Example:
        >>> network = nn.Sequential(nn.Linear(4, 3), nn.ReLU(), nn.Linear(3, 2))
        >>> frozen_layers(network, "backbone", head="2")
        ('', '0', '1')
    """
    names = [name for name, _ in network.named_modules()]
    if freeze == BACKBONE:
        return tuple(name for name in names if not _within(name, head))
    patterns = [pattern.strip() for pattern in freeze.split(",")]
    chosen = {name for pattern in patterns for name in _matching(names, pattern, network)}
    learning = any(
        parameter.requires_grad
        for name, module in network.named_modules()
        if name not in chosen
        for parameter in module.parameters(recurse=False)
    )
    if not learning:
        raise InputError(
            f"freeze={freeze!r} leaves no layer of {type(network).__name__} to learn; expected "
            f"some: freeze='backbone' leaves {head}"
        )
    return tuple(name for name in names if name in chosen)


def _matching(names: list[str], pattern: str, network: nn.Module) -> Iterator[str]:
    roots = [name for name in names if name and fnmatchcase(name, pattern)]
    if not roots:
        close = get_close_matches(pattern, names, n=1)
        tops = ", ".join(name for name, _ in network.named_children())
        raise InputError(
            f"freeze={pattern!r} matches no layer of {type(network).__name__}; expected "
            f"'backbone', or names of layers such as {tops}"
            + (f"; did you mean {close[0]!r}?" if close else "")
        )
    yield from (name for name in names if any(_within(name, root) for root in roots))


def _within(name: str, root: str) -> bool:
    return name == root or name.startswith(f"{root}.")
