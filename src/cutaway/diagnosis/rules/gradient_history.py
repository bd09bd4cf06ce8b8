"""What the rules notice in gradients through training: those that vanished, exploded, or were no number."""

from collections.abc import Iterator

import numpy as np
import pandas as pd

from cutaway.diagnosis.evidence import Evidence
from cutaway.diagnosis.findings import Finding, Kind
from cutaway.diagnosis.rules.gradients import EXPLODING, VANISHING
from cutaway.diagnosis.rules.words import called, plural, share

MOST_EPOCHS = 0.5
"""A gradient vanished in training where it was too small in more than this share of the epochs."""

_PREFIX = "gradient_norm/"


def _vanished(evidence: Evidence) -> Iterator[Finding]:
    norms = _norms(evidence)
    if norms.shape[1] < 2:
        return
    last = norms.iloc[:, -1]
    known = norms[last > 0]
    small = (known.div(last[last > 0], axis=0) < VANISHING).sum() / known.notna().sum().clip(1)
    gone = small[small > MOST_EPOCHS]
    if gone.empty:
        return
    layer = str(gone.index[0])
    epochs = round(float(gone.iloc[0]) * int(known[layer].count()))
    yield Finding(
        "vanished in training",
        f"In training the gradient vanished on its way back to {called(layer)}",
        f"In {epochs} of {len(norms)} {plural('epoch', len(norms))} it was below a thousandth of what it was at {norms.columns[-1]}; "
        f"so it was at {len(gone)} of {norms.shape[1]} layers with parameters: these hardly learned.",
        "gradient_history",
        layer,
        severity="warning",
        weight=share(len(gone), norms.shape[1]),
    )


def _exploded(evidence: Evidence) -> Iterator[Finding]:
    norms = _norms(evidence)
    if norms.empty:
        return
    epochs = _epochs(evidence, len(norms))
    broken = np.isinf(norms).any(axis=1).to_numpy() | _no_loss(evidence, len(norms))
    if broken.any():
        first = int(broken.argmax())
        yield Finding(
            "exploded in training",
            f"In epoch {epochs[first]} of the training loss or gradient was no number",
            f"So it was in {int(broken.sum())} of {len(norms)} {plural('epoch', len(norms))}: what was learned until then was lost.",
            "gradient_history",
            severity="problem",
            weight=share(int(broken.sum()), len(norms)),
        )
        return
    # A layer that wakes up late is none: only what was larger than any before is.
    jumps = norms.div(norms.max(axis=1).cummax().shift(), axis=0)
    most = jumps.max()
    if not (most > EXPLODING).any():
        return
    layer = str(most.idxmax())
    at = int(jumps[layer].to_numpy(na_value=0.0).argmax())
    yield Finding(
        "exploded in training",
        f"In epoch {epochs[at]} of the training the gradient exploded at {called(layer)}",
        f"It was {most[layer]:,.0f} times the largest norm of any layer and epoch before; so it was at {int((most > EXPLODING).sum())} of {norms.shape[1]} "
        "layers with parameters.",
        "gradient_history",
        layer,
        severity="warning",
        weight=share(int((most > EXPLODING).sum()), norms.shape[1]),
    )


def _norms(evidence: Evidence) -> pd.DataFrame:
    """A row an epoch, a column a layer in order; NaN where a layer was frozen."""
    history = pd.DataFrame() if evidence.history is None else evidence.history
    found = [name for name in history if str(name).startswith(_PREFIX)]
    table = history[found].astype("float64").reset_index(drop=True)
    return table.rename(columns=lambda name: str(name).removeprefix(_PREFIX))


def _epochs(evidence: Evidence, count: int) -> list[int]:
    history = evidence.history
    if history is None or "epoch" not in history:
        return list(range(1, count + 1))
    return [int(epoch) for epoch in history["epoch"]]


def _no_loss(evidence: Evidence, count: int) -> np.ndarray:
    history = evidence.history
    if history is None or "train_loss" not in history:
        return np.zeros(count, dtype=bool)
    return ~np.isfinite(history["train_loss"].to_numpy(dtype=np.float64))


RULES = (_vanished, _exploded)

KINDS = (
    Kind(
        "vanished in training",
        "Through most of the training the gradient at a layer's parameters was a small share of what it was at the last layer's.",
        "layers with parameters",
        "gradient_history",
        "ReLU in place of sigmoid or tanh, normalization, shortcuts, or larger initial weights would help.",
        "warning",
        ("diagnosis.rules.gradients:VANISHING", "MOST_EPOCHS"),
    ),
    Kind(
        "exploded in training",
        "In an epoch the gradient at a layer's parameters was many times the largest before, or the loss was no number.",
        "layers with parameters, or epochs",
        "gradient_history",
        "A lower learning rate, a longer warm-up, or clipping would help; go on from a checkpoint of an epoch before.",
        "warning; problem where the loss was no number",
        ("diagnosis.rules.gradients:EXPLODING",),
    ),
)
