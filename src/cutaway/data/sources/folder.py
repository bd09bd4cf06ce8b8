"""A folder of image files: a sub-folder a class, or none; perhaps within train/ and test/."""

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path

import numpy as np

from cutaway.data.decode import Encoded, decode
from cutaway.data.image_set import Skipped
from cutaway.data.images import Images
from cutaway.data.picture import EncodedFile
from cutaway.data.remarks import NAMED
from cutaway.data.shards import Shards
from cutaway.data.sources.folder_shards import (
    FolderShards,
    image_files,
    is_hidden,
    is_image,
    printable,
)
from cutaway.data.sources.source import ALIASES, choose_split


class ImageFolder:
    """Image files below a folder.

    Sub-folders that hold images are classes, in sorted order; where all of them are called "train",
    "test", "val" and the like they are splits. Hidden files and folders are passed over, links to
    folders are followed on the levels of splits and classes only.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.name = printable(folder.resolve().name or str(folder))

    def splits(self) -> tuple[str, ...]:
        """Names of the parts, train first."""
        return tuple(
            name for name in ("train", "validation", "test") if name in self._split_folders
        )

    def prepare(self) -> None:
        """Nothing to do: the files are here."""

    def load(self, split: str | None, limit: int | None) -> Images:
        """Decodes the images of a split; `limit` is spread evenly over the classes."""
        part = choose_split(split, self.splits(), self.name)
        root = self._folder if part is None else self._split_folders[part]
        names = self._class_names
        loose = images_directly_in(root)
        if not names:
            return self._decode(part, loose[:limit], None, ())
        folders = class_folders(root)
        files = spread(
            [images_below(folders[name]) if name in folders else [] for name in names], limit
        )
        labels = np.repeat(np.arange(len(names)), [len(each) for each in files])
        outside = tuple(
            Skipped(self._relative(file), "outside the class folders") for file in loose
        )
        encoded = [file for each in files for file in each]
        return self._decode(part, encoded, (labels, tuple(map(printable, names))), outside)

    def shards(self, split: str | None) -> Shards:
        """The images of a split as runs of a class's files."""
        part = choose_split(split, self.splits(), self.name)
        root = self._folder if part is None else self._split_folders[part]
        names = self._class_names
        if not names:
            return FolderShards(self.name, part, self._folder, [(root, None)], None, nested=False)
        present = class_folders(root)
        folders = [(present[name], at) for at, name in enumerate(names) if name in present]
        classes = tuple(map(printable, names))
        return FolderShards(
            self.name, part, self._folder, folders, classes, loose=root, remarks=self._remarks(part)
        )

    def _remarks(self, part: str | None) -> tuple[str, ...]:
        """Names the sub-folders that were left out, since they hold no image in any split."""
        root = self._folder if part is None else self._split_folders[part]
        empty = [name for name in sub_folders(root) if name not in self._class_names]
        if not empty or not self._class_names:
            return ()
        count = f"{len(empty):,} sub-folder{'s hold' if len(empty) > 1 else ' holds'} no image"
        kinds = "are no classes" if len(empty) > 1 else "is no class"
        named = ", ".join(repr(printable(name)) for name in empty[:NAMED])
        return (f"{count} and {kinds}: {named}{', ...' if len(empty) > NAMED else ''}",)

    def _decode(
        self,
        part: str | None,
        files: Sequence[Path],
        classes: tuple[np.ndarray, tuple[str, ...]] | None,
        outside: tuple[Skipped, ...],
    ) -> Images:
        def opener(at: int) -> EncodedFile:
            return files[at].open("rb")

        encoded = Encoded(
            sources=tuple(self._relative(file) for file in files),
            open=opener,
            labels=None if classes is None else classes[0],
            class_names=None if classes is None else classes[1],
            skipped=outside,
            remarks=self._remarks(part),
        )
        return decode(encoded, self.name, part)

    @cached_property
    def _split_folders(self) -> dict[str, Path]:
        folders = {
            name: path for name, path in sub_folders(self._folder).items() if holds_images(path)
        }
        if images_directly_in(self._folder) or not all(name.lower() in ALIASES for name in folders):
            return {}
        return {ALIASES[name.lower()]: path for name, path in folders.items()}

    @cached_property
    def _class_names(self) -> list[str]:
        # A class that is missing in one split must not shift the numbers of the others.
        return sorted({name for each in self._roots for name in class_folders(each)})

    @property
    def _roots(self) -> list[Path]:
        return list(self._split_folders.values()) or [self._folder]

    def _relative(self, file: Path) -> str:
        return printable(file.relative_to(self._folder).as_posix())


def spread(files: Sequence[Sequence[Path]], limit: int | None) -> list[Sequence[Path]]:
    """The first files of each class, together `limit`, as evenly over the classes as they allow.

    Example:
        >>> a, b = Path("a"), Path("b")
        >>> [len(each) for each in spread([[a, a, a, a], [b]], limit=3)]
        [2, 1]
    """
    if limit is None or limit >= sum(map(len, files)):
        return list(files)
    turns = sorted((turn, at) for at, each in enumerate(files) for turn in range(len(each)))
    taken = np.bincount([at for _, at in turns[:limit]], minlength=len(files))
    return [each[:count] for each, count in zip(files, taken, strict=True)]


def class_folders(folder: Path) -> dict[str, Path]:
    """The sub-folders that hold images, by name."""
    return {name: path for name, path in sub_folders(folder).items() if holds_images(path)}


def sub_folders(folder: Path) -> dict[str, Path]:
    """The sub-folders that are not hidden, by name, sorted."""
    return {
        path.name: path
        for path in sorted(folder.iterdir())
        if path.is_dir() and not is_hidden(path.name)
    }


def images_directly_in(folder: Path) -> list[Path]:
    """Image files in a folder itself, sorted."""
    return sorted(path for path in folder.iterdir() if is_image(path.name) and path.is_file())


def images_below(folder: Path) -> list[Path]:
    """Image files in a folder and below it, sorted."""
    return sorted(map(Path, image_files(folder, nested=True)))


def holds_images(folder: Path) -> bool:
    """Whether an image file lies in a folder or below it."""
    return any(True for _ in image_files(folder, nested=True))
