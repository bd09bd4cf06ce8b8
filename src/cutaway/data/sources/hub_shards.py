"""A data set of the hub as a stream: nothing of it is stored."""

from collections.abc import Iterator
from typing import Any

from PIL import Image

from cutaway.data.image_set import Skipped
from cutaway.data.shards import BrokenShardError, Entry, Mark, Record
from cutaway.data.table import Columns


class HubShards:
    """The shards of a `datasets.IterableDataset`, read by that library.

    Args:
        name: The set's name.
        split: Its part.
        rows: The data set, its images not decoded.
        columns: Which column is what.
        home: Where the set's own files lie. Images may be stored as a path only there, since a
            stranger's table could name any file of the reader's.
    """

    lanes = 4
    seeks = False

    def __init__(self, name: str, split: str, rows: Any, columns: Columns, home: str) -> None:
        self.name = name
        self.split: str | None = split
        self.class_names = columns.class_names
        self.remarks = columns.remarks
        self._rows = rows
        self._columns = columns
        self._home = home

    def titles(self) -> tuple[str, ...]:
        """The shards by number."""
        return tuple(f"{self.name}/{self.split}/{at}" for at in range(self._rows.num_shards))

    def read(self, shard: int, start: Mark) -> Iterator[Entry]:
        """The rows of a shard; those before `start` are read and passed over."""
        rows = self._rows.shard(self._rows.num_shards, shard)
        if start.record:
            rows = rows.skip(start.record)
        title = f"{self.name}/{self.split}/{shard}"
        try:
            for at, row in enumerate(rows, start.record):
                yield self._entry(row, f"{title}/{at}"), Mark(at + 1)
        except Exception as error:
            # The library, its client and the network each raise errors of their own.
            raise BrokenShardError(f"{type(error).__name__}: {error}") from error

    def _entry(self, row: dict[str, Any], source: str) -> Record | Skipped:
        value = row[self._columns.image]
        label = None if self._columns.label is None else row[self._columns.label]
        label = None if label == -1 else label
        if isinstance(value, Image.Image):
            # Folders of images are decoded by the library, whatever it is asked for.
            return Record(source, value, label)
        data = value.get("bytes") if isinstance(value, dict) else value
        path = value.get("path") if isinstance(value, dict) else None
        if data is None and path is not None and self._is_own(path):
            data = _read(path)
        if not isinstance(data, bytes):
            return Skipped(source, "damaged: the table holds no bytes for this image")
        return Record(path or source, data, label)

    def _is_own(self, path: str) -> bool:
        return path.rpartition("::")[2].startswith((f"{self._home}@", f"{self._home}/"))


def _read(path: str) -> bytes:
    from datasets.utils.file_utils import xopen

    with xopen(path, "rb") as file:
        return bytes(file.read())
