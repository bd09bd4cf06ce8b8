"""The table of layers: where the classes come apart, from the pixels to the last layer."""

import json
from typing import Any

import pandas as pd

from cutaway.study import Study
from cutaway.views.report.measures import MEASURES, in_digits

SHORT = {
    "knn_accuracy": "10-NN",
    "probe_accuracy": "probe",
    "fisher": "Fisher",
    "silhouette": "silhouette",
    "intrinsic_dimension": "dimension",
}
"""What columns are called where there is little room."""

ALIKE = "CKA to last"


def in_words(study: Study) -> str:
    """The table in Markdown, which reads as it is: a row a layer, pixels first, last layer last.

    Columns are layer, type, shape, the measures that the Study holds, and CKA, how alike the layer
    sees the samples to the last one, in [0, 1].
    """
    layers = study.layers
    measured = [one for one in MEASURES if one[0] in layers]
    heads = ["layer", "type", "shape", *(SHORT[column] for column, *_ in measured)]
    alike = _alike(study)
    rows = []
    for row in layers.to_dict("records"):
        shape = "×".join(str(side) for side in row["shape"])
        cells = [str(row["layer"]), str(row["type"]), shape]
        cells += [in_digits(row[column], form) for column, _, form in measured]
        if alike is not None:
            cells.append(in_digits(alike.get(row["layer"], float("nan")), "{:.3f}"))
        rows.append(cells)
    return _markdown([*heads, *([] if alike is None else [ALIKE])], rows)


def as_json(study: Study) -> str:
    """Every column of the table of layers, and cka_to_last where layers were compared."""
    table = study.layers
    alike = _alike(study)
    if alike is not None:
        table = table.assign(cka_to_last=table["layer"].map(alike))
    records: list[dict[str, Any]] = json.loads(table.to_json(orient="records"))
    return json.dumps(records, indent=2)


def _alike(study: Study) -> pd.Series | None:
    if study.cka is None:
        return None
    last = study.layers["layer"].iloc[-1]
    own = study.cka[study.cka["layer"] == last]
    return own.set_index("other")["cka"]


def _markdown(heads: list[str], rows: list[list[str]]) -> str:
    """Aligned, and safe to paste: a bar within a cell is escaped."""
    table = [[cell.replace("|", "\\|") for cell in row] for row in [heads, *rows]]
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    lines = [
        "| " + " | ".join(cell.ljust(room) for cell, room in zip(row, widths, strict=True)) + " |"
        for row in table
    ]
    rule = "|" + "|".join("-" * (room + 2) for room in widths) + "|"
    return "\n".join([lines[0], rule, *lines[1:]])
