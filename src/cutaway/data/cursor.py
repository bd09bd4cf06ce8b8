"""A reader's place within a pass."""

from dataclasses import replace

from cutaway.data.passage import Passage, Position
from cutaway.data.shards import Placed


class Cursor:
    """Takes samples out of the windows of a pass and knows where it stands.

    Args:
        passage: The pass.
        start: Where it begins.
        limit: Samples to go by at most, or None.
        part: (index, count): take every count-th sample, from the index-th on.
    """

    def __init__(
        self, passage: Passage, start: Position, limit: int | None, part: tuple[int, int]
    ) -> None:
        self._windows = passage.windows()
        self._limit = limit
        self._index, self._count = part
        self._window: list[Placed] = []
        self._at = 0
        self._skip = start.taken
        self._place = start

    @property
    def position(self) -> Position:
        """The place behind the last sample taken."""
        return replace(self._place, taken=self._at + self._skip)

    def take(self, count: int) -> list[Placed]:
        """The next `count` samples, fewer at the end of the pass."""
        taken: list[Placed] = []
        while len(taken) < count and self._has_next():
            if (self._place.before + self._at) % self._count == self._index:
                taken.append(self._window[self._at])
            self._at += 1
        return taken

    def _has_next(self) -> bool:
        if self._limit is not None and self._place.before + self._at + self._skip >= self._limit:
            return False
        while self._at >= len(self._window):
            step = next(self._windows, None)
            if step is None:
                return False
            self._place, self._window = step
            self._at, self._skip = self._skip, 0
        return True
