"""How a network is trained: optimizer, learning rate over time, and loss."""

from collections.abc import Iterable
from dataclasses import dataclass

import torch
from jaxtyping import Float, Int64
from torch import Tensor, nn
from torch.nn import functional
from torch.optim.lr_scheduler import OneCycleLR

from cutaway.errors import InputError


@dataclass(frozen=True)
class Recipe:
    """The settings of a training run.

    AdamW with one cycle of the learning rate, and cross-entropy with smoothed labels. Sources:
    Loshchilov and Hutter 2019 (AdamW), Smith and Topin 2018 (one cycle), Szegedy et al. 2016 (label
    smoothing).

    Attributes:
        epochs: Passes over the training split, 1 or more.
        learning_rate: Its peak, reached after 30% of the steps; it ends near 0.
        weight_decay: Of the weights; biases and BatchNorm's scales are not decayed.
        label_smoothing: Share of the target spread over all classes, in [0, 1).

    Raises:
        InputError: A setting is out of its range.

    Example:
        >>> Recipe(epochs=3).learning_rate
        0.003
    """

    epochs: int = 10
    learning_rate: float = 3e-3
    weight_decay: float = 0.05
    label_smoothing: float = 0.05

    def __post_init__(self) -> None:
        """Checks the ranges."""
        if self.epochs < 1:
            raise InputError(f"epochs={self.epochs} is too few; expected 1 or more")
        if not self.learning_rate > 0:
            raise InputError(f"learning_rate={self.learning_rate} is not positive; try 0.003")
        if self.weight_decay < 0:
            raise InputError(f"weight_decay={self.weight_decay} is negative; expected 0 or more")
        if not 0 <= self.label_smoothing < 1:
            raise InputError(f"label_smoothing={self.label_smoothing} is not in [0, 1); try 0.05")

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
        return OneCycleLR(optimizer, self.learning_rate, total_steps=steps, pct_start=0.3)

    def loss(
        self, logits: Float[Tensor, "batch classes"], labels: Int64[Tensor, " batch"]
    ) -> Float[Tensor, ""]:
        """Mean cross-entropy against smoothed labels, in nats."""
        return functional.cross_entropy(logits, labels, label_smoothing=self.label_smoothing)


@dataclass
class Tally:
    """Sums of loss and right answers over the batches of an epoch.

    They stay on the device until they are read, so that no step waits for them.

    Example:
        >>> tally = Tally()
        >>> tally.add(torch.tensor([[9.0, 0.0], [9.0, 0.0]]), torch.tensor([0, 1]))
        >>> tally.accuracy
        0.5
    """

    losses: list[Tensor]
    correct: list[Tensor]
    samples: int

    def __init__(self) -> None:
        self.losses, self.correct, self.samples = [], [], 0

    def add(self, logits: Float[Tensor, "batch classes"], labels: Int64[Tensor, " batch"]) -> None:
        """Counts one batch; its loss is plain cross-entropy without smoothing."""
        with torch.no_grad():
            logits = logits.detach().float()
            self.losses.append(functional.cross_entropy(logits, labels, reduction="sum"))
            self.correct.append((logits.argmax(dim=1) == labels).sum())
            self.samples += len(labels)

    @property
    def loss(self) -> float:
        """Mean cross-entropy a sample, in nats; NaN where there was none."""
        return _total(self.losses) / self.samples if self.samples else float("nan")

    @property
    def accuracy(self) -> float:
        """Share of right answers in [0, 1]; NaN where there was no sample."""
        return _total(self.correct) / self.samples if self.samples else float("nan")


def evaluate(
    network: nn.Module, batches: Iterable[tuple[Tensor, Tensor]], device: torch.device
) -> Tally:
    """Runs a network over labelled batches in eval mode without gradients.

    Args:
        network: Its mode is as before afterwards.
        batches: Pairs of images (batch, channels, height, width) and labels (batch,).
        device: Where the network is.

    Example:
        >>> batch = torch.tensor([[9.0, 0.0]]), torch.tensor([0])
        >>> evaluate(nn.Identity(), [batch], torch.device("cpu")).accuracy
        1.0
    """
    training, tally = network.training, Tally()
    network.eval()
    with torch.inference_mode():
        for images, labels in batches:
            tally.add(network(images.to(device)), labels.to(device))
    network.train(training)
    return tally


def _total(values: list[Tensor]) -> float:
    return float(torch.stack(values).double().sum())
