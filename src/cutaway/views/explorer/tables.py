"""Resources that are tables."""

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from jaxtyping import Int64

from cutaway.errors import InputError
from cutaway.study import Study
from cutaway.study.arrays import read_array
from cutaway.study.layout import neighbours_file
from cutaway.study.stored import read_table
from cutaway.views.explorer import arrow
from cutaway.views.explorer.nearest import nearest_rows
from cutaway.views.explorer.resource import AbsentError, Resource

NEIGHBOURS = 8
Rows = Int64[np.ndarray, " rows"] | None
_FULL = 65535


def samples(study: Study, rows: Rows = None, without: tuple[str, ...] = ()) -> Resource:
    """Every sample's row, or some rows, without some columns."""
    import pyarrow as pa

    first = [name for name in _SAMPLES if name in study.samples]
    others = [name for name in study.samples if name not in {*_SAMPLES, *without}]
    kinds = {
        "id": pa.int32(),
        "split": pa.dictionary(pa.int8(), pa.utf8()),
        "label": pa.int16(),
        "predicted": pa.int16(),
    }
    frame = study.samples[first + others]
    return arrow.table(frame if rows is None else frame.iloc[rows], kinds)


_SAMPLES = ("id", "split", "label", "predicted", "confidence", "margin", "loss")


def units(study: Study, layer: str) -> Resource:
    """The units of a layer."""
    rows = study.units[study.units["layer"] == layer]
    if rows.empty:
        raise AbsentError(f"Nothing is known of the units of {layer}.")
    return arrow.table(rows.drop(columns="layer"))


def one_map(study: Study, layer: str, method: str, rows: Rows = None) -> Resource:
    """A map in 16 bits an axis, on one scale for both; of every sample, or of some rows."""
    try:
        places = study.map(layer, method)
    except InputError as error:
        raise AbsentError(f"There is no map of {layer} by {method}.") from error
    if rows is not None:
        places = places.iloc[rows]
    x, y = places["x"].to_numpy(np.float64), places["y"].to_numpy(np.float64)
    bounds = square_around(x, y)
    trust = np.nan_to_num(places["trust"].to_numpy(np.float64)).clip(0, 1)
    columns = {
        "x": _sixteen_bits(x, bounds[0], bounds[2]),
        "y": _sixteen_bits(y, bounds[1], bounds[3]),
        "trust": np.rint(trust * 255).astype(np.uint8),
    }
    import pyarrow as pa

    kinds = {"x": pa.uint16(), "y": pa.uint16(), "trust": pa.uint8()}
    return arrow.table(pd.DataFrame(columns), kinds, bounds=list(bounds))


def square_around(x: np.ndarray, y: np.ndarray) -> tuple[float, float, float, float]:
    """The smallest square (x0, y0, x1, y1) with the middle of the places for its middle."""
    middle = ((x.min() + x.max()) / 2, (y.min() + y.max()) / 2)
    half = max(np.ptp(x), np.ptp(y)) / 2 or 1.0
    return (
        float(middle[0] - half),
        float(middle[1] - half),
        float(middle[0] + half),
        float(middle[1] + half),
    )


def _sixteen_bits(values: np.ndarray, low: float, high: float) -> np.ndarray:
    return np.rint((values - low) * (_FULL / (high - low))).clip(0, _FULL).astype(np.uint16)


def neighbours(study: Study, sample: int) -> Resource:
    """The nearest samples of a sample by the features of every layer."""
    return neighbour_table(
        study, lambda layer: study.features(layer)[sample].astype(np.float32), sample
    )


def nearest(study: Study, layer: str) -> Resource:
    """The nearest samples of every sample at a layer that has a map, row by row with `samples`."""
    import pyarrow as pa

    file = neighbours_file(study.folder, layer)
    if not file.is_file():
        raise AbsentError(f"No neighbours are kept of {layer}: it has no map.")
    ids = read_array(file)[:, :NEIGHBOURS]
    columns = {str(rank): ids[:, rank].astype(np.int32) for rank in range(ids.shape[1])}
    return arrow.table(pd.DataFrame(columns), dict.fromkeys(columns, pa.int32()))


def neighbour_table(
    study: Study,
    row_of: Callable[[str], np.ndarray | None],
    besides: int | None = None,
    layers: Sequence[str] | None = None,
) -> Resource:
    """The nearest samples of a row of features at layers.

    Args:
        study: Whose samples.
        row_of: Gives the row at a layer, or None.
        besides: A sample to leave out.
        layers: Names of layers; None for all.
    """
    import pyarrow as pa

    found = []
    for number, layer in enumerate(study.layers["layer"]):
        if layers is not None and layer not in layers:
            continue
        try:
            row = row_of(layer)
            if row is None or not np.isfinite(row).all():
                continue
            ids, distances = nearest_rows(study.features(layer), row, NEIGHBOURS, besides)
        except InputError:
            continue
        found += [
            (number, rank, int(ids[rank]), float(distances[rank])) for rank in range(len(ids))
        ]
    if not found:
        raise AbsentError("This Study holds no features to find neighbours by.")
    frame = pd.DataFrame(found, columns=["layer", "rank", "id", "distance"])
    kinds = {"layer": pa.int16(), "rank": pa.int8(), "id": pa.int32(), "distance": pa.float32()}
    return arrow.table(frame, kinds)


def confusion(study: Study) -> Resource:
    """How often a label is taken for another, of the data without the reference."""
    import pyarrow as pa

    if not study.labelled:
        raise AbsentError("The samples carry no labels, so there is no confusion to count.")
    counts = study.studied.groupby(["label", "predicted"]).size().reset_index(name="count")
    kinds = {"label": pa.int16(), "predicted": pa.int16(), "count": pa.int32()}
    return arrow.table(counts, kinds)


def history(study: Study) -> Resource:
    """The training curves."""
    if study.history is None:
        raise AbsentError("Nothing is known of the training of this network.")
    return arrow.table(study.history)


def further(study: Study, file: Path, words: str) -> Resource:
    """A table that a deeper Study holds; columns that name layers hold their numbers instead.

    Args:
        study: Whose.
        file: Where it would be.
        words: What to tell where it is not.
    """
    import pyarrow as pa

    if not file.is_file():
        raise AbsentError(words)
    frame = read_table(file)
    numbers = {name: row for row, name in enumerate(study.layers["layer"])}
    kinds = {}
    for name in {"layer", "other"} & set(frame):
        frame = frame[frame[name].isin(list(numbers))]
        frame = frame.assign(**{name: frame[name].map(numbers).astype(np.int16)})
        kinds[name] = pa.int16()
    return arrow.table(frame, kinds)
