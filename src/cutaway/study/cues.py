"""What the network makes of images without colour, detail, shape or shading."""

from pathlib import Path

import numpy as np
import pandas as pd
from jaxtyping import Int64

from cutaway.activations import evaluating
from cutaway.diagnosis.cues import CUES, Strength, altered
from cutaway.diagnosis.layer_geometry import drawn_rows
from cutaway.files import atomic_file
from cutaway.progress import track
from cutaway.study.layout import cues_file
from cutaway.study.plan import BATCH, Plan
from cutaway.study.stored import read_table

TRIED = 2_000
"""Cues are taken from at most so many samples, drawn at random from the data."""

_COLUMNS = ("cue", "strength", "accuracy", "changed")


def try_cues(plan: Plan, folder: Path) -> None:
    """Writes cues.parquet: a row a cue and strength.

    Columns are cue, strength, accuracy (NaN without labels) and changed, the share of predictions
    that are not what they are of the whole image.
    """
    rows = drawn_rows(plan.studied, TRIED, plan.seed)
    whole = pd.read_parquet(folder / "samples.parquet")["predicted"].to_numpy()[rows]
    tried = [(cue, strength) for cue, (_, levels) in CUES.items() for strength in levels]
    # Grey images have no colour to take away.
    if plan.images.channels == 1:
        tried = [pair for pair in tried if pair[0] != "grey"]
    found = _predicted(plan, rows, [pair for pair in tried if pair[1]])
    table = []
    for cue, strength in tried:
        predicted = found[cue, strength] if strength else whole
        right = np.nan if plan.labels is None else float((predicted == plan.labels[rows]).mean())
        changed = float((predicted != whole).mean())
        table.append((cue, float(strength), right, changed))
    with atomic_file(cues_file(folder)) as temporary:
        pd.DataFrame(table, columns=list(_COLUMNS)).to_parquet(temporary, index=False)


def read_cues(folder: Path) -> pd.DataFrame | None:
    """What `try_cues` wrote; None where it was not asked for."""
    file = cues_file(folder)
    return read_table(file) if file.is_file() else None


def _predicted(
    plan: Plan, rows: Int64[np.ndarray, " rows"], tried: list[tuple[str, Strength]]
) -> dict[tuple[str, Strength], Int64[np.ndarray, " rows"]]:
    """Predictions without each cue at each strength; every image is read once for all of them."""
    found: dict[tuple[str, Strength], list[np.ndarray]] = {pair: [] for pair in tried}
    with evaluating(plan.model, plan.device):
        for start in track(range(0, len(rows), BATCH), "Taking cues away"):
            images = plan.images.tensor(rows[start : start + BATCH])
            for cue, strength in tried:
                inputs = plan.transform(altered(images, cue, strength))
                outputs = plan.model(inputs.to(plan.device))
                found[cue, strength].append(outputs.argmax(dim=1).cpu().numpy())
    return {pair: np.concatenate(parts) for pair, parts in found.items()}
