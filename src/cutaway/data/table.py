"""Tables of encoded images: which column holds them, which their labels, and the way out."""

import io
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from cutaway.data.decode import Encoded
from cutaway.data.labels import labels_from
from cutaway.data.picture import EncodedFile
from cutaway.errors import InputError

IMAGE_NAMES = ("image", "img", "images", "picture", "bytes", "pixel_values")
LABEL_NAMES = ("label", "labels", "class", "target", "category", "fine_label", "y")


@dataclass(frozen=True)
class Columns:
    """The columns of a table that matter.

    Attributes:
        image: Name of the column with the encoded images.
        label: Name of the column with the labels, or None.
        class_names: Class names that the schema states, or None.
        label_is_text: Whether the labels are strings.
        remarks: What was decided.
    """

    image: str
    label: str | None
    class_names: tuple[str, ...] | None
    label_is_text: bool
    remarks: tuple[str, ...] = ()

    @property
    def names(self) -> list[str]:
        """The columns to read."""
        return [self.image] if self.label is None else [self.image, self.label]


def find_columns(schema: pa.Schema, features: Mapping[str, Any], name: str) -> Columns:
    """Finds the image column and the label column of a table.

    Args:
        schema: The table's Arrow schema.
        features: The columns' features as Hugging Face `datasets` writes them, or {}. They may come
            from anyone's file.
        name: The set's name, for errors.

    Raises:
        InputError: No column holds images, or several might.
    """
    image = _image_column(schema, features, name)
    named = [column for column in schema.names if _kind(features, column) == "ClassLabel"]
    known = [
        column for column in LABEL_NAMES if column in schema.names and _is_label(schema, column)
    ]
    candidates = [column for column in known if column in named] + named + known
    if not candidates:
        others = [column for column in schema.names if column != image]
        remark = (f"no column was recognized as labels among {others}",) if others else ()
        return Columns(image, None, None, label_is_text=False, remarks=remark)
    label = candidates[0]
    others = sorted(set(candidates) - {label})
    return Columns(
        image,
        label,
        _class_names(features, label),
        label_is_text=_is_text(schema.field(label).type),
        remarks=(f"labels are taken from column {label!r}, not from {others}",) if others else (),
    )


def encoded_images(
    table: pa.Table,
    columns: Columns,
    where: str,
    *,
    every_label: pa.ChunkedArray | None = None,
    files_below: Path | None = None,
) -> Encoded:
    """The images of a table, not decoded yet, with their labels.

    Args:
        table: Holds `columns.names`.
        columns: Which column is what.
        where: Names images without a path of their own: "mnist/train" gives "mnist/train/17".
        every_label: Text labels of all splits, which fix the numbers of the classes.
        files_below: Images may be stored as a path instead of bytes only within this folder; None
            allows no path, since a stranger's table could name any file of the reader's.
    """
    column = table.column(columns.image)
    paths: list[str | None] = [None] * table.num_rows
    data = column
    if pa.types.is_struct(column.type):
        data = pc.struct_field(column, "bytes")
        if "path" in [field.name for field in column.type]:
            paths = pc.struct_field(column, "path").to_pylist()
    buffers = data.cast(pa.large_binary()).combine_chunks()

    def opener(at: int) -> EncodedFile:
        if buffers[at].is_valid:
            return io.BytesIO(buffers[at].as_buffer())
        return _open_path(paths[at], files_below)

    labels, class_names = _labels(table, columns, every_label)
    return Encoded(
        sources=tuple(path or f"{where}/{row}" for row, path in enumerate(paths)),
        open=opener,
        labels=labels,
        class_names=class_names,
        remarks=columns.remarks,
    )


def _open_path(path: str | None, files_below: Path | None) -> EncodedFile:
    if path is None or files_below is None:
        raise ValueError("the table holds no bytes for this image")
    file = Path(path).resolve()
    if not file.is_relative_to(files_below.resolve()):
        raise ValueError("the table names a file outside its own folder")
    return file.open("rb")


def _labels(
    table: pa.Table, columns: Columns, every_label: pa.ChunkedArray | None
) -> tuple[np.ndarray | None, tuple[str, ...] | None]:
    if columns.label is None:
        return None, None
    column = table.column(columns.label)
    if column.null_count == len(column):
        return None, None
    if column.null_count:
        raise InputError(
            f"column {columns.label!r} has no label in {column.null_count:,} of {len(column):,} "
            "rows; expected one a row. Leave out those rows, or the column"
        )
    if columns.label_is_text:
        names = sorted(
            set((every_label if every_label is not None else column).to_pylist()) - {None}
        )
        numbers = {name: number for number, name in enumerate(names)}
        return np.array([numbers[value] for value in column.to_pylist()], np.int64), tuple(names)
    values = column.to_numpy()
    # Hidden test labels are published as -1 throughout.
    if (values == -1).all():
        return None, columns.class_names
    labels, numbered = labels_from(values, len(values))
    return labels, columns.class_names or numbered


def _image_column(schema: pa.Schema, features: Mapping[str, Any], name: str) -> str:
    declared = [column for column in schema.names if _kind(features, column) == "Image"]
    candidates = declared or [field.name for field in schema if _holds_bytes(field.type)]
    preferred = [column for column in IMAGE_NAMES if column in candidates]
    if preferred or len(candidates) == 1:
        return (preferred or candidates)[0]
    if not candidates:
        raise InputError(
            f"{name!r} has the columns {schema.names} and none holds encoded images; expected a "
            "column 'image' of bytes, or of {bytes, path} as Hugging Face datasets writes it"
        )
    raise InputError(
        f"{name!r} has images in the columns {candidates}; expected one of them to be called "
        "'image'. Rename the one that is meant"
    )


def _holds_bytes(kind: pa.DataType) -> bool:
    if pa.types.is_struct(kind):
        return any(field.name == "bytes" and _holds_bytes(field.type) for field in kind)
    return pa.types.is_binary(kind) or pa.types.is_large_binary(kind)


def _is_text(kind: pa.DataType) -> bool:
    if pa.types.is_dictionary(kind):
        kind = kind.value_type
    return pa.types.is_string(kind) or pa.types.is_large_string(kind)


def _is_label(schema: pa.Schema, column: str) -> bool:
    kind = schema.field(column).type
    return pa.types.is_integer(kind) or _is_text(kind)


def _kind(features: Mapping[str, Any], column: str) -> str | None:
    feature = features.get(column)
    return feature.get("_type") if isinstance(feature, dict) else None


def _class_names(features: Mapping[str, Any], label: str) -> tuple[str, ...] | None:
    feature = features.get(label)
    names = feature.get("names") if isinstance(feature, dict) else None
    if not isinstance(names, list) or not names or not all(isinstance(name, str) for name in names):
        return None
    return tuple(names)
