"""Training a network on a data set, from its name to a checkpoint."""

import os
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import torch
from lightning.pytorch import Callback
from torch import nn

from cutaway.device import resolve_device
from cutaway.networks.load import Network
from cutaway.training.evaluation import Looks, evaluate
from cutaway.training.loop import Loop
from cutaway.training.prepare import (
    described,
    load_teacher,
    settled_recipe,
    training_data,
)
from cutaway.training.quiet import quiet_lightning
from cutaway.training.recipe import Recipe
from cutaway.training.surroundings import surroundings
from cutaway.training.transfer import (
    adapt,
    fitting_network,
    require_frozen_sense,
    starting_network,
)


@dataclass(frozen=True, eq=False)
class TrainingRun:
    """What `train` gives back.

    Attributes:
        model: The trained network of the best epoch, in eval mode, with gradients off.
        checkpoint: The file that holds it, or None where no output folder was given.
        history: A row an epoch: epoch (from 1), train_loss, val_loss (nats a sample),
            train_accuracy, val_accuracy (in [0, 1]), learning_rate (of the epoch's last step), and
            for each layer gradient_norm/LAYER (Euclidean, at its parameters, in that step).
            Figures of the training split are taken while it is trained on, with dropout.
        test_accuracy: Share of right answers on the test split, in [0, 1].
        test_accuracy_with_flips: The same where each answer is the mean over the image and its
            mirror image; None where the recipe did not flip images.
        seconds: Wall-clock time of the whole run, reading the data included.
    """

    model: nn.Module
    checkpoint: Path | None
    history: pd.DataFrame
    test_accuracy: float
    test_accuracy_with_flips: float | None
    seconds: float

    def to_dict(self) -> dict[str, Any]:
        """The run as plain JSON values, without the model."""
        return {
            "checkpoint": None if self.checkpoint is None else str(self.checkpoint),
            "test_accuracy": self.test_accuracy,
            "test_accuracy_with_flips": self.test_accuracy_with_flips,
            "seconds": self.seconds,
            "history": self.history.to_dict(orient="records"),
        }


def train(
    source: Any,
    network: Network | None = None,
    *,
    recipe: str | Recipe = "quick",
    epochs: int | None = None,
    batch_size: int | None = None,
    learning_rate: float | None = None,
    teacher: str | os.PathLike[str] | nn.Module | None = None,
    pretrained: str | os.PathLike[str] | None = None,
    freeze: str | None = None,
    unfreeze_at: int | None = None,
    seed: int = 0,
    device: str | torch.device = "auto",
    precision: str = "auto",
    output: str | os.PathLike[str] | None = None,
    overwrite: bool = False,
    resume: bool = False,
    callbacks: Sequence[Callback] = (),
) -> TrainingRun:
    """Trains a network to tell the classes of a data set, and tests the best epoch.

    The epoch with the highest validation accuracy, or the last where nothing is held out for
    validation, is kept and is then measured on the test split, which nothing else looks at. On the
    CPU, one seed gives equal weights, given one precision and one number of threads.

    Args:
        source: What `load_data` takes, or a `DataModule`, whose own batch size and seed then count.
        network: A module (trained in place), a function that returns one,
            `"package.module:function"`, `"timm:NAME"` with its published weights, or "resnet18" and
            the like; None takes `CNN` in the data's size, or what `pretrained` is a checkpoint of.
        recipe: A `Recipe`, or the name of one in `RECIPES`: "quick", or "patient", which takes
            natural images through 100 epochs and wants a teacher.
        epochs: Passes over the training split; None leaves it to the recipe.
        batch_size: Images a step; by default 128, or 64 with fewer than 10,000 training images.
        learning_rate: The peak of the cycle; None leaves it to the recipe.
        teacher: A trained network whose answers are learned besides the labels, as the recipe
            weighs them: a module, or a checkpoint of `CNN` or `cutaway.networks.teacher:Teacher`.
        pretrained: Weights to begin with: a checkpoint or safetensors file, or "hub" for those that
            are published for "resnet18" and the like. Images are then brought to the size and
            normalization that these expect, and the head is replaced where its classes are others.
        freeze: Layers to keep bit by bit as they are: "backbone" for all but the head, or names
            with commas between, such as "conv1,bn1,layer1".
        unfreeze_at: The epoch, counted from 1, from which on they learn too; None for never.
        seed: Fixes the weights at the start, the validation part, the order, the views, and
            dropout.
        device: Where to train, as `resolve_device` takes it.
        precision: "float32", "bfloat16" (autocast), or "auto": the faster one, found out by trying
            where the run is long enough to pay for the trial.
        output: A folder for `best.ckpt`, `last.ckpt`, `history.parquet` and `run.json`, or None. An
            unfinished run that lies there goes on, to the end that it would have had; every other
            argument is as it was. While there is a folder, SIGTERM and Ctrl-C let the run save and
            stop after the step under way.
        overwrite: Begin anew, whatever lies in `output`.
        resume: Take a finished run as well as an unfinished one, and then only test it.
        callbacks: Lightning's, such as `cutaway.study.StudyCallback`; they meet the network at
            the end of an epoch as it will be kept.

    Raises:
        InputError: An argument is wrong, the data have no labels, the network does not fit them, or
            `output` holds something else than an unfinished run of the same arguments and
            `overwrite` is false.
        StoppedRunError: A signal or a Slurm job's time limit stopped the run, which is saved.

    Example:
        >>> import numpy as np
        >>> images = np.random.default_rng(0).integers(0, 256, (60, 16, 16), dtype=np.uint8)
        >>> run = train((images, np.arange(60) % 2), epochs=1, device="cpu")
        >>> len(run.history), run.checkpoint
        (1, None)
    """
    started = time.perf_counter()
    settings = settled_recipe(recipe, teacher, epochs, learning_rate)
    require_frozen_sense(network, pretrained, freeze, unfreeze_at, settings.epochs)
    chosen = resolve_device(device)
    with (
        surroundings(output, chosen, overwrite=overwrite, resume=resume) as around,
        torch.random.fork_rng(),
        quiet_lightning(),
    ):
        chosen = around.group.device(chosen)
        torch.manual_seed(seed)
        built = starting_network(network, pretrained)
        master = None if teacher is None else load_teacher(teacher)
        data = around.group.in_turn(
            lambda: training_data(source, built, batch_size, seed, settings, master)
        )
        trained = built if built is not None else fitting_network(network, data)
        freezing = adapt(trained, network, data, pretrained, freeze, unfreeze_at)
        known_as = described(trained, network)
        loop = Loop(trained, data, settings, chosen, seed, known_as, master, freezing)
        history = loop.run(precision, around, callbacks)
        plain = evaluate(trained, data.test_dataloader(), chosen).accuracy
        flips = None
        if settings.flip:
            both = Looks(flip=True)
            flips = evaluate(trained, data.test_dataloader(), chosen, both).accuracy
        around.finish({"test_accuracy": plain, "test_accuracy_with_flips": flips})
    model = trained.cpu().eval().requires_grad_(requires_grad=False)
    checkpoint = None if around.folder is None else around.folder.best
    seconds = time.perf_counter() - started
    return TrainingRun(model, checkpoint, history.table, plain, flips, seconds)
