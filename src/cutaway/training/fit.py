"""Training a network on a data set, from its name to a checkpoint."""

import os
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import torch
from lightning.fabric.plugins.environments.lightning import LightningEnvironment
from lightning.pytorch import Trainer
from torch import nn

from cutaway.data import DataModule, load_data
from cutaway.device import resolve_device
from cutaway.errors import InputError
from cutaway.files import require_writable_folder
from cutaway.networks import CNN, build_network, remember, transform_of
from cutaway.networks.cnn import SMALLEST_IMAGE
from cutaway.networks.load import Network
from cutaway.progress import progress_visible, say, task
from cutaway.training.callbacks import Best, Checkpoints, History, Steps
from cutaway.training.module import Classifier
from cutaway.training.precision import choose_precision
from cutaway.training.quiet import quiet_lightning
from cutaway.training.recipe import Recipe, evaluate

# What images too small for two blocks of convolutions are enlarged to: Report6's size.
_USUAL_SIDE = 32
_BATCH_SIZE, _SMALL_BATCH_SIZE = 128, 64
# With fewer training images, smaller batches give the optimizer enough steps.
_SMALL_SET = 10_000


@dataclass(frozen=True, eq=False)
class TrainingRun:
    """What `train` gives back.

    Attributes:
        model: The trained network of the best epoch, in eval mode, with gradients off.
        checkpoint: The file that holds it, or None where no output folder was given.
        history: A row an epoch: epoch (from 1), train_loss, val_loss (nats a sample),
            train_accuracy, val_accuracy (in [0, 1]), learning_rate (of the epoch's last step).
            Figures of the training split are taken while it is trained on, with dropout.
        test_accuracy: Share of right answers on the test split, in [0, 1].
        seconds: Wall-clock time of the whole run, reading the data included.
    """

    model: nn.Module
    checkpoint: Path | None
    history: pd.DataFrame
    test_accuracy: float
    seconds: float

    def to_dict(self) -> dict[str, Any]:
        """The run as plain JSON values, without the model."""
        return {
            "checkpoint": None if self.checkpoint is None else str(self.checkpoint),
            "test_accuracy": self.test_accuracy,
            "seconds": self.seconds,
            "history": self.history.to_dict(orient="records"),
        }


def train(
    source: Any,
    network: Network | None = None,
    *,
    epochs: int = 10,
    batch_size: int | None = None,
    learning_rate: float = 3e-3,
    seed: int = 0,
    device: str | torch.device = "auto",
    precision: str = "auto",
    output: str | os.PathLike[str] | None = None,
    overwrite: bool = False,
) -> TrainingRun:
    """Trains a network to tell the classes of a data set, and tests the best epoch.

    AdamW with one cycle of the learning rate (see `Recipe`). The epoch with the highest validation
    accuracy is kept and is then measured on the test split, which nothing else looks at. On the
    CPU, one seed gives equal weights, given one precision and one number of threads.

    Args:
        source: What `load_data` takes, or a `DataModule`, whose own batch size and seed then count.
        network: A module (trained in place), a function that returns one,
            `"package.module:function"` or `"timm:NAME"`; None takes `CNN` in the data's size.
        epochs: Passes over the training split.
        batch_size: Images a step; by default 128, or 64 with fewer than 10,000 training images.
        learning_rate: The peak of the cycle.
        seed: Fixes the weights at the start, the validation part, the order, and dropout.
        device: Where to train, as `resolve_device` takes it.
        precision: "float32", "bfloat16" (autocast), or "auto": the faster one, found out by trying
            where the run is long enough to pay for the trial.
        output: A folder for `best.ckpt`, `last.ckpt` and `history.parquet`, or None.
        overwrite: Write into `output` even if there is something in it.

    Raises:
        InputError: An argument is wrong, the data have no labels, the network does not fit them, or
            `output` exists, is not empty and `overwrite` is false.

    Example:
        >>> import numpy as np
        >>> images = np.random.default_rng(0).integers(0, 256, (60, 16, 16), dtype=np.uint8)
        >>> run = train((images, np.arange(60) % 2), epochs=1, device="cpu")
        >>> list(run.history), run.checkpoint
        (['epoch', 'train_loss', 'val_loss', 'train_accuracy', 'val_accuracy', 'learning_rate'],
        None)
    """
    started = time.perf_counter()
    recipe = Recipe(epochs=epochs, learning_rate=learning_rate)
    folder = _output_folder(output, overwrite=overwrite)
    with torch.random.fork_rng(), quiet_lightning():
        torch.manual_seed(seed)
        built = None if network is None else build_network(network)
        data = _data(source, built, batch_size, seed)
        built = built if built is not None else _fitting_cnn(data)
        fit = _Fit(built, network, data, recipe, resolve_device(device), seed)
        history = fit.run(precision, folder)
        accuracy = evaluate(built, data.test_dataloader(), fit.device).accuracy
    model = built.cpu().eval().requires_grad_(requires_grad=False)
    checkpoint = None if folder is None else folder / "best.ckpt"
    seconds = time.perf_counter() - started
    return TrainingRun(model, checkpoint, history.table, accuracy, seconds)


class _Fit:
    """One network, its data and how it is trained."""

    def __init__(
        self,
        network: nn.Module,
        given: Network | None,
        data: DataModule,
        recipe: Recipe,
        device: torch.device,
        seed: int,
    ) -> None:
        self.network, self.data, self.recipe, self.device = network, data, recipe, device
        _require_trainable(network)
        remember(network, transform=data.transform, class_names=data.class_names)
        # Convolutions on the CPU are faster where the channels of a pixel lie side by side.
        _arrange(network.to(device), torch.channels_last)
        self._require_outputs()
        facts = {
            "network": _described(network, given),
            "transform": data.transform.to_dict(),
            "class_names": list(data.class_names),
            "recipe": vars(recipe) | {"batch_size": data.batch_size, "seed": seed},
        }
        steps = len(data.train_dataloader()) * recipe.epochs
        self.module = Classifier(network, recipe, steps=steps, seed=seed, facts=facts)

    def run(self, precision: str, folder: Path | None) -> History:
        """Fits the network and leaves it with the weights of the best epoch."""
        chosen = self._precision(precision)
        self.module.facts["recipe"]["precision"] = chosen
        history = History()
        best = Best(history)
        name = type(self.network).__name__
        epochs = self.recipe.epochs
        what = f"Training {name} for {epochs} epoch{'s' * (epochs != 1)}"
        with task(what, total=self.module.steps) as progress:
            callbacks = [Steps(progress), history, best]
            if folder is not None:
                callbacks.append(Checkpoints(folder, history))
            trainer = self._trainer(chosen, callbacks)
            trainer.fit(
                self.module,
                _as_lightning_takes_it(self.data.train_dataloader()),
                _as_lightning_takes_it(self.data.val_dataloader()),
            )
        best.restore(self.network)
        _arrange(self.network, torch.contiguous_format)
        return history

    def _trainer(self, precision: str, callbacks: list[Any]) -> Trainer:
        return Trainer(
            accelerator="gpu" if self.device.type == "cuda" else self.device.type,
            devices=1 if self.device.index is None else [self.device.index],
            max_epochs=self.recipe.epochs,
            precision="bf16-mixed" if precision == "bfloat16" else "32-true",
            callbacks=callbacks,
            logger=False,
            enable_checkpointing=False,
            enable_progress_bar=False,
            enable_model_summary=False,
            num_sanity_val_steps=0,
            # One process; on a cluster's node Lightning would otherwise ask for srun.
            plugins=[LightningEnvironment()],
        )

    def _precision(self, precision: str) -> str:
        images = self._first_images(self.data.batch_size)
        total = len(self.data.train_dataset) * self.recipe.epochs
        chosen, gain = choose_precision(precision, self.network, images, total_images=total)
        if gain is not None and progress_visible():
            say(f"bfloat16 takes {1 / gain:.2f} of float32's time here: training in {chosen}.")
        return chosen

    def _first_images(self, count: int) -> torch.Tensor:
        indices = range(min(count, len(self.data.train_dataset)))
        images, _ = self.data.train_dataset.batch(list(indices))
        return images.to(self.device, memory_format=torch.channels_last)

    def _require_outputs(self) -> None:
        training = self.network.training
        self.network.eval()
        with torch.inference_mode():
            outputs = self.network(self._first_images(2))
        self.network.train(training)
        classes = len(self.data.class_names)
        shape = (
            tuple(outputs.shape) if isinstance(outputs, torch.Tensor) else type(outputs).__name__
        )
        if not isinstance(outputs, torch.Tensor) or outputs.ndim != 2 or outputs.shape[1] < classes:
            raise InputError(
                f"network gives {shape} for 2 images; expected (2, {classes}), a number for each "
                f"of the {classes} classes: {', '.join(self.data.class_names[:10])}"
            )


def _as_lightning_takes_it(loader: Any) -> Any:
    # Lightning 2.6 reads batch_sampler of whatever has a sampler.
    loader.batch_sampler = None
    return loader


def _data(source: Any, network: nn.Module | None, batch_size: int | None, seed: int) -> DataModule:
    if isinstance(source, DataModule):
        data = source
    else:
        transform = None if network is None else transform_of(network)
        size = None if transform is not None else _image_size(source, network)
        data = DataModule(
            source,
            batch_size=batch_size or _BATCH_SIZE,
            seed=seed,
            transform=transform,
            image_size=size,
        )
    data.prepare_data()
    data.setup()
    if not isinstance(source, DataModule) and batch_size is None:
        small = len(data.train_dataset) < _SMALL_SET
        data.batch_size = _SMALL_BATCH_SIZE if small else _BATCH_SIZE
    return data


def _image_size(source: Any, network: nn.Module | None) -> int | tuple[int, int] | None:
    """The size that images are brought to, or None where they stay as they are."""
    if isinstance(network, CNN):
        return network.image_size
    if network is not None:
        return None
    _, height, width, _ = load_data(source, limit=1).pixels.shape
    return _USUAL_SIDE if min(height, width) < SMALLEST_IMAGE else None


def _fitting_cnn(data: DataModule) -> CNN:
    transform = data.transform
    return CNN(transform.channels, len(data.class_names), (transform.height, transform.width))


def _described(network: nn.Module, given: Network | None) -> dict[str, Any]:
    """The network's name and arguments, as far as plain values can say them."""
    if isinstance(network, CNN):
        arguments = {
            "in_channels": network.in_channels,
            "classes": network.classes,
            "image_size": list(network.image_size),
        }
        return {"name": "CNN", "arguments": arguments}
    kind = type(network)
    name = given if isinstance(given, str) else f"{kind.__module__}:{kind.__qualname__}"
    return {"name": name, "arguments": {}}


def _arrange(network: nn.Module, order: torch.memory_format) -> None:
    """Lays out the weights of a network's convolutions in memory, in place."""
    # torch's annotations leave out this form of `to`, which its documentation describes.
    network.to(memory_format=order)  # type: ignore[call-overload]


def _require_trainable(network: nn.Module) -> None:
    if not any(parameter.requires_grad for parameter in network.parameters()):
        raise InputError(
            f"network {type(network).__name__} has no parameter with gradients, so nothing can be "
            "trained; expected some: load it with load_model(source, train=True)"
        )


def _output_folder(output: str | os.PathLike[str] | None, *, overwrite: bool) -> Path | None:
    if output is None:
        return None
    folder = Path(output)
    if folder.exists() and not folder.is_dir():
        raise InputError(f"output={str(folder)!r} is a file; expected a folder to create")
    if folder.is_dir() and any(folder.iterdir()) and not overwrite:
        raise InputError(
            f"output={str(folder)!r} exists and is not empty; expected a folder to create: choose "
            "another, remove it, or pass overwrite=True"
        )
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(
            f"output={str(folder)!r} cannot be created ({error.strerror}); choose another place"
        ) from error
    require_writable_folder(folder)
    return folder
