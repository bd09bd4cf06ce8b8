"""How a network is trained: optimizer, learning rate over time, and loss."""

import math
from dataclasses import dataclass

import torch
from jaxtyping import Float, Int64
from torch import Tensor, nn
from torch.nn import functional
from torch.optim.lr_scheduler import OneCycleLR

from cutaway.errors import InputError
from cutaway.training.distillation import distillation_loss

_USUAL = {"label_smoothing": 0.05, "dropout": 0.2, "averaging": 0.999}


@dataclass(frozen=True)
class Recipe:
    """The settings of a training run.

    AdamW with one cycle of the learning rate, and cross-entropy with smoothed labels, a teacher's
    answers, or both. Sources: Loshchilov and Hutter 2019 (AdamW), Smith and Topin 2018 (one cycle),
    Szegedy et al. 2016 (label smoothing), Hinton et al. 2015 (distillation).

    Attributes:
        epochs: Passes over the training split, 1 or more.
        learning_rate: Its peak; it ends near 0.
        warm_up: Share of the steps until that peak, in (0, 1).
        weight_decay: Of the weights; biases and BatchNorm's scales are not decayed.
        label_smoothing: Share of the target spread over all classes, in [0, 1).
        dropout: Probability in all of the network's dropout layers while it is trained, in [0, 1);
            None leaves each as it is.
        averaging: Decay of a moving average of the weights, in [0, 1); 0 for none. See `Averaging`.
        teaching: Share of the loss that is the distance to a teacher's answers, in [0, 1].
        temperature: At which answers are compared, see `distillation_loss`.
        shift: Augmentation: largest shift of an image in pixels, see `DataModule`.
        flip: Augmentation: mirror images left to right. Not for digits.
        views: How many different views of an image there are; None for new ones in every epoch.
        validate: Hold out a validation part. Without one, all training images are trained on and
            the last epoch is kept.

    Raises:
        InputError: A setting is out of its range.

    Example:
        >>> Recipe(epochs=3).learning_rate
        0.003
    """

    epochs: int = 10
    learning_rate: float = 3e-3
    warm_up: float = 0.3
    weight_decay: float = 0.05
    label_smoothing: float = 0.05
    dropout: float | None = None
    averaging: float = 0.0
    teaching: float = 0.0
    temperature: float = 1.0
    shift: int = 0
    flip: bool = False
    views: int | None = None
    validate: bool = True

    def __post_init__(self) -> None:
        """Checks the ranges."""
        if self.epochs < 1:
            raise InputError(f"epochs={self.epochs} is too few; expected 1 or more")
        if not 0 < self.learning_rate < math.inf:
            raise InputError(f"learning_rate={self.learning_rate} is no positive number; try 0.003")
        if not 0 < self.warm_up < 1:
            raise InputError(f"warm_up={self.warm_up} is not in (0, 1); try 0.3")
        if self.weight_decay < 0:
            raise InputError(f"weight_decay={self.weight_decay} is negative; expected 0 or more")
        for name in ("label_smoothing", "dropout", "averaging"):
            value = getattr(self, name)
            if value is not None and not 0 <= value < 1:
                raise InputError(f"{name}={value} is not in [0, 1); try {_USUAL[name]}")
        if not 0 <= self.teaching <= 1:
            raise InputError(f"teaching={self.teaching} is not in [0, 1]; try 0.9")
        if not self.temperature > 0:
            raise InputError(f"temperature={self.temperature} is not positive; try 4")

    def optimizer(self, network: nn.Module) -> torch.optim.Optimizer:
        """AdamW over the parameters that take gradients."""
        trained = [p for p in network.parameters() if p.requires_grad]
        groups = [
            {"params": [p for p in trained if p.ndim > 1], "weight_decay": self.weight_decay},
            {"params": [p for p in trained if p.ndim <= 1], "weight_decay": 0.0},
        ]
        return torch.optim.AdamW(
            [group for group in groups if group["params"]], lr=self.learning_rate, fused=True
        )

    def schedule(self, optimizer: torch.optim.Optimizer, steps: int) -> OneCycleLR:
        """One cycle of the learning rate over `steps` optimizer steps."""
        return OneCycleLR(optimizer, self.learning_rate, total_steps=steps, pct_start=self.warm_up)

    def loss(
        self,
        logits: Float[Tensor, "batch classes"],
        labels: Int64[Tensor, " batch"],
        taught: Float[Tensor, "batch classes"] | None = None,
    ) -> Float[Tensor, ""]:
        """Mean loss in nats: cross-entropy against smoothed labels, distance to a teacher, or both.

        Args:
            logits: The network's.
            labels: What is in the images.
            taught: The teacher's logits; None where there is no teacher.
        """
        share = 0.0 if taught is None else self.teaching
        loss = logits.new_zeros(())
        if share < 1:
            plain = functional.cross_entropy(logits, labels, label_smoothing=self.label_smoothing)
            loss = loss + (1 - share) * plain
        if taught is not None and share:
            loss = loss + share * distillation_loss(logits, taught, self.temperature)
        return loss


RECIPES = {
    "quick": Recipe(),
    "augmented": Recipe(epochs=30, label_smoothing=0.0, shift=4, flip=True),
    "patient": Recipe(
        epochs=100,
        warm_up=0.15,
        label_smoothing=0.0,
        dropout=0.0,
        averaging=0.999,
        teaching=0.9,
        temperature=4.0,
        shift=4,
        flip=True,
        views=12,
        validate=False,
    ),
}
