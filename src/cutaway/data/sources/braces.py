"""Names of many shards in one: "train-{000..009}.tar", "{a,b}.tar"."""

import re

from cutaway.errors import InputError

MOST_NAMES = 1_000_000
_BRACES = re.compile(r"\{([^{}]*)\}")
_RANGE = re.compile(r"(\d+)\.\.(\d+)")


def expand_braces(pattern: str) -> list[str]:
    """All names that a pattern with braces stands for, in order; numbers keep their zeros.

    Raises:
        InputError: A brace holds neither a range nor a list, or there would be over a million.

    Example:
        >>> expand_braces("train-{08..10}.tar")
        ['train-08.tar', 'train-09.tar', 'train-10.tar']
        >>> expand_braces("{a,b}-{0..1}.tar")
        ['a-0.tar', 'a-1.tar', 'b-0.tar', 'b-1.tar']
    """
    pieces = _BRACES.split(pattern)
    names = [pieces[0]]
    for inside, after in zip(pieces[1::2], pieces[2::2], strict=True):
        values = _values(inside, pattern)
        if len(names) * len(values) > MOST_NAMES:
            raise InputError(f"{pattern!r} stands for over {MOST_NAMES:,} names; expected fewer")
        names = [name + value + after for name in names for value in values]
    return names


def _values(inside: str, pattern: str) -> list[str]:
    numbers = _RANGE.fullmatch(inside)
    if numbers:
        first, last = numbers.groups()
        if not 0 <= int(last) - int(first) < MOST_NAMES:
            raise InputError(
                f"{pattern!r} counts from {first} to {last}; expected an ascending range of up to "
                f"{MOST_NAMES:,}"
            )
        width = len(first) if first.startswith("0") else 0
        return [str(number).zfill(width) for number in range(int(first), int(last) + 1)]
    if "," not in inside:
        raise InputError(
            f"{pattern!r} holds {{{inside}}}; expected a range such as {{000..009}} or a list such "
            "as {a,b}"
        )
    return inside.split(",")
