"""The files in a tar archive, read from front to back and never written anywhere.

Only plain files count; links, devices and folders are passed over. Headers are decoded by the
standard library's `TarInfo.frombuf`; its `TarFile` is not used, since it reads extended headers
of any size into memory, and cannot begin in the middle of an archive.
"""

import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

BLOCK = 512
MOST_HEADER_BYTES = 1 << 20
MOST_MEMBER_BYTES = 1 << 28
_EXTENDED = {tarfile.XHDTYPE, tarfile.SOLARIS_XHDTYPE, tarfile.XGLTYPE}
_LONG_NAMES = {tarfile.GNUTYPE_LONGNAME, tarfile.GNUTYPE_LONGLINK}


@runtime_checkable
class Sequential(Protocol):
    """Something that is read from front to back."""

    def read(self, size: int) -> bytes:
        """The next `size` bytes, fewer at the end."""

    def skip(self, size: int) -> bool:
        """Goes on by `size` bytes; False where it ends before."""


class TarError(Exception):
    """The archive is damaged or cut off; the message says how."""


@dataclass(frozen=True)
class Member:
    """A plain file in an archive.

    Attributes:
        name: As the archive gives it; it is no path of this machine.
        data: Its bytes, or None where it is too large or was not wanted.
        size: How many it has.
        start: Where its headers begin, in bytes from the archive's begin.
        end: Where the next member begins.
    """

    name: str
    data: bytes | None
    size: int
    start: int
    end: int


def read_members(
    file: Sequential, offset: int = 0, wanted: tuple[str, ...] = ("",)
) -> Iterator[Member]:
    """The plain files from `offset` on, where a member begins.

    Args:
        file: The archive, standing at `offset`.
        offset: Where it stands.
        wanted: Endings of names (in lower case) whose bytes are read; others are skipped.

    Raises:
        TarError: The archive is damaged, or ends within a member.
    """
    start, name, size = offset, None, None
    while True:
        info = _header(file)
        if info is None:
            return
        offset += BLOCK
        length = info.size if size is None or info.type in _EXTENDED | _LONG_NAMES else size
        padded = -(-length // BLOCK) * BLOCK
        if info.type in _EXTENDED | _LONG_NAMES:
            body = _extension(file, length, padded)
            if info.type in _LONG_NAMES:
                name = body.rstrip(b"\0").decode("utf-8", "replace") if _is_name(info) else name
            elif info.type != tarfile.XGLTYPE:
                name, size = _pax(body, name, size)
            offset += padded
            continue
        data = None
        called = name or info.name
        if info.isreg() and length <= MOST_MEMBER_BYTES and called.lower().endswith(wanted):
            data = file.read(length)
            _require(len(data) == length and file.skip(padded - length))
        elif info.isreg():
            _require(file.skip(padded))
        else:
            padded = 0
        offset += padded
        if info.isreg():
            yield Member(called, data, length, start, offset)
        start, name, size = offset, None, None


def _header(file: Sequential) -> tarfile.TarInfo | None:
    """The next header; None at the archive's end."""
    block = file.read(BLOCK)
    if not block:
        raise TarError("cut off: the archive has no end mark")
    _require(len(block) == BLOCK)
    try:
        info = tarfile.TarInfo.frombuf(block, "utf-8", "replace")
    except tarfile.HeaderError as error:
        if not block.strip(b"\0"):
            return None
        raise TarError(f"damaged: {error}") from error
    if info.size < 0:
        raise TarError(f"damaged: a member of {info.size} bytes")
    if info.type == tarfile.GNUTYPE_SPARSE:
        raise TarError("it holds a sparse file, which is not read; write it with plain ones")
    return info


def _extension(file: Sequential, length: int, padded: int) -> bytes:
    if length > MOST_HEADER_BYTES:
        raise TarError(f"damaged: an extended header of {length:,} bytes")
    body = file.read(length)
    _require(len(body) == length and file.skip(padded - length))
    return body


def _pax(body: bytes, name: str | None, size: int | None) -> tuple[str | None, int | None]:
    """Name and size from an extended header's records, LENGTH KEY=VALUE and an end of line each."""
    while body:
        digits, _, _ = body[:20].partition(b" ")
        if not digits.isdigit() or not len(digits) < int(digits) <= len(body):
            raise TarError("damaged: an extended header that is no list of records")
        record, body = body[len(digits) + 1 : int(digits) - 1], body[int(digits) :]
        key, _, value = record.partition(b"=")
        if key == b"path":
            name = value.decode("utf-8", "replace")
        elif key == b"size":
            if not value.isdigit() or len(value) > 15:
                raise TarError("damaged: a size that is no number")
            size = int(value)
    return name, size


def _is_name(info: tarfile.TarInfo) -> bool:
    return info.type == tarfile.GNUTYPE_LONGNAME


def _require(whole: bool) -> None:
    if not whole:
        raise TarError("cut off in the middle of a member")
