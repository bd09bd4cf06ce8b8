"""Parquet files on this machine, in the layout of a Hugging Face data set.

They are read by pyarrow and not by `datasets.load_dataset`, which copies the whole set into a cache
in the user's home folder before the first image can be seen, even where 100 images are asked for.
What `datasets` knows of the columns (class names) stands in the files' schema and is kept.
"""

import json
from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from cutaway.data.decode import decode
from cutaway.data.image_set import Skipped
from cutaway.data.images import Images
from cutaway.data.shards import Shards
from cutaway.data.sources.parquet_shards import ParquetShards, row_groups
from cutaway.data.sources.source import choose_split, split_of
from cutaway.data.table import Columns, encoded_images, find_columns
from cutaway.errors import InputError


class ParquetFiles:
    """One set in parquet files.

    A file belongs to the split that its name (`train-00000-of-00001.parquet`) or a folder's name
    below the root says; where no name says any, the files are one whole.
    """

    def __init__(self, name: str, files: Sequence[Path], root: Path) -> None:
        self.name = name
        self._root = root
        self._files = sorted(files)

    def splits(self) -> tuple[str, ...]:
        """Names of the parts, train first."""
        return tuple(self._files_of)

    def prepare(self) -> None:
        """Nothing to do: the files are here."""

    def load(self, split: str | None, limit: int | None) -> Images:
        """Reads and decodes a split, or its first `limit` rows."""
        part, files, columns = self._part(split)
        table, broken = self._read(files, columns.names, limit)
        text = columns.label if columns.label_is_text else None
        every_label = None if text is None else self._every_label(text)
        where = self.name if part is None else f"{self.name}/{part}"
        encoded = encoded_images(table, columns, where, every_label=every_label)
        said = tuple(f"{one.source} broke off: {one.reason}" for one in broken)
        encoded = replace(encoded, skipped=broken, remarks=encoded.remarks + said)
        return decode(encoded, self.name, part)

    def shards(self, split: str | None) -> Shards:
        """The row groups of a split."""
        part, files, columns = self._part(split)
        names = columns.class_names
        if columns.label is not None and columns.label_is_text:
            column = self._every_label(columns.label)
            names = tuple(sorted(set(pc.unique(column).to_pylist()) - {None}))
        groups = row_groups(files)
        return ParquetShards(self.name, part, self._root, groups, columns, names)

    def _part(self, split: str | None) -> tuple[str | None, list[Path], Columns]:
        """The split that is meant, its files, and what their columns are."""
        part = choose_split(split, self.splits(), self.name)
        files = self._files if part is None else self._files_of[part]
        schema = _first_schema(files)
        return part, files, find_columns(schema, _features(schema), self.name)

    @cached_property
    def _files_of(self) -> dict[str, list[Path]]:
        parts: dict[str, list[Path]] = {}
        for file in self._files:
            part = split_of(file.relative_to(self._root))
            if part is not None:
                parts.setdefault(part, []).append(file)
        return {name: parts[name] for name in ("train", "validation", "test") if name in parts}

    def _every_label(self, label: str) -> pa.ChunkedArray:
        """The text labels of all splits, so that each split numbers the classes alike."""
        return self._read(self._files, [label], None)[0].column(0)

    def _read(
        self, files: Sequence[Path], columns: Sequence[str], limit: int | None
    ) -> tuple[pa.Table, tuple[Skipped, ...]]:
        """The first `limit` rows of the columns, and the files whose rest cannot be read.

        No more row groups are read than that takes.
        """
        tables: list[pa.Table] = []
        broken: list[Skipped] = []
        for file in files:
            wanted = None if limit is None else limit - sum(map(len, tables))
            try:
                tables += _groups(file, columns, wanted, files[0])
            except _BrokenFileError as error:
                tables += error.tables
                source = file.relative_to(self._root).as_posix()
                broken.append(Skipped(source, str(error)))
        if not any(map(len, tables)):
            if broken:
                raise _unreadable(files[0], broken[0].reason)
            raise InputError(f"{str(files[0])!r} holds no rows; expected at least one image")
        try:
            table = pa.concat_tables(tables, promote_options="permissive")
        except pa.ArrowException as error:
            raise _unreadable(files[0], str(error)) from error
        return table.slice(0, limit), tuple(broken)


class _BrokenFileError(Exception):
    """A file whose rest cannot be read, and what came before."""

    def __init__(self, reason: str, tables: list[pa.Table]) -> None:
        super().__init__(reason)
        self.tables = tables


def _groups(file: Path, columns: Sequence[str], limit: int | None, first: Path) -> list[pa.Table]:
    """The first row groups of a file, together at least `limit` rows."""
    tables: list[pa.Table] = []
    try:
        with pq.ParquetFile(file) as parquet:
            missing = set(columns) - set(parquet.schema_arrow.names)
            if missing:
                raise InputError(
                    f"{str(file)!r} has no column {sorted(missing)}, as {str(first)!r} has; "
                    "expected the same columns in all files of a set"
                )
            for group in range(parquet.num_row_groups):
                if limit is not None and sum(map(len, tables)) >= limit:
                    break
                tables.append(parquet.read_row_group(group, columns=list(columns)))
    except (pa.ArrowException, OSError) as error:
        raise _BrokenFileError(f"cannot be read as parquet ({error})", tables) from error
    return tables


def _first_schema(files: Sequence[Path]) -> pa.Schema:
    """The schema of the first file that can be read."""
    reasons: list[str] = []
    for file in files:
        try:
            return pq.read_schema(file)
        except (pa.ArrowException, OSError) as error:
            reasons.append(f"cannot be read as parquet ({error})")
    raise _unreadable(files[0], reasons[0])


def _unreadable(file: Path, reason: str) -> InputError:
    return InputError(
        f"{str(file)!r} {reason}; it may be cut off or of another format. Copy or write it again"
    )


def _features(schema: pa.Schema) -> dict[str, Any]:
    try:
        features = json.loads((schema.metadata or {})[b"huggingface"])["info"]["features"]
    except (KeyError, TypeError, ValueError):
        return {}
    return features if isinstance(features, dict) else {}
