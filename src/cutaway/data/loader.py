"""Batches made by tensor operations from images in memory, in an order fixed by seed and epoch."""

import math
from collections.abc import Iterator

import numpy as np
import torch
from jaxtyping import Float32, Int64

from cutaway.data.augment import flip_batch, shift_batch
from cutaway.data.dataset import ImageDataset

Batch = tuple[Float32[torch.Tensor, "picked channels height width"], Int64[torch.Tensor, " picked"]]


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

    def generator(self, batch: int) -> torch.Generator:
        """Randomness for one batch of this epoch, whatever was drawn before it."""
        words = np.random.SeedSequence([self._seed, self.epoch, batch]).generate_state(2, np.uint32)
        return torch.Generator().manual_seed(int(words[0]) << 32 | int(words[1]))


class BatchLoader:
    """Iterates over batches of a data set; Lightning takes it like a `DataLoader`.

    There are no worker processes and no transform of single images: a batch is cut from the bytes
    in memory and transformed as a whole.

    Lightning asks for `sampler`, to tell the epoch, and for `batch_sampler`, which is None.

    Args:
        dataset: The images.
        batch_size: Images a batch; the last may be smaller.
        seed: Fixes order and augmentation of every epoch.
        shuffled: Whether each epoch has an order of its own.
        shift: Largest random shift in pixels of the network's input; 0 for none.
        flip: Whether half of the images are mirrored left to right.
    """

    def __init__(
        self,
        dataset: ImageDataset,
        batch_size: int,
        *,
        seed: int = 0,
        shuffled: bool = False,
        shift: int = 0,
        flip: bool = False,
    ) -> None:
        self.dataset = dataset
        self.batch_size = batch_size
        self.sampler = EpochOrder(len(dataset), seed, shuffled=shuffled)
        self.batch_sampler = None
        self._shift = shift
        self._flip = flip

    def __len__(self) -> int:
        """Number of batches."""
        return math.ceil(len(self.dataset) / self.batch_size)

    def __iter__(self) -> Iterator[Batch]:
        """One pass; when it is complete the next begins the next epoch, unless told otherwise."""
        order = self.sampler.indices()
        for batch in range(len(self)):
            start = batch * self.batch_size
            inputs, labels = self.dataset.batch(order[start : start + self.batch_size])
            yield self._augmented(inputs, batch), labels
        self.sampler.epoch += 1

    def set_epoch(self, epoch: int) -> None:
        """Sets the epoch of the next pass."""
        self.sampler.set_epoch(epoch)

    def _augmented(self, inputs: torch.Tensor, batch: int) -> torch.Tensor:
        if not self._shift and not self._flip:
            return inputs
        generator = self.sampler.generator(batch)
        if self._shift:
            inputs = shift_batch(inputs, self._shift, generator)
        return flip_batch(inputs, generator) if self._flip else inputs
