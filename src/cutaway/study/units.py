"""What the units of every layer are: copies, class detectors, kinds of filters; how many matter."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from jaxtyping import Float, Int64
from safetensors.numpy import load_file

from cutaway.activations.covariance import MOST_UNITS, UnitCovariance, unit_covariances
from cutaway.activations.receptive_field import ReceptiveField
from cutaway.diagnosis.effects import filter_effects
from cutaway.diagnosis.redundancy import (
    PER_DIRECTION,
    PER_UNIT,
    Use,
    duplicate_units,
    layer_use,
)
from cutaway.diagnosis.selectivity import selectivity_of_blocks
from cutaway.files import atomic_file
from cutaway.progress import track
from cutaway.study.arrays import read_array, row_blocks
from cutaway.study.layout import PIXELS, features_file, filters_file
from cutaway.study.plan import Plan
from cutaway.study.probe import probe_batches, probed_samples
from cutaway.study.receptive import read_fields, write_fields

_MOST_ROWS = 5_000


def describe_units(plan: Plan, folder: Path) -> None:
    """Adds to units.parquet and layers.parquet what takes more than the pass over the data.

    Units: duplicate_of, selectivity, selective_class, effect, top_places. Layers: in_use,
    directions, receptive_field; NaN and −1 where they are not known.
    """
    write_fields(plan, folder)
    fields = read_fields(folder)[1]
    probed = _covariances(plan, folder)
    filters = load_file(filters_file(folder))
    units = pd.read_parquet(folder / "units.parquet")
    layers = pd.read_parquet(folder / "layers.parquet")
    rows: list[dict[str, Any]] = []
    parts: list[pd.DataFrame] = []
    for layer in track(layers["layer"], "Comparing units"):
        if layer == PIXELS:
            rows.append({"in_use": np.nan, "directions": -1, "receptive_field": 1})
            continue
        own = units[units["layer"] == layer]
        file = features_file(folder, layer)
        covariance = _covariance(read_array(file), len(own), probed.get(layer))
        rows.append(_layer_row(covariance, fields.get(layer)))
        parts.append(_unit_rows(plan, own, file, covariance, filters.get(layer)))
        parts[-1]["top_places"] = _places(own, fields.get(layer))
    # Parts come in the order of the table, since both follow that of the layers.
    units = _with(units, pd.concat(parts, ignore_index=True))
    for name, table in (("units", units), ("layers", _with(layers, pd.DataFrame(rows)))):
        with atomic_file(folder / f"{name}.parquet") as temporary:
            table.to_parquet(temporary, index=False)


def _covariances(plan: Plan, folder: Path) -> dict[str, UnitCovariance]:
    batches = (inputs for _, inputs in probe_batches(plan, folder, probed_samples(plan)))
    return unit_covariances(plan.model, batches, list(plan.layers), device=plan.device)


def _covariance(
    features: Float[np.ndarray, "samples features"], units: int, probed: UnitCovariance | None
) -> UnitCovariance | None:
    """How a layer's units vary together: of vectors over all samples, of maps where probed."""
    one_value_each = probed is not None and probed.one_value_each
    if one_value_each and features.shape[1] == units <= MOST_UNITS:
        chosen = np.linspace(0, len(features) - 1, min(len(features), _MOST_ROWS)).astype(np.int64)
        rows = np.asarray(features[np.unique(chosen)], dtype=np.float64)
        with np.errstate(invalid="ignore"):  # infinite values make no covariance, see below
            centred = rows - rows.mean(axis=0)
        probed = UnitCovariance(len(rows), centred.T @ centred / len(rows), one_value_each=True)
    if probed is None or len(probed.covariance) != units:
        return None
    return probed if np.isfinite(probed.covariance).all() else None


def _layer_row(measured: UnitCovariance | None, field: ReceptiveField | None) -> dict[str, Any]:
    side = -1 if field is None else field.side
    use = None if measured is None else layer_use(measured.covariance)
    if measured is None or use is None or not _enough(measured, use):
        return {"in_use": np.nan, "directions": -1, "receptive_field": side}
    return {"in_use": use.in_use, "directions": use.directions, "receptive_field": side}


def _enough(measured: UnitCovariance, use: Use) -> bool:
    """Whether so many observations could have shown more directions than there are."""
    if measured.observations >= PER_UNIT * len(measured.covariance):
        return True
    return measured.observations >= PER_DIRECTION * use.directions


def _unit_rows(
    plan: Plan,
    own: pd.DataFrame,
    file: Path,
    measured: UnitCovariance | None,
    weights: Float[np.ndarray, "filters channels height width"] | None,
) -> pd.DataFrame:
    count = len(own)
    known = measured is not None and measured.observations >= PER_UNIT * count
    copies = np.full(count, -1, dtype=np.int64)
    if measured is not None and known:
        copies = duplicate_units(measured.covariance, weights)
    index, preferred = _selectivity(plan, file, count)
    return pd.DataFrame(
        {
            "duplicate_of": copies,
            "selectivity": index,
            "selective_class": preferred,
            "effect": [""] * count if weights is None else filter_effects(weights),
        }
    )


def _selectivity(
    plan: Plan, file: Path, count: int
) -> tuple[Float[np.ndarray, " units"], Int64[np.ndarray, " units"]]:
    if plan.labels is None or read_array(file).shape[1] % count:
        return np.zeros(count), np.full(count, -1, dtype=np.int64)
    responses = (_response(block, count) for block in row_blocks(file))
    return selectivity_of_blocks(responses, plan.labels)


def _response(block: Float[np.ndarray, "_ features"], count: int) -> Float[np.ndarray, "_ units"]:
    """The mean over each unit's cells."""
    # A cell below 0 must not take from another one above.
    return block.reshape(len(block), count, -1).clip(min=0).mean(axis=2)


def _places(own: pd.DataFrame, field: ReceptiveField | None) -> list[list[int]]:
    """For each unit the boxes of its top samples one after the other, in pixels of the input."""
    if field is None:
        return [[] for _ in range(len(own))]
    return [
        [side for position in positions for side in field.box(max(int(position), 0))]
        for positions in own["top_positions"]
    ]


def _with(table: pd.DataFrame, columns: pd.DataFrame) -> pd.DataFrame:
    """The table with columns added, or put anew where an interrupted stage had added them."""
    kept = table.drop(columns=[name for name in columns if name in table])
    return pd.concat([kept.reset_index(drop=True), columns.reset_index(drop=True)], axis=1)
