"""What a stream reads from: shards of samples, each read from any sample on."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, runtime_checkable

import numpy as np
from PIL import Image

from cutaway.data.image_set import Skipped
from cutaway.data.images import Images
from cutaway.data.picture import EncodedFile

RUN = 256


@dataclass(frozen=True)
class Record:
    """One sample as its source holds it.

    Attributes:
        source: Its name.
        image: An encoded file's bytes or path, a PIL image, or an array (height, width[, channels])
            of bytes or floats.
        label: A class's number or name, or None.
    """

    source: str
    image: bytes | Path | Image.Image | np.ndarray
    label: int | str | None = None

    def open(self) -> EncodedFile:
        """The image, ready to be decoded."""
        from io import BytesIO

        if isinstance(self.image, bytes):
            return BytesIO(self.image)
        return self.image.open("rb") if isinstance(self.image, Path) else self.image

    @property
    def weight(self) -> int:
        """About how many bytes of memory it takes."""
        if isinstance(self.image, np.ndarray):
            return self.image.nbytes
        if isinstance(self.image, Image.Image):
            return self.image.width * self.image.height * len(self.image.getbands())
        return len(self.image) if isinstance(self.image, bytes) else 0


@dataclass(frozen=True)
class Mark:
    """A place between two samples of a shard.

    Attributes:
        record: How many samples lie before it.
        offset: Where the next begins, in bytes; 0 where the source does not count in bytes.
    """

    record: int = 0
    offset: int = 0


Entry = tuple[Record | Skipped, Mark]


@dataclass(frozen=True)
class Place:
    """Where a sample lies in a set: the shard's number, and the mark before it."""

    shard: int
    mark: Mark


Placed = tuple[Record | Skipped, Place]


class BrokenShardError(Exception):
    """The rest of a shard cannot be read; the message says why."""


@runtime_checkable
class Shards(Protocol):
    """A set of images that can be read piece by piece, always in the same order."""

    name: str
    split: str | None
    class_names: tuple[str, ...] | None
    remarks: tuple[str, ...]
    lanes: int
    """How many shards may be open at once, so that a shuffled pass mixes them."""
    seeks: bool
    """Whether reading from a mark costs no more than what lies behind it."""

    def titles(self) -> tuple[str, ...]:
        """A name for each shard, the same whenever and wherever the set is opened."""

    def read(self, shard: int, start: Mark) -> Iterator[Entry]:
        """The samples of a shard from `start` on, each with the place behind it.

        Raises:
            BrokenShardError: The rest cannot be read.
        """


class ImageShards:
    """Images in memory as runs of a few hundred."""

    lanes = 64
    seeks = True

    def __init__(self, images: Images) -> None:
        self.name = images.name
        self.split = images.split
        self.class_names = images.class_names
        self.remarks = images.remarks
        self.images = images

    def titles(self) -> tuple[str, ...]:
        """The runs, by their first image."""
        return tuple(f"{start}/{len(self.images)}" for start in range(0, len(self.images), RUN))

    def read(self, shard: int, start: Mark) -> Iterator[Entry]:
        """The images of a run."""
        images, first = self.images, shard * RUN
        for row in range(first + start.record, min(first + RUN, len(images))):
            label = None if images.labels is None else int(images.labels[row])
            yield (
                Record(images.sources[row], images.pixels[row], label),
                Mark(row - first + 1),
            )
