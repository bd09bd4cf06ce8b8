"""Writing files and folders so that a reader sees the old one or the new one, never a half."""

import errno
import hashlib
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

from cutaway.errors import InputError

_LONGEST_NAME = 200
_ON_WINDOWS = os.name == "nt"
_FULL = {errno.ENOSPC, errno.EDQUOT}
# Some libraries pass the system's error on in words only, numpy by the numbers it could write.
_FULL_IN_WORDS = ("No space left", "requested and")


def file_name(name: str) -> str:
    """A file name for any layer name: what a file system or a URL could misread is percent-encoded.

    Example:
        >>> file_name("block1.0"), file_name("../a b")
        ('block1.0', '..%2Fa%20b')
    """
    encoded = quote(name, safe="#[]")
    if not encoded.strip("."):
        return encoded.replace(".", "%2E")
    if len(encoded) > _LONGEST_NAME:
        return encoded[: _LONGEST_NAME - 64] + hashlib.sha256(encoded.encode()).hexdigest()
    return encoded


@contextmanager
def atomic_file(path: str | os.PathLike[str]) -> Iterator[Path]:
    """Yields a temporary path beside `path`; on success it is synced and renamed onto `path`.

    On any error the temporary file is removed and what stood at `path` stays as it was.

    Raises:
        InputError: The folder does not exist or cannot be written.
    """
    target = Path(path)
    require_writable_folder(target.parent)
    handle, name = tempfile.mkstemp(
        dir=target.parent, prefix=f".{target.name}.", suffix=target.suffix
    )
    os.close(handle)
    temporary = Path(name)
    try:
        with full_disk_named(target):
            yield temporary
            _sync(temporary)
        temporary.chmod(0o644)
        temporary.replace(target)
        _sync(target.parent)
    finally:
        temporary.unlink(missing_ok=True)


@contextmanager
def full_disk_named(target: Path) -> Iterator[None]:
    """Turns the operating system's error of a full disk into one that says what to do.

    Raises:
        InputError: The disk that holds `target` became full inside the block.
    """
    try:
        yield
    except Exception as error:
        told = any(words in str(error) for words in _FULL_IN_WORDS)
        if getattr(error, "errno", None) not in _FULL and not told:
            raise
        raise InputError(
            f"the disk that holds {str(target)!r} is full; free some space or choose another "
            "place. What was half written is removed"
        ) from error


def require_writable_folder(folder: Path) -> None:
    """Raises InputError unless `folder` exists and can be written."""
    if not folder.is_dir():
        raise InputError(f"folder {str(folder)!r} does not exist; create it first")
    try:
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise InputError(
            f"folder {str(folder)!r} cannot be written ({error.strerror}); choose another place"
        ) from error


def sync_tree(folder: Path) -> None:
    """Asks the operating system to bring every file below `folder` to the disk."""
    for file in folder.rglob("*"):
        if file.is_file():
            _sync(file)


def _sync(path: Path) -> None:
    if _ON_WINDOWS and path.is_dir():
        return  # a folder cannot be opened there, and its entries need no sync
    descriptor = os.open(path, os.O_RDWR if _ON_WINDOWS else os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
