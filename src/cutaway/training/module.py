"""A network as Lightning trains it."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from jaxtyping import Float
from lightning.pytorch import LightningModule
from torch import Tensor, nn

from cutaway.errors import InputError
from cutaway.training.evaluation import Tally
from cutaway.training.recipe import Recipe

_OWN = "network."

# Images (batch, channels, height, width), labels (batch,), and where there is a teacher its logits
# (batch, classes).
Batch = Sequence[Tensor]


class Classifier(LightningModule):
    """Lightning's view of any network that maps images to logits.

    Its checkpoints hold the network's state under the network's own names (`block1.0.weight`), so
    they load into the network without Lightning.

    Args:
        network: Takes (batch, channels, height, width), gives (batch, classes).
        recipe: Optimizer, schedule and loss.
        steps: Optimizer steps of the whole run.
        seed: Fixes dropout, step by step.
        facts: Plain values that become the checkpoint's `hyper_parameters`.

    Example:
        >>> module = Classifier(nn.Flatten(), Recipe(epochs=1), steps=1, seed=0, facts={})
        >>> module(torch.zeros(2, 1, 1, 3)).shape
        torch.Size([2, 3])
    """

    def __init__(
        self, network: nn.Module, recipe: Recipe, *, steps: int, seed: int, facts: dict[str, Any]
    ) -> None:
        super().__init__()
        self.network = network
        self.recipe = recipe
        self.steps = steps
        self.seed = seed
        self.facts = facts
        self.trained, self.validated = Tally(), Tally()

    def forward(
        self, images: Float[Tensor, "batch channels height width"]
    ) -> Float[Tensor, "batch classes"]:
        """The network's logits."""
        # Convolutions on the CPU are faster where the channels of a pixel lie side by side.
        logits = self.network(images.to(memory_format=torch.channels_last))
        if not isinstance(logits, Tensor):
            raise InputError(
                f"network {type(self.network).__name__} gives a {type(logits).__name__} in "
                "training mode; expected its logits alone: switch auxiliary outputs off"
            )
        return logits

    def on_train_epoch_start(self) -> None:
        """Starts counting anew."""
        self.trained = Tally()

    def training_step(self, batch: Batch, _: int) -> Float[Tensor, ""]:
        """The loss of one batch."""
        # Dropout depends on seed and step alone, so a resumed run draws what an unbroken one does.
        torch.manual_seed(step_seed(self.seed, self.global_step, self.global_rank))
        images, labels, *taught = batch
        logits = self(images)
        self.trained.add(logits, labels)
        return self.recipe.loss(logits.float(), labels, *taught)

    def on_validation_epoch_start(self) -> None:
        """Starts counting anew."""
        self.validated = Tally()

    def validation_step(self, batch: Batch, _: int) -> None:
        """Counts one batch of the validation split."""
        images, labels = batch
        self.validated.add(self(images), labels)

    def configure_optimizers(self) -> Any:
        """The recipe's optimizer, and its schedule moved on after every step."""
        optimizer = self.recipe.optimizer(self.network)
        schedule = self.recipe.schedule(optimizer, self.steps)
        return {
            "optimizer": optimizer,
            "lr_scheduler": {"scheduler": schedule, "interval": "step"},
        }

    def on_save_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        """Puts the network's own names and what it knows about itself into a checkpoint."""
        checkpoint["state_dict"] = self.network.state_dict()
        checkpoint["hyper_parameters"] = self.facts

    def on_load_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        """Gives the network's entries the names that they have within this module."""
        state = checkpoint["state_dict"]
        checkpoint["state_dict"] = {f"{_OWN}{name}": value for name, value in state.items()}


def step_seed(seed: int, step: int, process: int = 0) -> int:
    """A seed for one step of one run, in one of the processes that train together.

    It has 32 bits, since torch's generator on the CPU looks at no more; unlike a sum, seeds of
    neighbouring runs and steps have nothing in common.

    Example:
        >>> step_seed(0, 1) == step_seed(1, 0)
        False
    """
    entropy = [seed, step, *([process] if process else [])]
    return int(np.random.SeedSequence(entropy).generate_state(1)[0])
