"""What was decided on decoding, in words."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from cutaway.data.image_set import Skipped
from cutaway.data.picture import Header

NAMED = 3


@dataclass
class Tally:
    """Counts how images were brought to a common form.

    Attributes:
        count: Images.
        smallest: The smallest (height, width) among those that were resized.
        largest: The largest.
        kinds: Images that needed each conversion.
    """

    count: int = 0
    smallest: tuple[int, int] | None = None
    largest: tuple[int, int] | None = None
    kinds: Counter[str] = field(default_factory=Counter)

    def add(self, header: Header | None, size: tuple[int, int], channels: int) -> None:
        """Counts one image; None is one that had the form already."""
        self.count += 1
        if header is None:
            return
        self.kinds.update(header.kinds)
        if header.grey and channels == 3:
            self.kinds["grey"] += 1
        if not header.grey and channels == 1:
            self.kinds["colour"] += 1
        if header.size != size:
            self.kinds["resized"] += 1
            self.smallest = min(self.smallest or header.size, header.size, key=_area)
            self.largest = max(self.largest or header.size, header.size, key=_area)

    def in_words(
        self, size: tuple[int, int], reason: str = "the most common size"
    ) -> Iterator[str]:
        """Says how many images were brought to the common (height, width), how, and why."""
        height, width = size
        if self.smallest and self.largest:
            (least_h, least_w), (most_h, most_w) = self.smallest, self.largest
            yield (
                f"{self.kinds['resized']:,} of {self.count:,} images were resized to "
                f"{width}x{height} pixels, {reason}; theirs ran from "
                f"{least_w}x{least_h} to {most_w}x{most_h}"
            )
        for kind, done in (
            ("transparent", "have transparency and were laid over white"),
            ("deep", "have 16 bits or more a pixel and were scaled to 8"),
            ("coded", "have a palette or another colour space and were converted to RGB"),
            ("grey", "are grey and were expanded to RGB, like the others"),
            ("colour", "are coloured and were made grey"),
        ):
            if self.kinds[kind]:
                yield f"{self.kinds[kind]:,} of {self.count:,} images {done}"


def conversions(headers: Sequence[Header], size: tuple[int, int], channels: int) -> Iterator[str]:
    """Says how images were brought to the common (height, width) and channels."""
    tally = Tally()
    for header in headers:
        tally.add(header, size, channels)
    return tally.in_words(size)


def omissions(skipped: Sequence[Skipped], count: int) -> Iterator[str]:
    """Names the first of the images that were left out, and counts the rest."""
    if skipped:
        first = "; ".join(f"{one.source} ({one.reason})" for one in skipped[:NAMED])
        more = len(skipped) - NAMED
        rest = f"; and {more:,} more, see .skipped or describe --json" if more > 0 else ""
        yield f"{len(skipped):,} of {count:,} images were skipped: {first}{rest}"


def _area(size: tuple[int, int]) -> tuple[int, tuple[int, int]]:
    return size[0] * size[1], size
