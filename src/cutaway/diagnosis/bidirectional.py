"""Names that are written from right to left, within sentences that are not."""

import re
import unicodedata

_ORDERING = re.compile("[\u202a-\u202e\u2066-\u2069]")
_FIRST_STRONG_ISOLATE, _POP = "\u2068", "\u2069"


def isolated(name: str) -> str:
    """A name for use within a sentence, whose other words it cannot put in another order.

    Marks that order writing become spaces. A name with letters that run from right to left is set
    between marks of its own, as https://www.unicode.org/reports/tr9/ recommends for plain text; any
    other name stays as it is.

    Example:
        >>> isolated("cat"), len(isolated(chr(0x5D7) + chr(0x5D5)))
        ('cat', 4)
    """
    plain = _ORDERING.sub(" ", name)
    turns = any(unicodedata.bidirectional(letter) in {"R", "AL"} for letter in plain)
    return f"{_FIRST_STRONG_ISOLATE}{plain}{_POP}" if turns else plain
