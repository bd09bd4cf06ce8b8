"""Attempts to turn predictions over, sample by sample, as tables."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd
import torch
from jaxtyping import Float32, Int64
from torch import Tensor

from cutaway.diagnosis import class_probabilities
from cutaway.diagnosis.attacks import PixelRange, climb, deepfool
from cutaway.study.plan import Plan

_BATCH = 64

Rows = Int64[np.ndarray, "_"]
Advance = Callable[[int], None]


@dataclass(frozen=True)
class Target:
    """A network under attack, the range of pixels to keep to, and what form its outputs have."""

    plan: Plan
    pixels: PixelRange
    form: str

    def batches(self, rows: Rows) -> Iterator[tuple[Rows, Tensor]]:
        """Rows and the network's inputs, few at a time where images are large."""
        area = self.plan.transform.height * self.plan.transform.width
        size = max(4, min(_BATCH, _BATCH * 64 * 64 // area))
        for start in range(0, len(rows), size):
            chosen = rows[start : start + size]
            yield chosen, self.plan.inputs(chosen).to(self.plan.device)

    def predicted(self, inputs: Tensor) -> tuple[np.ndarray, np.ndarray]:
        """Class and confidence of each."""
        with torch.no_grad():
            outputs = self.plan.model(inputs).float().cpu().numpy()
        shares = class_probabilities(outputs, self.form)
        return shares.argmax(axis=1).astype(np.int64), shares.max(axis=1)


def distances(target: Target, rows: Rows, advance: Advance) -> pd.DataFrame:
    """DeepFool: how far each sample's nearest boundary is, and what lies beyond it."""
    parts = []
    for chosen, inputs in target.batches(rows):
        found = deepfool(target.plan.model, inputs, target.pixels)
        predicted, confidence = target.predicted(found.inputs)
        distance = found.distances.double().cpu().numpy()
        parts.append(_table(chosen, "deepfool", np.nan, distance, predicted, confidence))
        advance(len(chosen))
    return pd.concat(parts, ignore_index=True)


def ladder(
    target: Target, rows: Rows, attack: str, advance: Advance
) -> tuple[pd.DataFrame, Float32[Tensor, "samples channels height width"]]:
    """The smallest rung at which an attack turned each sample over, and the inputs it made."""
    parts, changed = [], []
    for chosen, inputs in target.batches(rows):
        found = climb(target.plan.model, inputs, target.pixels, attack, seed=target.plan.seed)
        predicted, confidence = target.predicted(found.inputs)
        distance = (found.inputs - inputs).flatten(1).norm(dim=1).double().cpu().numpy()
        distance = np.where(np.isfinite(found.epsilons), distance, np.nan)
        parts.append(_table(chosen, attack, found.epsilons, distance, predicted, confidence))
        changed.append(found.inputs.cpu())
        advance(len(chosen))
    return pd.concat(parts, ignore_index=True), torch.cat(changed)


def _table(
    rows: Rows,
    attack: str,
    epsilon: np.ndarray | float,
    distance: np.ndarray,
    predicted: np.ndarray,
    confidence: np.ndarray,
) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "id": rows,
            "attack": attack,
            "epsilon": epsilon,
            "distance": distance,
            "predicted": predicted,
            "confidence": confidence,
        }
    )


def pixel_values(plan: Plan) -> tuple[float, float]:
    """Lowest and highest pixel there can be, as `Images.display` takes them."""
    if plan.images.dtype == np.uint8:
        return 0.0, 1.0
    low, high = plan.images.value_range
    return (0.0, 1.0) if low >= 0 and high <= 1 else (low, high)
