"""Names that strangers chose, made fit to be drawn: one line, not too long, nothing invisible."""

import unicodedata
from collections.abc import Sequence
from typing import Any

import numpy as np

from cutaway.errors import InputError

Number = float | int
"""A length, a share or a value; an exact checker of types takes no int for a float."""

LONGEST_NAME = 18
"""Characters of a name that a figure shows."""


def plain(text: Any) -> str:
    r"""One line of printable text; control characters, line breaks and lone surrogates are spaces.

    Example:
        >>> plain("a\nb\x00")
        'a b'
    """
    printable = "".join(" " if _unprintable(character) else character for character in str(text))
    return " ".join(printable.split())


def _unprintable(character: str) -> bool:
    noncharacter = ord(character) & 0xFFFE == 0xFFFE  # XML has no place for it
    return noncharacter or unicodedata.category(character) in {"Cc", "Cf", "Cs", "Zl", "Zp"}


def shorten(text: Any, limit: int = LONGEST_NAME) -> str:
    """Plain text of at most `limit` characters, the middle left out where it is longer.

    Names in one data set often differ at their end, so the end is kept as well.

    Example:
        >>> shorten("a very long name of a class 17", 14)
        'a very l…ss 17'
    """
    name = plain(text)
    if len(name) <= limit:
        return name
    tail = (limit - 1) * 2 // 5
    return f"{name[: limit - 1 - tail]}…{name[len(name) - tail :]}"


def number(value: Number, digits: int = 2) -> str:
    """A number to so many digits, with a true minus sign.

    Example:
        >>> number(-0.123)
        '−0.12'
    """
    return f"{value:.{digits}g}".replace("-", "−")


def ends(low: Number, high: Number) -> tuple[str, str]:
    """Two ends of a scale, to the digits that tell its length.

    Example:
        >>> ends(0.00019, 0.98), ends(-3.14, 1200.0)
        (('0', '0.98'), ('−3', '1200'))
    """
    length = high - low or abs(high) or 1.0
    digits = int(np.clip(1 - np.floor(np.log10(length)), 0, 12))
    texts = (f"{value:.{digits}f}" for value in (low, high))
    low_text, high_text = (text.rstrip("0").rstrip(".") if "." in text else text for text in texts)
    return _minus(low_text), _minus(high_text)


def _minus(text: str) -> str:
    return "0" if text in {"-0", ""} else text.replace("-", "−")


def inches(text: str, points: Number) -> float:
    """About how wide a line of text is, in inches; rather too wide than too narrow."""
    wide = sum(unicodedata.east_asian_width(character) in "WF" for character in text)
    return (0.62 * (len(text) - wide) + 1.05 * wide) * points / 72


def widest(texts: Sequence[str], points: Number) -> float:
    """The width in inches of the widest of several lines."""
    return max((inches(text, points) for text in texts), default=0.0)


def names_of(class_names: Sequence[Any] | None, classes: int) -> tuple[str, ...]:
    """A short name for each class; their numbers where there are no names.

    Raises:
        InputError: There are fewer names than classes.
    """
    if class_names is None:
        return tuple(str(index) for index in range(classes))
    names = tuple(shorten(name) or str(index) for index, name in enumerate(class_names))
    if len(names) < classes:
        raise InputError(
            f"class_names has {len(names)} names, but there are {classes} classes; "
            "expected a name for each, in the order of the label numbers"
        )
    return names
