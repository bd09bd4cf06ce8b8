"""Images batch by batch from a set of any size, in an order that can be taken up again anywhere."""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import islice
from typing import Any

import numpy as np
from jaxtyping import Float32

from cutaway.data.cursor import Cursor
from cutaway.data.form import Decoding, Form, as_images, find_form
from cutaway.data.image_set import Skipped
from cutaway.data.images import Images
from cutaway.data.passage import Order, Passage, Position
from cutaway.data.remarks import omissions
from cutaway.data.shards import BrokenShardError, Mark, Place, Record, Shards
from cutaway.data.stream_state import Progress, read_state, write_state
from cutaway.errors import InputError
from cutaway.progress import say

BATCH_SIZE = 256
BUFFER = 1024
# The form of all images follows from the first ones of the set.
FIRST = 128
MOST_NAMED = 100_000


@dataclass(frozen=True)
class Options:
    """What a stream was asked for.

    Attributes:
        batch_size: Images a batch.
        order: The order of a pass.
        limit: Samples a pass, or None for all.
        part: (index, count): give every count-th sample, from the index-th on.
        size: (height, width) that was asked for, or None.
        channels: Channels that were asked for, or None.
    """

    batch_size: int = BATCH_SIZE
    order: Order = field(default_factory=Order)
    limit: int | None = None
    part: tuple[int, int] = (0, 1)
    size: tuple[int, int] | None = None
    channels: int | None = None


class ImageStream:
    """A set of images as batches, without ever holding more than a window of it in memory.

    `load_data(source, streaming=True)` makes one. Every `for` over it is one pass and gives every
    sample that can be read exactly once, as `Images` of `batch_size` (the last may be smaller).

    All images have one size and mode: those most common among the first 128 of the set, or what
    `resize` asks for. Others are converted, and unreadable ones left out; `remarks` and `skipped`
    tell, and the end of a pass says it aloud.

    A pass that was interrupted is taken up by `state_dict` and `load_state_dict`, shuffled or not:
    the order follows from seed, epoch and a few integers, so that no buffer is lost or stored.

    Attributes:
        name: What the set is called.
        split: Its part, or None.
        batch_size: Images a batch.
        epoch: Number of the pass that comes next or is under way.

    Example:
        >>> from cutaway.data import load_data
        >>> stream = load_data("digits", streaming=True).shuffle(seed=1).batches_of(100)
        >>> for images in stream:
        ...     if stream.seen >= 300:
        ...         break
        >>> state = stream.state_dict()  # plain JSON values
        >>> again = load_data("digits", streaming=True).shuffle(seed=1).batches_of(100)
        >>> again.load_state_dict(state)
        >>> sum(len(images) for images in again)
        1497
    """

    def __init__(self, shards: Shards, options: Options | None = None) -> None:
        self._shards = shards
        self._options = options or Options()
        self._progress = Progress()
        self._resumed = False
        self.name = shards.name
        self.split = shards.split
        self.batch_size = self._options.batch_size

    def shuffle(self, seed: int = 0, buffer: int = BUFFER) -> "ImageStream":
        """The same set in an order of its own each pass, fixed by `seed` and the pass's number.

        Shards are drawn in random order, several are read in turn, and each `buffer` samples are
        permuted; the larger the buffer, the better the mixture and the more memory it takes.

        Raises:
            InputError: The seed is negative or the buffer empty.
        """
        if seed < 0 or buffer < 1:
            raise InputError(f"seed={seed}, buffer={buffer}; expected at least 0 and 1")
        return self._with(order=Order(seed, buffer))

    def batches_of(self, size: int) -> "ImageStream":
        """The same set in batches of `size` images.

        Raises:
            InputError: `size` is below 1.
        """
        if size < 1:
            raise InputError(f"size={size}; expected at least 1 image a batch")
        return self._with(batch_size=size)

    def resize(self, size: int | tuple[int, int], channels: int | None = None) -> "ImageStream":
        """The same set, every image resized to `size`: a side, or (height, width) in pixels.

        Args:
            size: Side or (height, width).
            channels: 1 for grey or 3 for RGB; None for what the first images are.

        Raises:
            InputError: A side is below 1, or there are other than 1 or 3 channels.
        """
        pair = (size, size) if isinstance(size, int) else size
        if min(pair) < 1 or channels not in {None, 1, 3}:
            raise InputError(
                f"size={size}, channels={channels}; expected sides of 1 pixel or more, and 1 or 3"
            )
        return self._with(size=pair, channels=channels)

    def part(self, index: int, count: int) -> "ImageStream":
        """Every `count`-th sample of each pass, from the `index`-th on: one process's share.

        Raises:
            InputError: `index` is not within 0 to `count` - 1.
        """
        if not 0 <= index < count:
            raise InputError(f"index={index}, count={count}; expected 0 <= index < count")
        return self._with(part=(index, count))

    def __iter__(self) -> Iterator[Images]:
        """One pass; it begins anew unless a state was loaded just before."""
        return (images for images, _ in self.placed())

    def placed(self) -> Iterator[tuple[Images, list[Place]]]:
        """One pass, each batch with where its images lie, from which they can be read again."""
        if not self._resumed:
            self._progress = Progress(Position(epoch=self.epoch))
        self._resumed = False
        progress = self._progress
        passage = Passage(self._shards, self._options.order, progress.position, progress.breaks)
        cursor = Cursor(passage, progress.position, self._options.limit, self._options.part)
        decoding = Decoding(self.form, self._numbers, len(self.class_names or ()) or None)
        with decoding.threads() or nullcontext() as pool:
            while True:
                parts, places, skipped = self._collect(cursor, decoding, pool)
                progress.position = cursor.position
                if not parts:
                    break
                yield as_images(parts, self.form, self._frame(skipped)), places
        self._finish(progress)

    def rows(self) -> Iterator[Float32[np.ndarray, "samples features"]]:
        """One pass as rows of features, as `cutaway.PCA().fit_stream` takes them.

        Bytes are scaled to [0, 1]; a row is an image of (channels, height, width), flattened.

        Example:
            >>> import cutaway
            >>> stream = cutaway.load_data("digits", streaming=True)
            >>> cutaway.PCA(2).fit_stream(stream.rows()).components_.shape
            (2, 64)
        """
        for images in self:
            yield images.tensor().flatten(1).numpy()

    @property
    def epoch(self) -> int:
        """Number of the pass that comes next or is under way, from 0."""
        return self._progress.position.epoch

    def set_epoch(self, epoch: int) -> None:
        """Sets the number of the next pass, which its order follows from."""
        self._progress = Progress(Position(epoch=epoch))
        self._resumed = False

    @property
    def shards(self) -> Shards:
        """What it reads from."""
        return self._shards

    @property
    def shuffled(self) -> bool:
        """Whether each pass has an order of its own."""
        return self._options.order.seed is not None

    @property
    def resumed(self) -> bool:
        """Whether the next pass goes on where `load_state_dict` put it."""
        return self._resumed

    @property
    def seen(self) -> int:
        """Samples that this pass has gone by, also those left out or of another part."""
        return self._progress.position.before + self._progress.position.taken

    @property
    def skipped(self) -> tuple[Skipped, ...]:
        """What was left out of this pass so far: images, and the rest of shards."""
        return (*self._progress.breaks.names, *self._progress.skipped)

    @property
    def remarks(self) -> tuple[str, ...]:
        """What was decided on reading, as far as this pass has come."""
        progress = self._progress
        reason = "as asked" if self._options.size else "the most common size"
        return (
            *self._shards.remarks,
            *progress.tally.in_words(self.form.size, reason),
            *(f"{one.source} broke off: {one.reason}" for one in progress.breaks.names),
            *omissions(progress.skipped, progress.tally.count + progress.left_out),
        )

    @cached_property
    def form(self) -> Form:
        """The form of every image, found from the first of the set where it is not known.

        Raises:
            InputError: None of the first images can be read.
        """
        first = [entry for entry in self._first if isinstance(entry, Record)]
        form = find_form(first, self.name)
        options = self._options
        if form.floating and options.size is not None:
            raise InputError(
                f"{self.name!r} holds floats, which `resize` does not take; resize them with "
                "`InputTransform`"
            )
        return replace(
            form, size=options.size or form.size, channels=options.channels or form.channels
        )

    @cached_property
    def class_names(self) -> tuple[str, ...] | None:
        """The name of each class; None where there are none.

        Where labels are words and nothing lists them, the whole set is read through once for them.
        """
        if self._shards.class_names is not None:
            return self._shards.class_names
        if not any(isinstance(one, Record) and isinstance(one.label, str) for one in self._first):
            return None
        say(f"{self.name}: labels are words; the set is read through once to number the classes.")
        labels = {one.label for one in self._entries() if isinstance(one, Record)}
        return tuple(sorted(label for label in labels if isinstance(label, str)))

    def state_dict(self) -> dict[str, Any]:
        """Where the pass is: behind the last batch given. Plain JSON values."""
        form = self.form.to_dict()
        return write_state(self._progress, self._asked(), form, self.class_names)

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Has the next pass go on where `state_dict` was called; the state may be anyone's file.

        Raises:
            InputError: The state is damaged, or of another set, order, limit or part.
        """
        progress, form, names = read_state(state, self._asked())
        self._progress, self._resumed = progress, True
        self.__dict__["form"], self.__dict__["class_names"] = form, names

    def __repr__(self) -> str:
        """One line: name, split, batch size."""
        split = "" if self.split is None else f" ({self.split})"
        return f"<ImageStream {self.name!r}{split}: batches of {self.batch_size}>"

    def _with(self, **changes: Any) -> "ImageStream":
        return ImageStream(self._shards, replace(self._options, **changes))

    def _asked(self) -> dict[str, Any]:
        """What must be equal for a state to fit."""
        set_of = json.dumps([self.split, self._shards.titles()]).encode()
        options = self._options
        return {
            "set": hashlib.sha256(set_of).hexdigest(),
            "seed": options.order.seed,
            "buffer": options.order.buffer,
            "limit": options.limit,
            "part": list(options.part),
        }

    def _collect(
        self, cursor: Cursor, decoding: Decoding, pool: Any
    ) -> tuple[list[tuple[np.ndarray, int | None, str]], list[Place], list[Skipped]]:
        """The next images until a batch is full, their places, and those left out on the way."""
        parts: list[tuple[np.ndarray, int | None, str]] = []
        places: list[Place] = []
        skipped: list[Skipped] = []
        while len(parts) < self.batch_size:
            entries = cursor.take(self.batch_size - len(parts))
            if not entries:
                break
            skipped += [entry for entry, _ in entries if isinstance(entry, Skipped)]
            found = [(entry, place) for entry, place in entries if isinstance(entry, Record)]
            records = [record for record, _ in found]
            decoded = decoding.decode(records, self._progress.tally, pool)
            for one, (_, place) in zip(decoded, found, strict=True):
                if isinstance(one, Skipped):
                    skipped.append(one)
                else:
                    parts.append(one)
                    places.append(place)
        self._progress.left_out += len(skipped)
        room = MOST_NAMED - len(self._progress.skipped)
        self._progress.skipped += skipped[:room]
        return parts, places, skipped

    def _finish(self, progress: Progress) -> None:
        if not progress.tally.count and self.skipped:
            one = self.skipped[0]
            raise InputError(
                f"none of the images of {self.name!r} can be read; the first, {one.source!r}, is "
                f"{one.reason}. Check how they were written or copied"
            )
        for remark in self.remarks:
            say(f"{self.name}: {remark}.")
        progress.position = Position(epoch=progress.position.epoch + 1)

    def _frame(self, skipped: Sequence[Skipped]) -> dict[str, Any]:
        return {
            "class_names": self.class_names,
            "name": self.name,
            "split": self.split,
            "skipped": tuple(skipped),
        }

    @cached_property
    def _numbers(self) -> dict[str, int]:
        return {name: number for number, name in enumerate(self.class_names or ())}

    @cached_property
    def _first(self) -> list[Record | Skipped]:
        return list(islice(self._entries(), FIRST))

    def _entries(self) -> Iterator[Record | Skipped]:
        """All samples in the set's own order, not decoded; broken shards end early."""
        for shard in range(len(self._shards.titles())):
            try:
                for entry, _ in self._shards.read(shard, Mark()):
                    yield entry
            except BrokenShardError:
                continue
