"""What happens beside the optimizer's steps: progress, the history, the best epoch."""

from math import isnan
from typing import Any

import pandas as pd
import torch
from lightning.pytorch import Callback, LightningModule, Trainer
from torch import Tensor, nn

from cutaway.networks.weights import is_finite
from cutaway.progress import Task, progress_visible, say
from cutaway.training.module import Classifier

COLUMNS = (
    "epoch",
    "train_loss",
    "val_loss",
    "train_accuracy",
    "val_accuracy",
    "learning_rate",
)


GRADIENT = "gradient_norm/"
"""Columns of the history of this beginning hold a layer's gradient, by the layer's name."""


class Steps(Callback):
    """Counts optimizer steps on a progress task.

    Args:
        task: The piece of work that is displayed.
    """

    def __init__(self, task: Task) -> None:
        self._task = task

    def on_train_start(self, trainer: Trainer, _: LightningModule) -> None:
        """Counts those that an interrupted run had taken."""
        self._task.advance(trainer.global_step)

    def on_train_batch_end(self, *_: Any) -> None:
        """Counts one step."""
        self._task.advance()


class History(Callback):
    """Keeps one row for every epoch, and says it where progress is displayed."""

    def __init__(self) -> None:
        self.rows: list[dict[str, float]] = []
        self._learning_rate = 0.0
        self._gradients: dict[str, float] = {}

    def on_train_batch_start(self, trainer: Trainer, *_: Any) -> None:
        """Notes the learning rate of the step to come."""
        self._learning_rate = trainer.optimizers[0].param_groups[0]["lr"]

    def on_before_optimizer_step(
        self, trainer: Trainer, pl_module: LightningModule, *_: Any
    ) -> None:
        """Measures gradients before the last step of an epoch, and at no other, to cost nothing."""
        assert isinstance(pl_module, Classifier)
        if trainer.is_last_batch:
            self._gradients = layer_gradients(pl_module.network)

    def on_train_epoch_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Adds the epoch's row; validation has run before."""
        assert isinstance(pl_module, Classifier)
        row = {
            "epoch": trainer.current_epoch + 1,
            "train_loss": pl_module.trained.loss,
            "val_loss": pl_module.validated.loss,
            "train_accuracy": pl_module.trained.accuracy,
            "val_accuracy": pl_module.validated.accuracy,
            "learning_rate": self._learning_rate,
            **{f"{GRADIENT}{layer}": norm for layer, norm in self._gradients.items()},
        }
        self.rows.append(row)
        if progress_visible():
            say(f"Epoch {row['epoch']} of {trainer.max_epochs}: {_in_words(row)}")

    @property
    def table(self) -> pd.DataFrame:
        """The rows so far."""
        further = dict.fromkeys(name for row in self.rows for name in row if name not in COLUMNS)
        return pd.DataFrame(self.rows, columns=[*COLUMNS, *further])

    @property
    def newest_is_best(self) -> bool:
        """Whether no earlier epoch had a higher validation accuracy, ties broken by the loss.

        Without validation the newest epoch is always the best.
        """
        scores = [(row["val_accuracy"], -row["val_loss"]) for row in self.rows]
        return bool(scores) and (
            isnan(scores[-1][0]) or all(scores[-1] > score for score in scores[:-1])
        )

    def state_dict(self) -> dict[str, Any]:
        """The rows, which go into checkpoints."""
        return {"rows": self.rows, "gradients": self._gradients}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Takes up the rows of the epochs before."""
        self.rows = list(state_dict["rows"])
        self._gradients = dict(state_dict.get("gradients", {}))


def layer_gradients(network: nn.Module) -> dict[str, float]:
    """The Euclidean norm of the gradient at each layer's own parameters, by the layer's name.

    Layers that are frozen, or have no gradient yet, are left out.

    Example:
        >>> network = nn.Sequential(nn.Linear(2, 1, bias=False))
        >>> network(torch.tensor([[3.0, 4.0]])).sum().backward()
        >>> layer_gradients(network)
        {'0': 5.0}
    """
    squares: dict[str, list[Tensor]] = {}
    for name, parameter in network.named_parameters():
        if parameter.grad is not None:
            layer = name.rpartition(".")[0] or name
            squares.setdefault(layer, []).append(parameter.grad.detach().float().square().sum())
    return {layer: float(torch.stack(parts).sum().sqrt()) for layer, parts in squares.items()}


def _in_words(row: dict[str, Any]) -> str:
    trained = f"loss {row['train_loss']:.3f}"
    if isnan(row["val_accuracy"]):
        return f"{trained}, accuracy in training {row['train_accuracy']:.1%}"
    validated = f"validation loss {row['val_loss']:.3f}, accuracy {row['val_accuracy']:.1%}"
    return f"{trained}, {validated}"


class Divergence(Callback):
    """Ends a training whose weights are no numbers any more, and says so: it would never recover.

    Args:
        learning_rate: Its peak, to be named.
    """

    def __init__(self, learning_rate: float) -> None:
        self._learning_rate = learning_rate

    def on_train_epoch_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Looks at the weights."""
        assert isinstance(pl_module, Classifier)
        if is_finite(pl_module.network):
            return
        trainer.should_stop = True
        say(
            f"The training diverged: weights are NaN or infinite after epoch "
            f"{trainer.current_epoch + 1} of {trainer.max_epochs}, so it ends here, and the best "
            f"epoch is kept. Try a smaller learning rate than {self._learning_rate:g}."
        )


class Best(Callback):
    """Keeps the weights of the best epoch in memory.

    Args:
        history: Says which epoch that is; it comes before this in the trainer's callbacks.
    """

    def __init__(self, history: History) -> None:
        self._history = history
        self._state: dict[str, Tensor] = {}

    def on_train_epoch_end(self, _: Trainer, pl_module: LightningModule) -> None:
        """Copies the weights where this epoch is the best so far."""
        assert isinstance(pl_module, Classifier)
        if self._history.newest_is_best:
            state = pl_module.network.state_dict()
            self._state = {name: value.detach().clone() for name, value in state.items()}

    def state_dict(self) -> dict[str, Any]:
        """The weights of the best epoch, which go into checkpoints."""
        return {"state": self._state}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Takes up the weights of the best epoch before."""
        self._state = dict(state_dict["state"])

    def restore(self, network: nn.Module) -> None:
        """Gives a network the weights of the best epoch."""
        network.load_state_dict(self._state)
