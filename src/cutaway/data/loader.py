"""Batches made by tensor operations from images in memory, in an order fixed by seed and epoch."""

from collections.abc import Callable, Iterator

import numpy as np
import torch
from jaxtyping import Float32, Int64

from cutaway.data.augment import Views
from cutaway.data.dataset import ImageDataset
from cutaway.errors import InputError

Batch = tuple[torch.Tensor, ...]
Targets = Callable[[int], Float32[torch.Tensor, "samples classes"]]


class EpochOrder:
    """The order of samples in each epoch, from seed and epoch alone.

    A run that is resumed at an epoch meets the samples in the order an uninterrupted one does.

    Example:
        >>> order = EpochOrder(samples=4, seed=0, shuffled=False)
        >>> order.indices().tolist()
        [0, 1, 2, 3]
    """

    def __init__(self, samples: int, seed: int, *, shuffled: bool) -> None:
        self._samples = samples
        self._seed = seed
        self._shuffled = shuffled
        self.epoch = 0

    def set_epoch(self, epoch: int) -> None:
        """Sets the epoch that the next pass belongs to; Lightning calls it before each epoch."""
        self.epoch = epoch

    def indices(self) -> Int64[np.ndarray, " samples"]:
        """Positions of all samples in this epoch's order."""
        if not self._shuffled:
            return np.arange(self._samples)
        return np.random.default_rng([self._seed, self.epoch]).permutation(self._samples)


class BatchLoader:
    """Iterates over batches of a data set; Lightning takes it like a `DataLoader`.

    There are no worker processes and no transform of single images: a batch is cut from the bytes
    in memory and transformed as a whole.

    Lightning asks for `sampler`, to tell the epoch, and for `batch_sampler`, which is None.

    Several processes that train together each take their share of every batch: all shares are equal
    while they are shuffled, for which up to one image a process is left out at an epoch's end.

    It tells the place in a pass and goes on from there, see `state_dict`.

    Args:
        dataset: The images.
        batch_size: Images a batch; the last may be smaller. Of all processes together. Of shuffled
            ones a single image left over (for each process) goes into the batch before, since
            BatchNorm cannot learn from one alone.
        seed: Fixes the order of every epoch.
        shuffled: Whether each epoch has an order of its own.
        views: How the images are shifted and mirrored; None for not at all.
        targets: Gives, for the number of a view, what a network should answer to every image in it;
            batches then have these as their third part.
        share: This process's number and how many there are.

    Raises:
        InputError: There are more processes than images in a batch.

    Example:
        >>> from cutaway.data import InputTransform, load_data
        >>> transform = InputTransform(size=8, mean=(0.3,), std=(0.4,), channels=1)
        >>> dataset = ImageDataset(load_data("digits", limit=10), transform)
        >>> [tuple(images.shape) for images, labels in BatchLoader(dataset, 6)]
        [(6, 1, 8, 8), (4, 1, 8, 8)]
    """

    def __init__(
        self,
        dataset: ImageDataset,
        batch_size: int,
        *,
        seed: int = 0,
        shuffled: bool = False,
        views: Views | None = None,
        targets: Targets | None = None,
        share: tuple[int, int] = (0, 1),
    ) -> None:
        self.dataset = dataset
        self._rank, self._processes = share
        if batch_size < self._processes:
            raise InputError(
                f"batch_size={batch_size} is too small for {self._processes} processes; expected "
                "an image for each: train with fewer tasks"
            )
        self.batch_size = batch_size - batch_size % self._processes
        self._shuffled = shuffled
        self.sampler = EpochOrder(len(dataset), seed, shuffled=shuffled)
        self.batch_sampler = None
        self._views = views
        self._targets = targets
        self._place = 0
        left_out = len(dataset) % self._processes if shuffled else 0
        self._used = len(dataset) - left_out

    def __len__(self) -> int:
        """Number of batches."""
        whole, left = divmod(self._used, self.batch_size)
        alone = self._shuffled and 0 < left <= self._processes
        return max(1, whole) if alone else whole + (left > 0)

    def __iter__(self) -> Iterator[Batch]:
        """One pass; when it is complete the next begins the next epoch, unless told otherwise."""
        order, epoch = self.sampler.indices()[: self._used], self.sampler.epoch
        view = None if self._views is None else self._views.at(epoch)
        number = epoch if self._views is None else self._views.number(epoch)
        targets = () if self._targets is None else (self._targets(number),)
        first, self._place = self._place, 0
        for batch in range(first, len(self)):
            start = batch * self.batch_size
            end = start + self.batch_size if batch + 1 < len(self) else self._used
            positions = order[start:end][self._rank :: self._processes]
            if not len(positions):
                break
            images, labels = self.dataset.batch(positions)
            if view is not None:
                images = view.of(images, positions)
            self._place = (batch + 1) % len(self)
            yield images, labels, *(target[positions] for target in targets)
        self.sampler.epoch += 1

    def state_dict(self) -> dict[str, int]:
        """How many batches of the pass under way were given; 0 at its end.

        Lightning puts it into checkpoints from the middle of an epoch.
        """
        return {"batches": self._place}

    def load_state_dict(self, state_dict: dict[str, int]) -> None:
        """Lets the next pass begin after so many batches."""
        self._place = state_dict["batches"]

    def set_epoch(self, epoch: int) -> None:
        """Sets the epoch of the next pass."""
        self.sampler.set_epoch(epoch)
