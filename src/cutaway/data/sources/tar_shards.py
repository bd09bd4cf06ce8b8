"""WebDataset shards: tar archives in which files of equal name but for the ending are a sample."""

import json
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from cutaway.data.image_set import Skipped
from cutaway.data.picture import SUFFIXES
from cutaway.data.shards import BrokenShardError, Entry, Mark, Record
from cutaway.data.sources.tar_members import Member, TarError, read_members
from cutaway.data.sources.web import SCHEMES, WebError, WebFile
from cutaway.data.table import LABEL_NAMES
from cutaway.errors import InputError

LABEL_ENDINGS = ("cls", "cls.txt", "class", "label", "label.txt")
_WANTED = (*SUFFIXES, *(f".{ending}" for ending in LABEL_ENDINGS), ".json")
_MOST_LABEL_BYTES = 1 << 20
_LONGEST_CLASS = 200


class TarShards:
    """Tar shards on this machine or on a web server, read from front to back.

    Args:
        name: The set's name.
        split: Its part, or None.
        addresses: Paths and URLs.
    """

    class_names: tuple[str, ...] | None = None
    remarks: tuple[str, ...] = ()
    seeks = True

    def __init__(self, name: str, split: str | None, addresses: Sequence[str]) -> None:
        self.name = name
        self.split = split
        self._addresses = tuple(addresses)
        self._titles = tuple(short_name(address) for address in addresses)
        # A server is asked for fewer files at once than a disk.
        self.lanes = 4 if any(address.startswith(SCHEMES) for address in addresses) else 16

    def titles(self) -> tuple[str, ...]:
        """The archives' names."""
        return self._titles

    def read(self, shard: int, start: Mark) -> Iterator[Entry]:
        """The samples of an archive; one that was cut off is broken behind its last whole file."""
        record, sample = start.record, _Sample("")
        try:
            with closing(_opened(self._addresses[shard], start.offset)) as file:
                for member in read_members(file, start.offset, _WANTED):
                    key, ending = sample_key(member.name)
                    if key != sample.key:
                        if entry := sample.entry(self._titles[shard]):
                            record += 1
                            yield entry, Mark(record, member.start)
                        sample = _Sample(key)
                    sample.add(ending, member)
            problem = None
        except (TarError, WebError) as error:
            problem = str(error)
        except OSError as error:
            problem = f"unreadable: {error.strerror or error}"
        if entry := sample.entry(self._titles[shard]):
            yield entry, Mark(record + 1, sample.end)
        if problem is not None:
            raise BrokenShardError(problem)


class _Sample:
    """The files of one name."""

    def __init__(self, key: str) -> None:
        self.key = key
        self.end = 0
        self._image: Member | None = None
        self._label: int | str | None = None
        self._labelled = False

    def add(self, ending: str, member: Member) -> None:
        self.end = member.end
        if self._image is None and f".{ending.rpartition('.')[2]}" in SUFFIXES:
            self._image = member
        elif ending in LABEL_ENDINGS or (ending == "json" and not self._labelled):
            self._label = read_label(ending, member.data)
            self._labelled = self._label is not None or self._labelled

    def entry(self, shard: str) -> Record | Skipped | None:
        if self._image is None:
            return Skipped(f"{shard}/{self.key}", "without an image") if self._labelled else None
        source = f"{shard}/{self._image.name}"
        if self._image.data is None:
            return Skipped(source, f"too large, {self._image.size:,} bytes")
        return Record(source, self._image.data, self._label)


def sample_key(name: str) -> tuple[str, str]:
    """A file's sample and its ending in lower case: all behind the name's first dot.

    Example:
        >>> sample_key("n01/0017.cls.txt")
        ('n01/0017', 'cls.txt')
    """
    folder, slash, file = name.rpartition("/")
    stem, _, ending = file.partition(".")
    return folder + slash + stem, ending.lower()


def read_label(ending: str, data: bytes | None) -> int | str | None:
    """The label in a file of a sample, or None where it holds none.

    Example:
        >>> read_label("cls", b"7"), read_label("json", b'{"label": "cat"}')
        (7, 'cat')
    """
    if data is None or len(data) > _MOST_LABEL_BYTES:
        return None
    value: Any = data.decode("utf-8", "replace").strip()
    if ending == "json":
        try:
            value = json.loads(value)
        except (ValueError, RecursionError):
            return None
        if isinstance(value, dict):
            value = next((value[name] for name in (*LABEL_NAMES, "cls") if name in value), None)
    if isinstance(value, str) and value.removeprefix("-").isdecimal() and len(value) <= 18:
        return int(value)
    if isinstance(value, str):
        return value[:_LONGEST_CLASS] or None
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def short_name(address: str) -> str:
    """The name of a shard without what stands before it, and without a URL's query.

    Example:
        >>> short_name("https://example.org/sets/train-000.tar?key=secret")
        'train-000.tar'
    """
    if address.startswith(SCHEMES):
        address = address.partition("?")[0]
    return PurePosixPath(address).name


@dataclass
class _LocalFile:
    """A file on this machine that is read from front to back."""

    file: Any

    def close(self) -> None:
        self.file.close()

    def read(self, size: int) -> bytes:
        return bytes(self.file.read(size))

    def skip(self, size: int) -> bool:
        # Seeking behind the end would not be noticed: the last byte is read.
        if size > 1:
            self.file.seek(size - 1, 1)
        return size <= 0 or len(self.file.read(1)) == 1


def _opened(address: str, offset: int) -> _LocalFile | WebFile:
    if address.startswith(SCHEMES):
        return WebFile(address, offset)
    file = Path(address).open("rb")  # noqa: SIM115 (the caller closes it)
    file.seek(offset)
    return _LocalFile(file)


def require_tar(address: str) -> None:
    """Raises InputError where a shard's name has another ending than .tar."""
    if not short_name(address).lower().endswith(".tar"):
        raise InputError(
            f"{short_name(address)!r} is no .tar file; expected plain tar shards. Unpack a "
            "compressed one by `gunzip` first"
        )
