"""A folder of images as a stream: runs of a class's files, listed when they are read."""

import os
from collections.abc import Iterator, Sequence
from functools import cached_property
from pathlib import Path

from cutaway.data.image_set import Skipped
from cutaway.data.picture import SUFFIXES
from cutaway.data.shards import RUN, Entry, Mark, Record

# A folder is listed again for every run of it, so a large one has longer runs.
MOST_RUNS = 64


class FolderShards:
    """The image files of class folders, without a list of all of them in memory.

    Args:
        name: The set's name.
        split: Its part, or None.
        root: What the images' names are relative to.
        folders: Each folder whose images below it are read, with the class's number.
        class_names: The classes, or None.
        loose: Images directly in this folder are left out and named, or None.
        nested: Whether images in sub-folders of the folders count.
        remarks: What was decided so far.
    """

    lanes = 64
    seeks = False

    def __init__(
        self,
        name: str,
        split: str | None,
        root: Path,
        folders: Sequence[tuple[Path, int | None]],
        class_names: tuple[str, ...] | None,
        *,
        loose: Path | None = None,
        nested: bool = True,
        remarks: tuple[str, ...] = (),
    ) -> None:
        self.name = name
        self.split = split
        self.class_names = class_names
        self.remarks = remarks
        self._root = root
        self._folders = folders
        self._loose = loose
        self._nested = nested

    def titles(self) -> tuple[str, ...]:
        """The runs, by folder and number."""
        names = tuple(f"{self._relative(at)}#{run}" for at, run, _ in self._runs)
        return names if self._loose is None else (*names, "outside the class folders")

    def read(self, shard: int, start: Mark) -> Iterator[Entry]:
        """The images of a run, not opened yet."""
        if shard == len(self._runs):
            yield from self._outside(start)
            return
        at, run, length = self._runs[shard]
        folder, label = self._folders[at]
        files = self._files(folder)[run * length : (run + 1) * length]
        for row in range(start.record, len(files)):
            source = printable(os.path.relpath(files[row], self._root))
            yield Record(source, Path(files[row]), label), Mark(row + 1)

    @cached_property
    def _runs(self) -> list[tuple[int, int, int]]:
        """The folder, number and length of each run."""
        runs: list[tuple[int, int, int]] = []
        for at, (folder, _) in enumerate(self._folders):
            count = sum(1 for _ in image_files(folder, nested=self._nested))
            length = max(RUN, -(-count // MOST_RUNS))
            runs += [(at, run, length) for run in range(-(-count // length))]
        return runs

    def _files(self, folder: Path) -> list[str]:
        return sorted(image_files(folder, nested=self._nested))

    def _outside(self, start: Mark) -> Iterator[Entry]:
        files = sorted(image_files(self._loose or self._root, nested=False))
        for row in range(start.record, len(files)):
            source = printable(os.path.relpath(files[row], self._root))
            yield Skipped(source, "outside the class folders"), Mark(row + 1)

    def _relative(self, at: int) -> str:
        return printable(os.path.relpath(self._folders[at][0], self._root))


def image_files(folder: Path, *, nested: bool) -> Iterator[str]:
    """Paths of the image files in a folder and, where asked, below it, in no order."""
    for place, folders, names in os.walk(folder):
        yield from (os.path.join(place, name) for name in names if is_image(name))  # noqa: PTH118
        if not nested:
            return
        # What a notebook, an archiver or a version control keeps there is a copy of the images.
        folders[:] = [name for name in folders if not is_hidden(name)]


def is_hidden(name: str) -> bool:
    """Whether a folder is no part of the set: hidden, or what an archiver or Python adds.

    Example:
        >>> is_hidden(".ipynb_checkpoints"), is_hidden("__MACOSX"), is_hidden("cat")
        (True, True, False)
    """
    return name.startswith((".", "__"))


def is_image(name: str) -> bool:
    """Whether a file is called like an image and not hidden."""
    return not name.startswith(".") and Path(name).suffix.lower() in SUFFIXES


def printable(name: str) -> str:
    """A file's name as text that every file format takes: bytes that are no UTF-8 are replaced."""
    return os.fsencode(name).decode("utf-8", "replace")
