"""One network on its way through all epochs."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import torch
from lightning.pytorch import Callback, Trainer
from torch import nn

from cutaway.data import DataModule
from cutaway.errors import InputError
from cutaway.networks import model_fingerprint, remember, unmatched_of
from cutaway.networks.modes import evaluating
from cutaway.progress import progress_visible, say, task
from cutaway.training.averaging import Averaging
from cutaway.training.callbacks import Best, Divergence, History, Steps
from cutaway.training.freezing import Freezing
from cutaway.training.fused import fused_blocks
from cutaway.training.group import Group
from cutaway.training.lessons import Lessons
from cutaway.training.module import Classifier
from cutaway.training.precision import choose_precision, worth_preparing
from cutaway.training.recipe import Recipe
from cutaway.training.run_folder import RunFolder
from cutaway.training.saving import Saving
from cutaway.training.surroundings import Surroundings
from cutaway.training.together import Together, trainer_options


class Loop:
    """A network, its data, and how it is trained.

    Args:
        network: Trained in place; it goes to `device`.
        data: Set up.
        recipe: Epochs, optimizer, schedule and loss.
        device: Where to train.
        seed: Fixes dropout.
        description: The network's name and arguments, for the checkpoint.
        teacher: A network whose answers are learned, or None.
        freezing: What keeps layers as they are, or None.

    Raises:
        InputError: Nothing of the network can be trained, or its output does not fit the classes.
    """

    def __init__(
        self,
        network: nn.Module,
        data: DataModule,
        recipe: Recipe,
        device: torch.device,
        seed: int,
        description: dict[str, Any],
        teacher: nn.Module | None = None,
        freezing: Freezing | None = None,
    ) -> None:
        self.network, self.data, self.recipe, self.device = network, data, recipe, device
        self.teacher, self.freezing = teacher, freezing
        _require_trainable(network)
        remember(network, transform=data.transform, class_names=data.class_names)
        network.to(device)
        # Lazy layers have no weights before it.
        self._require_outputs()
        # Convolutions on the CPU are faster where the channels of a pixel lie side by side.
        _arrange(network, torch.channels_last)
        facts = {
            "network": description,
            "transform": data.transform.to_dict(),
            "class_names": list(data.class_names),
            "recipe": vars(recipe) | {"batch_size": data.batch_size, "seed": seed},
        }
        if unmatched_of(network):
            facts["unmatched"] = list(unmatched_of(network))
        if freezing is not None:
            facts["frozen"] = freezing.to_dict()
        steps = len(data.train_dataloader()) * recipe.epochs
        self.module = Classifier(network, recipe, steps=steps, seed=seed, facts=facts)

    def run(
        self, precision: str, around: Surroundings, further: Sequence[Callback] = ()
    ) -> History:
        """Fits the network and leaves it with the weights of the best epoch.

        Args:
            precision: "float32", "bfloat16" or "auto".
            around: The processes it is trained by, and the folder, whose unfinished run goes on.
            further: The user's callbacks.
        """
        group, folder = around.group, around.folder
        chosen = group.agreed(lambda: self._precision(precision, folder))
        self.module.facts["recipe"]["precision"] = chosen
        last = around.begin(self.module.facts | {"data": self._data_facts()})
        history = History()
        best = Best(history)
        with task(self._name(), total=self.module.steps) as progress:
            beside = [Divergence(self.recipe.learning_rate), *further]
            callbacks: list[Callback] = [Steps(progress), history, best, *beside]
            if folder is not None:
                callbacks.append(Saving(folder, history, group, around.signals, around.job))
            self.fit(chosen, callbacks, last, group)
        best.restore(self.network)
        _arrange(self.network, torch.contiguous_format)
        return history

    def fit(
        self,
        precision: str,
        callbacks: list[Callback],
        checkpoint: Path | None = None,
        group: Group | None = None,
    ) -> None:
        """Takes all steps of the recipe, or those that follow a checkpoint.

        Args:
            precision: "float32" or "bfloat16".
            callbacks: What happens beside the steps.
            checkpoint: Where an interrupted run stopped; None for a run from the start.
            group: The processes that train together; None for this one alone.
        """
        group = Group() if group is None else group
        self.data.share = (group.rank, group.size)
        self.module.facts["recipe"]["precision"] = precision
        if self.teacher is not None:
            self.data.targets = Lessons(self.teacher, self.data, self.device, precision)
        # It comes first, so that the others meet the averaged weights.
        averaging = [Averaging(self.recipe.averaging)] if self.recipe.averaging else []
        freezing = [] if self.freezing is None else [self.freezing]
        with ExitStack() as changes:
            changes.enter_context(_dropout(self.network, self.recipe.dropout))
            if worth_preparing(self._total_images(), self.device):
                changes.enter_context(fused_blocks(self.network))
            together = [] if group.alone else [Together(group)]
            beside = [*freezing, *together, *averaging, *callbacks]
            self._trainer(precision, beside, group).fit(
                self.module, datamodule=self.data, ckpt_path=checkpoint, weights_only=True
            )

    def _name(self) -> str:
        epochs = self.recipe.epochs
        name = type(self.network).__name__
        return f"Training {name} for {epochs} epoch{'s' * (epochs != 1)}"

    def _total_images(self) -> int:
        return len(self.data.train_dataset) * self.recipe.epochs

    def _trainer(self, precision: str, callbacks: list[Callback], group: Group) -> Trainer:
        return Trainer(
            **trainer_options(group, self.device, some_frozen=self.freezing is not None),
            max_epochs=self.recipe.epochs,
            precision="bf16-mixed" if precision == "bfloat16" else "32-true",
            callbacks=callbacks,
            logger=False,
            enable_checkpointing=False,
            enable_progress_bar=False,
            enable_model_summary=False,
            num_sanity_val_steps=0,
            limit_val_batches=0 if self.data.val_dataset is None else 1.0,
        )

    def _data_facts(self) -> dict[str, Any]:
        images = self.data.train_dataset.images
        facts = {"name": images.name, "training_images": images.fingerprint}
        if self.teacher is not None:
            facts["teacher"] = model_fingerprint(self.teacher)
        return facts

    def _precision(self, precision: str, folder: RunFolder | None) -> str:
        if precision == "auto" and folder is not None and folder.precision is not None:
            # A second trial on a busy machine might come out otherwise.
            return folder.precision
        images = self._first_images(self.data.batch_size)
        total = self._total_images()
        chosen, gain = choose_precision(precision, self.network, images, total_images=total)
        if gain is not None and progress_visible():
            say(f"bfloat16 takes {1 / gain:.2f} of float32's time here: training in {chosen}.")
        return chosen

    def _first_images(self, count: int) -> torch.Tensor:
        indices = range(min(count, len(self.data.train_dataset)))
        images, _ = self.data.train_dataset.batch(list(indices))
        return images.to(self.device, memory_format=torch.channels_last)

    def _require_outputs(self) -> None:
        images = self._first_images(2)
        try:
            with evaluating(self.network), torch.no_grad():
                outputs = self.network(images)
        except Exception as error:
            # The user's own code may raise anything; its lines are shown with it.
            reason = str(error).partition("\n")[0]
            raise InputError(
                f"network {type(self.network).__name__} cannot take images of shape "
                f"{tuple(images.shape[1:])}: {type(error).__name__}: {reason}. Where it expects "
                "others, give a DataModule with image_size= and channels=, or another network"
            ) from error
        _require_class_scores(outputs, self.data.class_names)


def _require_class_scores(outputs: Any, class_names: tuple[str, ...]) -> None:
    classes = len(class_names)
    is_tensor = isinstance(outputs, torch.Tensor)
    if not is_tensor or outputs.ndim != 2 or outputs.shape[1] < classes:
        given = tuple(outputs.shape) if is_tensor else type(outputs).__name__
        raise InputError(
            f"network gives {given} for 2 images; expected (2, {classes}), a number for each of "
            f"the {classes} classes: {', '.join(class_names[:10])}"
        )
    if bool((outputs >= 0).all()) and torch.allclose(outputs.sum(dim=1).cpu(), torch.ones(2)):
        say(
            "The network's outputs look like probabilities: the loss takes what stands before a "
            "softmax, and learns slowly from what comes after it. Leave the softmax out."
        )


def _arrange(network: nn.Module, order: torch.memory_format) -> None:
    """Lays out the weights of a network's convolutions in memory, in place."""
    # torch's annotations leave out this form of `to`, which its documentation describes.
    network.to(memory_format=order)  # type: ignore[call-overload]


@contextmanager
def _dropout(network: nn.Module, probability: float | None) -> Iterator[None]:
    """Sets the probability of all dropout layers for a while; None leaves them as they are."""
    kinds = (nn.Dropout, nn.Dropout1d, nn.Dropout2d, nn.Dropout3d)
    layers = [module for module in network.modules() if isinstance(module, kinds)]
    before = [layer.p for layer in layers]
    for layer in layers:
        layer.p = layer.p if probability is None else probability
    try:
        yield
    finally:
        for layer, own in zip(layers, before, strict=True):
            layer.p = own


def _require_trainable(network: nn.Module) -> None:
    if not any(parameter.requires_grad for parameter in network.parameters()):
        raise InputError(
            f"network {type(network).__name__} has no parameter with gradients, so nothing can be "
            "trained; expected some: load it with load_model(source, train=True)"
        )
