"""Studies of a network on its way through training."""

import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from lightning.pytorch import Callback, LightningModule, Trainer
from torch import nn

from cutaway.data import ImageSet, ImageStream, load_data
from cutaway.data.first import first_images
from cutaway.errors import InputError
from cutaway.networks.modes import evaluating
from cutaway.study.build import build_study

_SAMPLES = 1_000


class StudyCallback(Callback):
    """Builds a Study after chosen epochs, so that one sees the layers' maps change.

    The maps are turned onto those of the Study before, rotated and mirrored but never scaled: what
    moves from one to the next has moved in the network. The network, its modes and the course of
    the training are left as they were. Of several processes the first builds.

    Args:
        folder: Where `epoch-001.study` and the like go; it is created.
        epochs: After which epochs, counted from 1.
        data: `Images`, a stream, or what `load_data` takes; None takes the validation part of
            Cutaway's `DataModule`, or its test part where there is none.
        limit: At most so many samples: the first, or where they lie class by class some of each.
        layers: As `build_study` takes them.
        maps: As `build_study` takes them.
        seed: Of everything random.

    Raises:
        InputError: An epoch is below 1; while training, one is beyond the last, or `data` is None
            and the trainer has no `DataModule` of Cutaway's.

    Example:
        >>> callback = StudyCallback("studies", epochs=[1, 5, 10], maps={"pca": "*"})
        >>> callback.epochs
        (1, 5, 10)
    """

    def __init__(
        self,
        folder: str | os.PathLike[str],
        epochs: Iterable[int],
        data: Any = None,
        *,
        limit: int = _SAMPLES,
        layers: Any = None,
        maps: Mapping[str, str | Sequence[str]] | None = None,
        seed: int = 0,
    ) -> None:
        self.folder = Path(folder)
        self.epochs = tuple(sorted(set(epochs)))
        if not self.epochs or self.epochs[0] < 1:
            raise InputError(f"epochs={list(epochs)} has none to study; expected some from 1 on")
        self._data, self._limit = data, limit
        self._options = {"layers": layers, "maps": maps, "seed": seed}

    def on_train_start(self, trainer: Trainer, _: LightningModule) -> None:
        """Refuses an epoch that never comes, before hours are spent."""
        last = trainer.max_epochs or -1
        if 0 < last < self.epochs[-1]:
            raise InputError(
                f"epochs={list(self.epochs)} (--study-at) go beyond the last of {last}; expected "
                f"some from 1 to {last}"
            )

    def on_train_epoch_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Builds the epoch's Study, where it has one."""
        epoch = trainer.current_epoch + 1
        if epoch not in self.epochs or not trainer.is_global_zero:
            return
        self.folder.mkdir(parents=True, exist_ok=True)
        network = getattr(pl_module, "network", pl_module)
        assert isinstance(network, nn.Module)
        with evaluating(network):  # in training it is in train mode, which is no fault
            build_study(
                network,
                self._images(trainer),
                self._place(epoch),
                device=str(pl_module.device),
                # A run that was stopped after this may come by again.
                overwrite=True,
                aligned_to=self._before(epoch),
                **self._options,
            )

    def _images(self, trainer: Trainer) -> ImageSet:
        if self._data is None:
            held = getattr(trainer, "datamodule", None)
            part = getattr(held, "val_dataset", None) or getattr(held, "test_dataset", None)
            self._data = getattr(part, "images", None)
        if self._data is None:
            raise InputError(
                "data=None, and the trainer has no DataModule of Cutaway's with images; expected "
                "StudyCallback(..., data=...) with what is to be studied"
            )
        known = isinstance(self._data, ImageSet | ImageStream)
        return first_images(self._data if known else load_data(self._data), self._limit)

    def _before(self, epoch: int) -> Path | None:
        """The last Study of an earlier epoch that there is."""
        earlier = [self._place(number) for number in self.epochs if number < epoch]
        return next((place for place in reversed(earlier) if place.is_dir()), None)

    def _place(self, epoch: int) -> Path:
        return self.folder / f"epoch-{epoch:03d}.study"
