"""The folder in which a Study grows: hidden until whole, resumable after a kill."""

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cutaway.errors import InputError
from cutaway.files import full_disk_named, require_writable_folder, sync_tree


@contextmanager
def workspace(target: Path, key: str, *, overwrite: bool) -> Iterator[Path]:
    """Yields a folder beside `target` that becomes `target` when the block ends well.

    A block that is killed or interrupted leaves the folder; the next one with the same key finds
    what was done and goes on from there, one with another key starts afresh.

    Raises:
        InputError: `target` exists and `overwrite` is false, it cannot be written, another process
            builds the same Study, or the disk is full.
    """
    require_free(target, overwrite=overwrite)
    require_writable_folder(target.parent)
    partial = target.parent / f".{target.name}.partial"
    with full_disk_named(target):
        partial.mkdir(exist_ok=True)
    with _locked(partial, target):
        _claim(partial, key)
        with _removed_on_bad_input(partial), full_disk_named(target):
            yield partial
        (partial / _KEY).unlink()
        (partial / _LOCK).unlink()
        shutil.rmtree(partial / _DONE, ignore_errors=True)
        sync_tree(partial)
        if target.exists():
            shutil.rmtree(target)
        partial.rename(target)


def require_free(target: Path, *, overwrite: bool) -> None:
    """Raises InputError if `target` exists, unless it is a Study and `overwrite` is true."""
    if not target.exists():
        return
    if not overwrite:
        raise InputError(
            f"{str(target)!r} exists already; expected a path to create. "
            "Choose another, or pass overwrite=True (--overwrite) to replace a Study"
        )
    if not (target / "study.json").is_file():
        raise InputError(
            f"{str(target)!r} is not a Study and will not be overwritten; choose another path"
        )


@contextmanager
def stage(folder: Path, name: str) -> Iterator[bool]:
    """Yields whether a stage is still due, and notes it as done when the block ends well."""
    mark = folder / _DONE / name
    if mark.exists():
        yield False
        return
    yield True
    mark.parent.mkdir(exist_ok=True)
    mark.touch()


@contextmanager
def _removed_on_bad_input(partial: Path) -> Iterator[None]:
    """Gives the space back when an error that the user must mend stops the build."""
    try:
        yield
    except InputError:
        shutil.rmtree(partial, ignore_errors=True)
        raise


_KEY, _LOCK, _DONE = "building.key", "building.lock", "done"


@contextmanager
def _locked(partial: Path, target: Path) -> Iterator[None]:
    with (partial / _LOCK).open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise InputError(
                f"another process is building {str(target)!r}; wait for it, or choose another path"
            ) from error
        yield


def _claim(partial: Path, key: str) -> None:
    """Keeps what lies in the folder if it was made for the same key, else empties it."""
    note = partial / _KEY
    if note.is_file() and note.read_text() == key:
        return
    for entry in partial.iterdir():
        if entry.name == _LOCK:
            continue
        if entry.is_dir() and not entry.is_symlink():
            shutil.rmtree(entry)
        else:
            os.unlink(entry)  # noqa: PTH108 (a link to a folder is removed, not followed)
    note.write_text(key)
