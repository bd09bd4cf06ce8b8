"""Row groups of parquet files as a stream."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from cutaway.data.image_set import Skipped
from cutaway.data.shards import BrokenShardError, Entry, Mark, Record
from cutaway.data.table import Columns

ROWS = 64
_BUFFER = 1 << 20


@dataclass(frozen=True)
class RowGroup:
    """Some rows of a file; the group is None where the file cannot be read at all."""

    file: Path
    group: int | None
    first_row: int
    reason: str = ""


class ParquetShards:
    """The row groups of parquet files, a few rows in memory at a time.

    Args:
        name: The set's name.
        split: Its part, or None.
        root: What the files' names are relative to.
        groups: The row groups, in order.
        columns: Which column is what.
        class_names: The classes, or None.
    """

    lanes = 8
    seeks = False

    def __init__(
        self,
        name: str,
        split: str | None,
        root: Path,
        groups: Sequence[RowGroup],
        columns: Columns,
        class_names: tuple[str, ...] | None,
    ) -> None:
        self.name = name
        self.split = split
        self.class_names = class_names
        self.remarks = columns.remarks
        self._root = root
        self._groups = groups
        self._columns = columns
        self._where = name if split is None else f"{name}/{split}"

    def titles(self) -> tuple[str, ...]:
        """The row groups, by file and number."""
        return tuple(
            f"{one.file.relative_to(self._root).as_posix()}#{one.group}" for one in self._groups
        )

    def read(self, shard: int, start: Mark) -> Iterator[Entry]:
        """The rows of a group."""
        one = self._groups[shard]
        if one.group is None:
            raise BrokenShardError(one.reason)
        row = 0
        try:
            with pq.ParquetFile(one.file, buffer_size=_BUFFER) as parquet:
                batches = parquet.iter_batches(ROWS, [one.group], self._columns.names)
                for batch in batches:
                    begin = min(max(start.record - row, 0), len(batch))
                    for at, record in enumerate(
                        self._records(batch.slice(begin), one, row + begin)
                    ):
                        yield record, Mark(row + begin + at + 1)
                    row += len(batch)
        except (pa.ArrowException, OSError) as error:
            raise BrokenShardError(f"cannot be read as parquet ({error})") from error

    def _records(
        self, batch: pa.RecordBatch, group: RowGroup, row: int
    ) -> Iterator[Record | Skipped]:
        labels = [None] * len(batch)
        if self._columns.label is not None:
            labels = batch.column(self._columns.label).to_pylist()
        for at, (value, label) in enumerate(
            zip(batch.column(self._columns.image).to_pylist(), labels, strict=True)
        ):
            data, path = _parts(value)
            source = path or f"{self._where}/{group.first_row + row + at}"
            if data is None:
                yield Skipped(source, "damaged: the table holds no bytes for this image")
            else:
                yield Record(source, data, None if label == -1 else label)


def _parts(value: Any) -> tuple[bytes | None, str | None]:
    if isinstance(value, dict):
        return value.get("bytes"), value.get("path")
    return value, None


def row_groups(files: Sequence[Path]) -> list[RowGroup]:
    """The row groups of files, numbered through; a file that cannot be read counts as one."""
    groups: list[RowGroup] = []
    row = 0
    for file in files:
        try:
            metadata = pq.read_metadata(file)
        except (pa.ArrowException, OSError) as error:
            groups.append(RowGroup(file, None, row, f"cannot be read as parquet ({error})"))
            continue
        for group in range(metadata.num_row_groups):
            groups.append(RowGroup(file, group, row))
            row += metadata.row_group(group).num_rows
    return groups
