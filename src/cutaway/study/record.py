"""study.json: what the Study is of, with what settings, and what it found."""

import json
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from cutaway.diagnosis import find
from cutaway.diagnosis.predictions import output_form
from cutaway.files import atomic_file
from cutaway.networks import model_fingerprint
from cutaway.study.adversarial import adversarial_record
from cutaway.study.arrays import read_array
from cutaway.study.attribution import attribution_record
from cutaway.study.calibrating import calibration_record
from cutaway.study.clustering import cluster_records
from cutaway.study.description import read_description
from cutaway.study.evidence import gather_evidence
from cutaway.study.layout import SCHEMA_VERSION, map_file
from cutaway.study.mapping import chosen_maps
from cutaway.study.plan import Plan
from cutaway.study.wanted import unit_images_record

_LIBRARIES = ("cutaway", "torch", "numpy", "scikit-learn")


def write_record(plan: Plan, folder: Path, thumbnails: dict[str, int]) -> None:
    """Writes study.json, the last file of a build."""
    layers = pd.read_parquet(folder / "layers.parquet")
    described = read_description(folder)
    assert described is not None, "it is written before"
    outputs = read_array(folder / "outputs.npy")
    record = {
        "schema": SCHEMA_VERSION,
        "data": _data(plan, described),
        "model": {**_model(plan, layers), "outputs": output_form(outputs)},
        "transform": plan.transform.to_dict(),
        "settings": plan.settings,
        "versions": {name: version(name) for name in _LIBRARIES},
        "kept": np.load(folder / "kept" / "ids.npy").tolist(),
        "thumbnails": thumbnails,
        "maps": map_records(plan, folder, layers),
        "clusters": cluster_records(plan, folder),
        "adversarial": adversarial_record(folder),
        "attribution": attribution_record(folder),
        "unit_images": unit_images_record(folder),
        "calibration": calibration_record(plan, folder),
        "findings": [finding.to_dict() for finding in find(gather_evidence(plan, folder))],
    }
    with atomic_file(folder / "study.json") as temporary:
        temporary.write_text(json.dumps(record, indent=1, allow_nan=False), encoding="utf-8")


def map_records(plan: Plan, folder: Path, layers: pd.DataFrame) -> list[dict[str, Any]]:
    """Layer, method and quality of every map that was made."""
    records = []
    for layer, method in chosen_maps(plan.maps, layers):
        file = map_file(folder, layer, method)
        if not file.exists():
            continue
        quality = json.loads(file.with_suffix(".json").read_text())
        records.append({"layer": layer, "method": method, **quality})
    return records


def _data(plan: Plan, described: dict[str, Any]) -> dict[str, Any]:
    return {
        "name": plan.data.name,
        "hash": plan.data.fingerprint,
        "split": plan.split,
        "splits": list(plan.splits),
        "class_names": list(plan.class_names),
        "summary": described["summary"],
        "complexity": described["complexity"],
        "remarks": list(plan.data.remarks),
    }


def _model(plan: Plan, layers: pd.DataFrame) -> dict[str, Any]:
    return {
        "name": type(plan.model).__name__,
        "hash": model_fingerprint(plan.model),
        "parameters": sum(parameter.numel() for parameter in plan.model.parameters()),
        "graph": [
            {"layer": row.layer, "type": row.type, "shape": [int(side) for side in row.shape]}
            for row in layers.itertuples()
        ],
    }
