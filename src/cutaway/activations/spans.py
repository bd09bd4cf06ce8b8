"""Which samples have gone by: ranges of ids that may come in any order and grouping."""

from collections.abc import Iterable, Iterator


class Spans:
    """A set of whole numbers, kept as ranges that neither overlap nor touch.

    Args:
        ranges: (start, stop) each, in any order.

    Example:
        >>> spans = Spans([(4, 6), (0, 2)])
        >>> spans.add(2, 3)
        >>> list(spans), list(spans.gaps(8)), spans.total
        ([(0, 3), (4, 6)], [(3, 4), (6, 8)], 5)
    """

    def __init__(self, ranges: Iterable[tuple[int, int]] = ()) -> None:
        self._ranges: list[tuple[int, int]] = []
        for start, stop in ranges:
            self.add(start, stop)

    def __iter__(self) -> Iterator[tuple[int, int]]:
        """The ranges, rising."""
        return iter(self._ranges)

    @property
    def total(self) -> int:
        """How many numbers there are."""
        return sum(stop - start for start, stop in self._ranges)

    def add(self, start: int, stop: int) -> None:
        """Adds the numbers from `start` up to `stop`."""
        joined, apart = (start, stop), []
        for each in self._ranges:
            if each[1] < joined[0] or each[0] > joined[1]:
                apart.append(each)
            else:
                joined = (min(joined[0], each[0]), max(joined[1], each[1]))
        self._ranges = sorted([*apart, joined]) if start < stop else self._ranges

    def merge(self, other: "Spans") -> None:
        """Adds the numbers of another set."""
        for start, stop in other:
            self.add(start, stop)

    def gaps(self, end: int) -> Iterator[tuple[int, int]]:
        """The ranges from 0 up to `end` that are missing."""
        last = 0
        for start, stop in self._ranges:
            if start > last:
                yield last, start
            last = stop
        if last < end:
            yield last, end
