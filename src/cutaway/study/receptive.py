"""Which part of an image each position of a Study's layers sees."""

import json
from pathlib import Path

import numpy as np

from cutaway.activations.receptive_field import ReceptiveField, receptive_fields
from cutaway.files import atomic_file
from cutaway.study.layout import fields_file
from cutaway.study.plan import Plan
from cutaway.study.stored import read_record


def write_fields(plan: Plan, folder: Path) -> None:
    """Writes receptive_fields.json: the input's height and width, and rows and columns by layer."""
    channels, height, width = plan.inputs(np.zeros(1, dtype=np.int64)).shape[1:]
    found = receptive_fields(
        plan.model, (channels, height, width), list(plan.layers), device=plan.device
    )
    record = {
        "height": height,
        "width": width,
        "layers": {
            address: {"rows": field.rows.tolist(), "columns": field.columns.tolist()}
            for address, field in found.items()
        },
    }
    with atomic_file(fields_file(folder)) as temporary:
        temporary.write_text(json.dumps(record), encoding="utf-8")


def read_fields(folder: Path) -> tuple[tuple[int, int], dict[str, ReceptiveField]]:
    """Height and width of the network's input, and the fields of layers of which they are known.

    Both are empty, (0, 0) and {}, in a Study that was built before they were kept.
    """
    file = fields_file(folder)
    if not file.is_file():
        return (0, 0), {}
    record = read_record(file)
    fields = {
        address: ReceptiveField(
            np.array(each["rows"], dtype=np.int64), np.array(each["columns"], dtype=np.int64)
        )
        for address, each in record["layers"].items()
    }
    return (record["height"], record["width"]), fields
