"""Clusters: why one cannot simply cluster a map, with what was found on this data."""

from dataclasses import replace
from typing import Any

from cutaway.study import Study
from cutaway.study.layout import PIXELS
from cutaway.views.gallery import METHOD_NAMES
from cutaway.views.report.pictures import Picture, picture_of


def clusters_section(study: Study) -> dict[str, Any]:
    """What the section `clusters` shows; nothing where no map was clustered."""
    compared = study.cluster_comparisons
    if not compared:
        return {"clusters": None}
    clustered, samples = compared[0]["samples"], len(study.samples)
    return {
        "clusters": {
            "warning": compared[0]["warning"],
            "sampled": clustered if clustered < samples else None,
            "layers": [
                {
                    "title": _title(record["layer"]),
                    "evidence": record["evidence"],
                    "picture": _picture(study, record),
                }
                for record in compared
            ],
        }
    }


def _title(layer: str) -> str:
    return "By the pixels" if layer == PIXELS else f"After {layer}"


def _picture(study: Study, record: dict[str, Any]) -> Picture:
    layer, method = record["layer"], METHOD_NAMES[record["method"]]
    title = f"Clusters of {layer} on its {method} map"
    text = "Grouped by the features on the left, by the map beside them."
    if study.labelled:
        text += " A cluster has the colour of the class that it shares most samples with."
    drawn = picture_of(study, "clusters", title, text, layer=layer, kind="points")
    return replace(drawn, method=record["method"])
