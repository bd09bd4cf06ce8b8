"""Averaging a network's weights over the steps of its training."""

from typing import Any

import torch
from lightning.pytorch import Callback, LightningModule, Trainer
from torch import Tensor

from cutaway.training.module import Classifier


class Averaging(Callback):
    """Keeps a moving average of the weights, which is what is validated, kept and written.

    After a step the average moves towards the weights by `1 - decay`, in the first steps by more,
    so that the random weights of the start are soon forgotten. BatchNorm's running statistics are
    averaged as well. From the validation of an epoch until the next one begins, the network itself
    has the averaged weights; those it is trained with are kept with the callback's state, so that a
    resumed run goes on from them.

    Source: Polyak and Juditsky 1992; Izmailov et al. 2018 for networks.

    Args:
        decay: Of the average at a step, in [0, 1); it looks back over about 1 / (1 - decay) steps.
    """

    def __init__(self, decay: float) -> None:
        self._decay = decay
        self._average: list[Tensor] = []
        self._trained: list[Tensor] = []

    def on_train_epoch_start(self, _: Trainer, pl_module: LightningModule) -> None:
        """Gives the network back the weights that it is trained with."""
        values = _averaged(pl_module)
        if self._trained:
            self._average = [value.clone() for value in values]
            _copy(self._trained, values)
            self._trained = []
        elif not self._average:
            self._average = [value.clone() for value in values]

    def on_train_batch_end(self, trainer: Trainer, pl_module: LightningModule, *_: Any) -> None:
        """Moves the average."""
        step = trainer.global_step
        decay = min(self._decay, step / (step + 9))
        torch._foreach_lerp_(self._average, _averaged(pl_module), 1 - decay)

    def on_validation_start(self, _: Trainer, pl_module: LightningModule) -> None:
        """Gives the network the averaged weights."""
        self._exchange(pl_module)

    def on_train_epoch_end(self, _: Trainer, pl_module: LightningModule) -> None:
        """The same where nothing was validated; callbacks after this one meet the average."""
        self._exchange(pl_module)

    def on_train_start(self, _: Trainer, pl_module: LightningModule) -> None:
        """Brings what a checkpoint held to where the network is."""
        self._average = [value.to(pl_module.device) for value in self._average]

    def state_dict(self) -> dict[str, Any]:
        """The weights that are not in the network: those it is trained with, or the average."""
        return {"trained": self._trained, "average": [] if self._trained else self._average}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Takes them up."""
        self._trained = list(state_dict["trained"])
        self._average = list(state_dict["average"])

    def _exchange(self, module: LightningModule) -> None:
        if self._trained:
            return
        values = _averaged(module)
        self._trained = [value.clone() for value in values]
        _copy(self._average, values)


def _averaged(module: LightningModule) -> list[Tensor]:
    """Parameters and running statistics; counters are left alone."""
    assert isinstance(module, Classifier)
    state = module.network.state_dict().values()
    return [value for value in state if value.is_floating_point()]


def _copy(sources: list[Tensor], targets: list[Tensor]) -> None:
    for source, target in zip(sources, targets, strict=True):
        target.copy_(source)
