"""The resource `study`: what there is, in one JSON object."""

import math
from typing import Any

import numpy as np
import pandas as pd
from pandas.api import types

from cutaway import __version__
from cutaway.study import Study

PROTOCOL = 1


def overview(study: Study, door: str, live: dict[str, Any], omitted: list[str]) -> dict[str, Any]:
    """The object that a front end reads first.

    Args:
        study: What is looked at.
        door: "server", "report" or "widget".
        live: What can be asked beyond the Study: model, place, draw.
        omitted: A plain sentence for each thing that this door leaves out.
    """
    record = study.record
    data, model = record["data"], record["model"]
    channels, height, width = (int(side) for side in study.layers["shape"].iloc[0])
    numbers = {name: row for row, name in enumerate(study.layers["layer"])}
    return finite(
        {
            "protocol": PROTOCOL,
            "version": __version__,
            "door": door,
            "title": f"{model['name']} on {data['name']}",
            "data": {
                "name": data["name"],
                "split": data["split"],
                "splits": data["splits"],
                "class_names": list(study.class_names),
                "samples": len(study.samples),
                "labelled": study.labelled,
                "channels": channels,
                "height": height,
                "width": width,
            },
            "model": {
                "name": model["name"],
                "parameters": model["parameters"],
                "outputs": model.get("outputs", "logits"),
            },
            "layers": study.layers.to_dict("records"),
            "maps": [{**row, "layer": numbers[row["layer"]]} for row in record["maps"]],
            "findings": _findings(record["findings"], numbers),
            "thumbnails": thumbnail_layout(study),
            "kept": list(study.kept),
            "filters": [numbers[layer] for layer in study.filters],
            "columns": [
                {"name": str(name), "type": _kind(study.samples[name])} for name in study.samples
            ],
            "live": {**live, "channels": channels, "height": height, "width": width},
            "omitted": omitted,
            "calibration": record.get("calibration"),
            "attribution": record.get("attribution"),
            "has": _has(study),
        }
    )


def thumbnail_layout(study: Study) -> dict[str, Any]:
    """Where each sample's tile stands; whole says that tiles are the images themselves."""
    layout = study.record["thumbnails"]
    return {
        "count": layout["count"],
        "size": layout["tile"],
        "columns": layout["columns"],
        "rows_per_atlas": layout["per_atlas"] // layout["columns"],
        "atlases": -(-layout["count"] // layout["per_atlas"]),
        "ids": None,
        "whole": whole_thumbnails(study),
    }


def whole_thumbnails(study: Study) -> bool:
    """Whether thumbnails are the images, neither made smaller nor compressed with loss."""
    _, height, width = (int(side) for side in study.layers["shape"].iloc[0])
    # A tile of 64 pixels is the largest, and the first that is compressed with loss.
    return max(height, width) == int(study.record["thumbnails"]["tile"]) < 64


def finite(value: Any) -> Any:
    """A JSON value of plain Python types, with null for numbers that are not finite."""
    if isinstance(value, dict):
        return {str(key): finite(item) for key, item in value.items()}
    if isinstance(value, list | tuple | np.ndarray):
        return [finite(item) for item in value]
    if isinstance(value, np.generic):
        return finite(value.item())
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return None if value is pd.NA else value


def _findings(findings: list[dict[str, Any]], numbers: dict[str, int]) -> list[dict[str, Any]]:
    return [
        {
            **row,
            "text": f"{row['text']} {row.get('advice', '')}".strip(),
            "layer_index": numbers.get(row.get("layer") or ""),
        }
        for row in findings
    ]


def _kind(column: pd.Series) -> str:
    if str(column.name) in {"split", "label", "predicted", "suspected_label"}:
        return "category"
    if types.is_bool_dtype(column):
        return "boolean"
    return "number" if types.is_numeric_dtype(column) else "text"


def _has(study: Study) -> dict[str, bool]:
    folder = study.folder
    return {
        "cka": (folder / "cka.parquet").is_file(),
        "class_means": study.labelled,
        "cues": (folder / "cues.parquet").is_file(),
        "adversarial": (folder / "adversarial.parquet").is_file(),
        "units": len(study.units) > 0,
        "history": study.history is not None,
        "neighbours": True,
    }
