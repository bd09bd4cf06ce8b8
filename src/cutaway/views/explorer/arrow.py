"""Tables and tensors as Arrow IPC streams that a browser reads without 64-bit integers."""

import json
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from cutaway.views.explorer.resource import ARROW, Resource

if TYPE_CHECKING:
    import pyarrow as pa

_NARROW = np.iinfo(np.int32)


def table(frame: pd.DataFrame, types: dict[str, Any] | None = None, **metadata: Any) -> Resource:
    """A table as one uncompressed stream.

    Args:
        frame: Its columns.
        types: Arrow types of columns, by name; of others, integers become int32, floats float32
            and texts utf8.
        metadata: Kept in the schema, each as JSON.
    """
    import pyarrow as pa

    columns = {
        str(name): _column(frame[name], (types or {}).get(str(name))) for name in frame.columns
    }
    return Resource(_stream(pa.table(columns), metadata), ARROW)


def tensor(values: np.ndarray, scale: tuple[float, float] | None = None) -> Resource:
    """An array of any shape as one column `values`, float32, or bytes on a scale.

    Args:
        values: Floats, or uint8 with `scale`.
        scale: What 0 and 255 stand for.
    """
    import pyarrow as pa

    metadata: dict[str, Any] = {"shape": list(values.shape)}
    kind = np.float32 if scale is None else np.uint8
    if scale is not None:
        metadata["scale"] = list(scale)
    flat = np.ascontiguousarray(values, dtype=kind).reshape(-1)
    return Resource(_stream(pa.table({"values": pa.array(flat)}), metadata), ARROW)


def bytes_on_scale(values: np.ndarray) -> tuple[np.ndarray, tuple[float, float]]:
    """Floats as bytes between their least and greatest value, a quarter of the size."""
    finite = values[np.isfinite(values)]
    low, high = (float(finite.min()), float(finite.max())) if finite.size else (0.0, 0.0)
    span = (high - low) or 1.0
    scaled = np.nan_to_num((values.astype(np.float64) - low) * (255 / span))
    return np.rint(scaled.clip(0, 255)).astype(np.uint8), (low, low + span)


def _stream(made: "pa.Table", metadata: dict[str, Any]) -> bytes:
    import pyarrow as pa

    made = made.replace_schema_metadata(
        {name: json.dumps(value, allow_nan=False) for name, value in metadata.items()}
    ).combine_chunks()
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, made.schema) as writer:
        writer.write_table(made)
    return bytes(sink.getvalue())


def _column(values: pd.Series, wanted: Any) -> "pa.Array":
    import pyarrow as pa

    if wanted is not None and not pa.types.is_dictionary(wanted):
        return pa.array(values.to_numpy()).cast(wanted)
    array = pa.array(values, from_pandas=True)
    if isinstance(array, pa.ChunkedArray):
        array = array.combine_chunks()
    if wanted is not None:
        return array.cast(wanted.value_type).dictionary_encode().cast(wanted)
    return array.cast(_plain(array))


def _plain(array: "pa.Array") -> "pa.DataType":
    """The type of an array without 64-bit integers and large offsets."""
    import pyarrow as pa

    kind = array.type
    if pa.types.is_integer(kind):
        low, high = _range(array)
        return pa.int32() if _NARROW.min <= low and high <= _NARROW.max else pa.float64()
    if pa.types.is_floating(kind):
        return pa.float32()
    if pa.types.is_list(kind) or pa.types.is_large_list(kind) or pa.types.is_fixed_size_list(kind):
        return pa.list_(_plain(array.flatten()))
    if pa.types.is_dictionary(kind):
        return pa.dictionary(pa.int32(), pa.utf8())
    return kind if pa.types.is_boolean(kind) else pa.utf8()


def _range(array: "pa.Array") -> tuple[int, int]:
    import pyarrow.compute as pc

    found = pc.min_max(array).as_py()
    return found["min"] or 0, found["max"] or 0
