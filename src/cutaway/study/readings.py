"""What the network makes of images that are read in other ways."""

from pathlib import Path

import numpy as np
import pandas as pd
from jaxtyping import Bool, Int64

from cutaway.activations import evaluating
from cutaway.diagnosis.changes import chance_of
from cutaway.diagnosis.readings import READINGS, readings_of
from cutaway.files import atomic_file
from cutaway.study.layout import readings_file
from cutaway.study.plan import BATCH, Plan
from cutaway.study.stored import read_table

FIRST, TRIED = 64, 256
"""Each way is tried on so many samples of the data, and one that promises to do better on more."""
PROMISING = 0.3
"""It promises to where chance alone would gain as much less often than this."""
RIGHT = 0.9
"""Nothing is tried where more than this share of predictions is right: there is little to gain."""

Rows = Int64[np.ndarray, " rows"]


def try_readings(plan: Plan, folder: Path) -> None:
    """Writes readings.parquet: a row a way to read the images.

    Columns are reading; right, of so many samples, as the images are; gained, right only when they
    are read so; lost, right only as they are; and samples, how many were tried. Without labels, or
    where nearly all is right, there is no such file.
    """
    if plan.labels is None:
        return
    rows = np.unique(np.linspace(0, plan.studied - 1, min(TRIED, plan.studied)).astype(np.int64))
    predicted = pd.read_parquet(folder / "samples.parquet")["predicted"].to_numpy()
    right = predicted[rows] == plan.labels[rows]
    if right.mean() > RIGHT or plan.images.dtype != np.uint8:
        return
    # Evenly spread, and so is each half.
    order = np.random.default_rng(plan.seed).permutation(len(rows))
    rows, right = rows[order], right[order]
    height, width, channels = plan.images.shape
    names = readings_of(channels, height, width)
    table = pd.DataFrame([_tried(plan, reading, rows, right) for reading in names])
    with atomic_file(readings_file(folder)) as temporary:
        table.to_parquet(temporary, index=False)


def read_readings(folder: Path) -> pd.DataFrame | None:
    """What `try_readings` wrote, or None where it wrote nothing."""
    file = readings_file(folder)
    return read_table(file) if file.is_file() else None


def _tried(
    plan: Plan, reading: str, rows: Rows, right: Bool[np.ndarray, " rows"]
) -> dict[str, str | int]:
    assert plan.labels is not None
    found = _predicted(plan, reading, rows[:FIRST]) == plan.labels[rows[:FIRST]]
    gained, lost = int((found & ~right[:FIRST]).sum()), int((right[:FIRST] & ~found).sum())
    if gained > lost and chance_of(gained, lost) < PROMISING and len(rows) > FIRST:
        rest = _predicted(plan, reading, rows[FIRST:]) == plan.labels[rows[FIRST:]]
        found = np.concatenate([found, rest])
    right = right[: len(found)]
    return {
        "reading": reading,
        "right": int(right.sum()),
        "gained": int((found & ~right).sum()),
        "lost": int((right & ~found).sum()),
        "samples": len(found),
    }


def _predicted(plan: Plan, reading: str, rows: Rows) -> Rows:
    found = []
    with evaluating(plan.model, plan.device):
        for start in range(0, len(rows), BATCH):
            images = READINGS[reading](plan.images.tensor(rows[start : start + BATCH]))
            outputs = plan.model(plan.transform(images).to(plan.device))
            found.append(outputs.argmax(dim=1).cpu().numpy())
    return np.concatenate(found)
