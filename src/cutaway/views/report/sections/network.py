"""The network: its layers in order, how much of each is in use, and how it was trained."""

from typing import Any

import numpy as np

from cutaway.diagnosis.rules.network import DEAD_SHARE
from cutaway.study import Study
from cutaway.views.report.pictures import Picture, picture_of


def network_section(study: Study) -> dict[str, Any]:
    """What the section `network` shows."""
    scored = "knn_accuracy" in study.layers
    return {
        "network": {
            "text": _text(study),
            "scored": scored,
            "rows": [_row(row, scored=scored) for row in study.layers.to_dict("records")],
            "curves": _curves(study),
        }
    }


def _text(study: Study) -> str:
    model = study.record["model"]
    return (
        f"{model['name']} has {model['parameters']:,} parameters. From pixels to output, this is "
        "what each layer puts out over all samples, how much of it rests, and how well the classes "
        "can be told apart there."
    )


def _row(row: dict[str, Any], *, scored: bool) -> dict[str, Any]:
    bars = [_bar(row["sparsity"]), _bar(row["dead"], alarm=row["dead"] > DEAD_SHARE)]
    if scored:
        bars += [_bar(row["knn_accuracy"]), _bar(row["probe_accuracy"])]
    return {
        "layer": row["layer"],
        "type": row["type"],
        "shape": "×".join(str(side) for side in row["shape"]),
        "parameters": f"{row['parameters']:,}" if row["parameters"] else "–",
        "bars": bars,
    }


def _bar(share: float, *, alarm: bool = False) -> dict[str, Any]:
    if not np.isfinite(share):
        return {"text": "–", "share": "", "alarm": False}
    return {"text": f"{share:.1%}", "share": f"{share:.3f}", "alarm": alarm}


def _curves(study: Study) -> Picture | None:
    if study.history is None:
        return None
    return picture_of(study, "curves", "Loss and accuracy through training")
