"""The order of a pass over shards, as a function of its seed and of a few integers.

A shuffled pass draws an order of the shards, reads several of them in turn, and permutes each
window of samples that it has read. Every permutation is drawn anew from (seed, epoch, window), so
that no buffer has to be stored: a pass that was interrupted reads its last window again and goes on
behind the last sample that was given.
"""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np

from cutaway.data.image_set import Skipped
from cutaway.data.shards import BrokenShardError, Entry, Mark, Place, Placed, Record, Shards
from cutaway.errors import InputError

PLAIN_WINDOW = 64
# A window holds encoded images; large ones fill it before it has its number of them.
MOST_BYTES = 1 << 28


@dataclass(frozen=True)
class Order:
    """How a pass is ordered.

    Attributes:
        seed: Of the shuffling; None for the set's own order.
        buffer: Samples a window.
    """

    seed: int | None = None
    buffer: int = PLAIN_WINDOW

    def permutation(self, count: int, *key: int) -> np.ndarray:
        """Positions 0 to count - 1, permuted by the seed and `key`."""
        if self.seed is None:
            return np.arange(count)
        return np.random.default_rng([self.seed, *key]).permutation(count)


@dataclass(frozen=True)
class Position:
    """A place in a pass.

    Attributes:
        epoch: Number of the pass.
        window: Number of the window.
        lanes: For each shard being read: its rank in the pass, and the `Mark` that the window
            begins at (samples, bytes).
        following: Rank of the next shard to be opened.
        turn: The lane that the window begins with.
        before: Samples in earlier windows.
        taken: Samples of this window that were given already.
    """

    epoch: int = 0
    window: int = 0
    lanes: tuple[tuple[int, int, int], ...] = ()
    following: int = 0
    turn: int = 0
    before: int = 0
    taken: int = 0

    def to_dict(self) -> dict[str, Any]:
        """The place as plain JSON values."""
        return asdict(self) | {"lanes": [list(lane) for lane in self.lanes]}

    @classmethod
    def from_dict(cls, values: Any) -> "Position":
        """The place that `to_dict` wrote; the values may come from anyone's file.

        Raises:
            InputError: They are not such values.
        """
        counts = set(cls.__dataclass_fields__) - {"lanes"}
        valid = (
            isinstance(values, Mapping)
            and set(values) == counts | {"lanes"}
            and all(_is_count(values[name]) for name in counts)
            and isinstance(values["lanes"], list | tuple)
            and all(
                isinstance(lane, list | tuple) and len(lane) == 3 and all(map(_is_count, lane))
                for lane in values["lanes"]
            )
        )
        if not valid:
            raise InputError(
                f"position={values!r}; expected what `ImageStream.state_dict` writes there"
            )
        lanes = tuple((lane[0], lane[1], lane[2]) for lane in values["lanes"])
        return cls(**{name: values[name] for name in counts}, lanes=lanes)


@dataclass
class Breaks:
    """Shards whose rest could not be read in this pass.

    Attributes:
        ends: How many samples came before the break, by the shard's number.
        names: The shards, each with what was wrong.
    """

    ends: dict[int, int] = field(default_factory=dict)
    names: list[Skipped] = field(default_factory=list)


class Passage:
    """One pass over all samples, window by window, from a position on.

    Args:
        shards: What to read.
        order: How it is ordered.
        start: Where to begin.
        breaks: Shards that broke earlier in this pass; new ones are added.
    """

    def __init__(self, shards: Shards, order: Order, start: Position, breaks: Breaks) -> None:
        self._shards = shards
        self._order = order
        self._titles = shards.titles()
        ranks = order.permutation(len(self._titles), start.epoch, 0)
        self._ranks = [int(shard) for shard in ranks]
        self._breaks = breaks
        self._start = start
        at_once = 1 if order.seed is None else shards.lanes
        lanes = start.lanes
        self._following = start.following
        if start.following == 0:
            self._following = min(at_once, len(self._ranks))
            lanes = tuple((rank, 0, 0) for rank in range(self._following))
        self._require_within(lanes)
        self._lanes = [self._lane(*lane) for lane in lanes]
        self._turn = start.turn

    def windows(self) -> Iterator[tuple[Position, list[Placed]]]:
        """Windows in their order, each with the position of its first sample."""
        window, before = self._start.window, self._start.before
        while True:
            lanes = tuple(lane.place() for lane in self._lanes)
            start = Position(
                self._start.epoch, window, lanes, self._following, self._turn, before, 0
            )
            entries = self._fill()
            if not entries:
                return
            order = self._order.permutation(len(entries), self._start.epoch, window + 1)
            yield start, [entries[at] for at in order]
            window, before = window + 1, before + len(entries)

    def _fill(self) -> list[Placed]:
        entries: list[Placed] = []
        weight = 0
        while len(entries) < self._order.buffer and weight < MOST_BYTES:
            entry = self._next()
            if entry is None:
                break
            entries.append(entry)
            weight += entry[0].weight if isinstance(entry[0], Record) else 0
        return entries

    def _next(self) -> Placed | None:
        while self._lanes:
            self._turn %= len(self._lanes)
            entry = self._lanes[self._turn].take()
            if entry is not None:
                self._turn += 1
                return entry
            if self._following < len(self._ranks):
                self._lanes[self._turn] = self._lane(self._following, 0, 0)
                self._following += 1
            else:
                del self._lanes[self._turn]
        return None

    def _lane(self, rank: int, record: int, offset: int) -> "_Lane":
        shard = self._ranks[rank]
        return _Lane(self._shards, shard, rank, Mark(record, offset), self._breaks)

    def _require_within(self, lanes: tuple[tuple[int, int, int], ...]) -> None:
        if any(rank >= len(self._ranks) for rank, _, _ in lanes):
            raise InputError(
                f"position names shard {max(lane[0] for lane in lanes)} of a set of "
                f"{len(self._ranks)}; expected the state of a stream over this set"
            )


class _Lane:
    """A shard being read."""

    def __init__(self, shards: Shards, shard: int, rank: int, mark: Mark, breaks: Breaks) -> None:
        self._shards = shards
        self._shard = shard
        self._rank = rank
        self._mark = mark
        self._breaks = breaks
        self._entries: Iterator[Entry] | None = None

    def place(self) -> tuple[int, int, int]:
        return self._rank, self._mark.record, self._mark.offset

    def take(self) -> Placed | None:
        if self._breaks.ends.get(self._shard) == self._mark.record:
            return None
        if self._entries is None:
            self._entries = self._shards.read(self._shard, self._mark)
        place = Place(self._shard, self._mark)
        try:
            entry, self._mark = next(self._entries, (None, self._mark))
        except BrokenShardError as error:
            self._breaks.ends[self._shard] = self._mark.record
            title = self._shards.titles()[self._shard]
            used = f"the {self._mark.record:,} samples before that are used"
            self._breaks.names.append(Skipped(title, f"{error}; {used}"))
            return None
        return None if entry is None else (entry, place)


def _is_count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0
