"""Where the samples of a set lie, and reading them again one by one or in runs."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Int32, Int64, UInt8

from cutaway.data.image_set import Skipped
from cutaway.data.shards import BrokenShardError, Entry, Mark, Place, Record, Shards
from cutaway.errors import CutawayError, InputError

AHEAD = 16
"""So many samples are read over rather than that a shard is opened anew behind them."""


@dataclass(frozen=True)
class Places:
    """The places of n samples, 21 bytes each.

    Attributes:
        origin: Number of the sources that a sample belongs to.
        shard: Number of its shard.
        record: How many samples lie before it in the shard.
        offset: Where it begins, in bytes, as in `Mark`.
    """

    origin: UInt8[np.ndarray, " n"]
    shard: Int32[np.ndarray, " n"]
    record: Int64[np.ndarray, " n"]
    offset: Int64[np.ndarray, " n"]

    @classmethod
    def of(cls, places: Sequence[Place]) -> "Places":
        """The same places, all of one origin."""
        return cls(
            np.zeros(len(places), np.uint8),
            np.array([place.shard for place in places], np.int32),
            np.array([place.mark.record for place in places], np.int64),
            np.array([place.mark.offset for place in places], np.int64),
        )

    @classmethod
    def joined(cls, parts: "Sequence[Places]") -> "Places":
        """The places of all parts, one after the other."""
        columns = zip(*((p.origin, p.shard, p.record, p.offset) for p in parts), strict=True)
        return cls(*(np.concatenate(column) for column in columns))

    def take(self, rows: Int64[np.ndarray, " k"] | slice) -> "Places":
        """The places of some of the samples."""
        return Places(self.origin[rows], self.shard[rows], self.record[rows], self.offset[rows])

    def moved(self, origins: int) -> "Places":
        """The same places among sources before which so many others stand."""
        origin = (self.origin + origins).astype(np.uint8)
        return Places(origin, self.shard, self.record, self.offset)

    def sorted(self) -> Int64[np.ndarray, " n"]:
        """The rows in the order in which they are best read."""
        return np.lexsort((self.record, self.shard, self.origin)).astype(np.int64)

    def __len__(self) -> int:
        """Number of samples."""
        return len(self.origin)

    def __iter__(self) -> Iterator[tuple[int, Place]]:
        """Origin and place of each sample."""
        for row in range(len(self)):
            mark = Mark(int(self.record[row]), int(self.offset[row]))
            yield int(self.origin[row]), Place(int(self.shard[row]), mark)


class PlaceReader:
    """Reads samples at their places, and goes on in an open shard where the next lies ahead in it.

    Args:
        shards: What holds them.
    """

    def __init__(self, shards: Shards) -> None:
        self._shards = shards
        self._shard = -1
        self._record = 0
        self._entries: Iterator[Entry] = iter(())

    def read(self, place: Place) -> Record:
        """The sample at a place.

        Raises:
            InputError: There is none any more.
            CutawayError: The shard cannot be read.
        """
        if not self._lies_ahead(place):
            self._shard, self._record = place.shard, place.mark.record
            self._entries = self._shards.read(place.shard, place.mark)
        entry: Record | Skipped | None = None
        try:
            while self._record <= place.mark.record:
                entry, _ = next(self._entries, (None, None))
                self._record += 1
        except BrokenShardError as error:
            self._shard = -1
            title = self._shards.titles()[place.shard]
            raise CutawayError(
                f"{title!r} of {self._shards.name!r} could be read at first and cannot be now "
                f"({error}). What was done is kept: call again when it can be read"
            ) from error
        if not isinstance(entry, Record):
            title = self._shards.titles()[place.shard]
            raise changed(self._shards.name, f"{title!r} has no image {place.mark.record} any more")
        return entry

    def _lies_ahead(self, place: Place) -> bool:
        gap = place.mark.record - self._record
        within = AHEAD if self._shards.seeks else gap
        return place.shard == self._shard and 0 <= gap <= within


def changed(name: str, how: str) -> InputError:
    """What is raised where a set is not what it was when it was first read."""
    return InputError(
        f"{name!r} has changed since it was first read: {how}. Expected a set that gives "
        "the same images in the same order in every pass, without random changes"
    )
