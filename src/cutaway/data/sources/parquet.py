"""Parquet files on this machine, in the layout of a Hugging Face data set.

They are read by pyarrow and not by `datasets.load_dataset`, which copies the whole set into a cache
in the user's home folder before the first image can be seen, even where 100 images are asked for.
What `datasets` knows of the columns (class names) stands in the files' schema and is kept.
"""

import json
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from cutaway.data.decode import decode
from cutaway.data.images import Images
from cutaway.data.sources.source import ALIASES, choose_split
from cutaway.data.table import encoded_images, find_columns
from cutaway.errors import InputError

_SPLIT = re.compile(rf"(?:^|[-_.])({'|'.join(sorted(ALIASES, reverse=True))})(?:[-_.]|$)")


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
        part = choose_split(split, self.splits(), self.name)
        files = self._files if part is None else self._files_of[part]
        with _readable(files[0]):
            schema = pq.read_schema(files[0])
        columns = find_columns(schema, _features(schema), self.name)
        table = _read(files, columns.names, limit)
        text = columns.label if columns.label_is_text else None
        every_label = None if text is None else self._every_label(text)
        where = self.name if part is None else f"{self.name}/{part}"
        encoded = encoded_images(table, columns, where, every_label=every_label)
        return decode(encoded, self.name, part)

    @cached_property
    def _files_of(self) -> dict[str, list[Path]]:
        parts: dict[str, list[Path]] = {}
        for file in self._files:
            part = _split_of(file.relative_to(self._root))
            if part is not None:
                parts.setdefault(part, []).append(file)
        return {name: parts[name] for name in ("train", "validation", "test") if name in parts}

    def _every_label(self, label: str) -> pa.ChunkedArray:
        """The text labels of all splits, so that each split numbers the classes alike."""
        return _read(self._files, [label], None).column(0)


@contextmanager
def _readable(file: Path) -> Iterator[None]:
    try:
        yield
    except (pa.ArrowException, OSError) as error:
        raise InputError(
            f"{str(file)!r} cannot be read as parquet ({error}); it may be cut off or of another "
            "format. Copy or write it again"
        ) from error


def _read(files: Sequence[Path], columns: Sequence[str], limit: int | None) -> pa.Table:
    """The first `limit` rows of the columns; no more row groups are read than that takes."""
    tables: list[pa.Table] = []
    rows = 0
    for file in files:
        with _readable(file), pq.ParquetFile(file) as parquet:
            missing = set(columns) - set(parquet.schema_arrow.names)
            if missing:
                raise InputError(
                    f"{str(file)!r} has no column {sorted(missing)}, as {str(files[0])!r} has; "
                    "expected the same columns in all files of a set"
                )
            for group in range(parquet.num_row_groups):
                if limit is not None and rows >= limit:
                    break
                tables.append(parquet.read_row_group(group, columns=list(columns)))
                rows += tables[-1].num_rows
    if rows == 0:
        raise InputError(f"{str(files[0])!r} holds no rows; expected at least one image")
    with _readable(files[0]):
        return pa.concat_tables(tables, promote_options="permissive").slice(0, limit)


def _features(schema: pa.Schema) -> dict[str, Any]:
    try:
        features = json.loads((schema.metadata or {})[b"huggingface"])["info"]["features"]
    except (KeyError, TypeError, ValueError):
        return {}
    return features if isinstance(features, dict) else {}


def _split_of(file: Path) -> str | None:
    found = _SPLIT.search(file.stem.lower())
    if found:
        return ALIASES[found.group(1)]
    named = (ALIASES.get(part.lower()) for part in reversed(file.parts[:-1]))
    return next((split for split in named if split is not None), None)
