"""What was decided on decoding, in words."""

from collections.abc import Iterator, Sequence

from cutaway.data.images import Skipped
from cutaway.data.picture import Header

NAMED = 3


def conversions(headers: Sequence[Header], size: tuple[int, int], channels: int) -> Iterator[str]:
    """Says how images were brought to the common (height, width) and channels."""
    count, (height, width) = len(headers), size
    resized = [header.size for header in headers if header.size != size]
    if resized:
        ordered = sorted(resized, key=lambda size: (size[0] * size[1], size))
        (least_h, least_w), (most_h, most_w) = ordered[0], ordered[-1]
        yield (
            f"{len(resized):,} of {count:,} images were resized to {width}x{height} pixels, the "
            f"most common size; theirs ran from {least_w}x{least_h} to {most_w}x{most_h}"
        )
    for kind, done in (
        ("transparent", "have transparency and were laid over white"),
        ("deep", "have 16 bits or more a pixel and were scaled to 8"),
        ("coded", "have a palette or another colour space and were converted to RGB"),
    ):
        concerned = sum(kind in header.kinds for header in headers)
        if concerned:
            yield f"{concerned:,} of {count:,} images {done}"
    grey = sum(header.grey for header in headers)
    if channels == 3 and grey:
        yield f"{grey:,} of {count:,} images are grey and were expanded to RGB, like the others"


def omissions(skipped: tuple[Skipped, ...], count: int) -> Iterator[str]:
    """Names the first of the images that were left out, and counts the rest."""
    if skipped:
        first = "; ".join(f"{one.source} ({one.reason})" for one in skipped[:NAMED])
        more = len(skipped) - NAMED
        rest = f"; and {more:,} more, see .skipped" if more > 0 else ""
        yield f"{len(skipped):,} of {count:,} images were skipped: {first}{rest}"
