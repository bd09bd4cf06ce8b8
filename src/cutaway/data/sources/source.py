"""What every kind of source can do, and how a split's name is understood."""

import difflib
import re
from collections.abc import Mapping, Sequence
from pathlib import PurePath
from typing import Protocol, runtime_checkable

from cutaway.data.images import Images
from cutaway.data.shards import Shards
from cutaway.errors import InputError

ALIASES = {
    "train": "train",
    "training": "train",
    "validation": "validation",
    "valid": "validation",
    "val": "validation",
    "dev": "validation",
    "test": "test",
    "testing": "test",
}

_SPLIT = re.compile(rf"(?:^|[-_.])({'|'.join(sorted(ALIASES, reverse=True))})(?:[-_.]|$)")


@runtime_checkable
class Source(Protocol):
    """A place that images come from."""

    @property
    def name(self) -> str:
        """What the set is called."""

    def splits(self) -> tuple[str, ...]:
        """Names of the parts that it is published in; empty where it is one whole."""

    def prepare(self) -> None:
        """Brings the data onto this machine, where it is not there yet."""

    def load(self, split: str | None, limit: int | None) -> Images:
        """Reads one part, or at most `limit` images of it."""

    def shards(self, split: str | None) -> Shards:
        """One part, to be read piece by piece."""


def choose_split(wanted: str | None, splits: Sequence[str], name: str) -> str | None:
    """The part of `splits` that is meant; "val" means "validation" and so on.

    Args:
        wanted: The name asked for; None means "train", or the only one there is.
        splits: The names there are.
        name: The set's name, for the error.

    Raises:
        InputError: There is no such part, or it is not clear which is meant.

    Example:
        >>> choose_split("val", ("train", "validation"), "pets")
        'validation'
    """
    if not splits:
        if wanted is None:
            return None
        raise InputError(
            f"split={wanted!r}: {name!r} is one whole and has no splits; leave split out"
        )
    if wanted is None:
        if "train" in splits or len(splits) == 1:
            return "train" if "train" in splits else splits[0]
        raise InputError(f"{name!r} has the splits {list(splits)}; choose one by split=")
    for candidate in (wanted, ALIASES.get(wanted.lower())):
        if candidate in splits:
            return candidate
    close = difflib.get_close_matches(wanted, splits, 1)
    hint = f"; did you mean {close[0]!r}?" if close else ""
    raise InputError(f"split={wanted!r} is not in {name!r}; its splits are {list(splits)}{hint}")


def split_of(file: PurePath) -> str | None:
    """The part that a file belongs to by its own name, or else by a folder's in its path.

    Example:
        >>> split_of(PurePath("train-00000-of-00001.parquet")), split_of(PurePath("val/a.tar"))
        ('train', 'validation')
    """
    found = _SPLIT.search(file.stem.lower())
    if found:
        return ALIASES[found.group(1)]
    named = (ALIASES.get(part.lower()) for part in reversed(file.parts[:-1]))
    return next((split for split in named if split is not None), None)


def by_split(files: Mapping[str, str | None]) -> dict[str, list[str]]:
    """Names by the part they belong to, train first; those of no part are left out."""
    return {
        part: found
        for part in ("train", "validation", "test")
        if (found := [name for name, of in files.items() if of == part])
    }
