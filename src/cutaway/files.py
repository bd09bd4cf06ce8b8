"""Writing files and folders so that a reader sees the old one or the new one, never a half."""

import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

from cutaway.errors import InputError

_LONGEST_NAME = 200


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
        yield temporary
        _sync(temporary)
        temporary.chmod(0o644)
        temporary.replace(target)
        _sync(target.parent)
    finally:
        temporary.unlink(missing_ok=True)


@contextmanager
def atomic_folder(path: str | os.PathLike[str], *, overwrite: bool = False) -> Iterator[Path]:
    """Yields a temporary folder beside `path`; on success it is synced and renamed to `path`.

    Raises:
        InputError: `path` exists and `overwrite` is false, or its parent cannot be written.
    """
    target = Path(path)
    if target.exists() and not overwrite:
        raise InputError(
            f"{str(target)!r} exists already; expected a path to create. "
            "Choose another, remove it, or ask to overwrite it"
        )
    require_writable_folder(target.parent)
    temporary = Path(tempfile.mkdtemp(dir=target.parent, prefix=f".{target.name}."))
    try:
        yield temporary
        sync_tree(temporary)
        temporary.chmod(0o755)
        _swap(temporary, target)
        _sync(target.parent)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


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


def _swap(temporary: Path, target: Path) -> None:
    if not target.exists():
        temporary.rename(target)
        return
    retired = Path(tempfile.mkdtemp(dir=target.parent, prefix=f".{target.name}.old."))
    target.rename(retired / "old")
    temporary.rename(target)
    shutil.rmtree(retired)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
