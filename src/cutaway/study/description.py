"""What the data of a Study is: its facts, its mean images, and how complex it is."""

import json
from pathlib import Path
from typing import Any

import numpy as np

from cutaway.data import Summary, describe
from cutaway.diagnosis.complexity import complexity
from cutaway.files import atomic_file
from cutaway.study.layout import description_file, mean_images_file
from cutaway.study.plan import Plan
from cutaway.study.stored import read_record

_FEWEST = 40
_MOST = 5000


def write_description(plan: Plan, folder: Path) -> None:
    """Describes data and reference, and measures how complex the first 5,000 images are."""
    summary = describe(plan.data, reference=plan.reference)
    found = None
    if len(plan.data) >= _FEWEST:
        found = complexity(plan.data, limit=_MOST, seed=plan.seed).to_dict()
    record = {
        "summary": summary.to_dict(),
        "complexity": found,
        "shared": _rows(plan, summary, exact=True),
        "nearly_shared": _rows(plan, summary, exact=False),
    }
    with atomic_file(mean_images_file(folder)) as temporary:
        np.save(temporary, summary.mean_images.astype(np.float32))
    with atomic_file(description_file(folder)) as temporary:
        temporary.write_text(json.dumps(record, indent=1, allow_nan=False), encoding="utf-8")


def read_description(folder: Path) -> dict[str, Any] | None:
    """What `write_description` wrote; None where it wrote nothing."""
    if not description_file(folder).is_file():
        return None
    return read_record(description_file(folder))


def _rows(plan: Plan, summary: Summary, *, exact: bool) -> list[tuple[int, int]]:
    """Pairs of ids of samples that data and reference share."""
    if plan.reference is None:
        return []
    here = {source: row for row, source in enumerate(plan.data.sources)}
    there = {source: row for row, source in enumerate(plan.reference.sources, start=plan.studied)}
    return [
        (here[one.source], there[one.reference]) for one in summary.shared if one.exact is exact
    ]
