"""Attacking samples of a Study: how far each is from being turned over, and what the layers see."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch
from torch import Tensor

from cutaway.activations import evaluating
from cutaway.diagnosis.attacks import (
    EPSILONS,
    LADDERS,
    PixelRange,
    relative_distances,
    robustness_by_surety,
)
from cutaway.diagnosis.attacks.parting import random_change
from cutaway.diagnosis.attacks.robustness import medians_by_bin
from cutaway.diagnosis.predictions import output_form
from cutaway.errors import InputError
from cutaway.progress import say, task
from cutaway.study.activations import whole_activations
from cutaway.study.arrays import read_array
from cutaway.study.attempts import Rows, Target, distances, ladder, pixel_values
from cutaway.study.layout import PIXELS, adversarial_file, attacked_kept_file, attempts_file
from cutaway.study.plan import Plan
from cutaway.study.stored import read_record

MOST, FEWEST = 512, 48
"""Samples whose distance to the boundary is sought: most of small images, fewest of large ones."""
SMALL = 32 * 32
"""Pixels of an image that still counts as small; of one with k times as many fewer are attacked."""
CLIMBING = 4
"""Every fourth of them, and all kept ones, is attacked rung by rung too."""
SHOWN = "pgd-linf"
"""The attack whose images and activations are kept."""


def attack_samples(plan: Plan, folder: Path) -> None:
    """Adds flip_distance to samples.parquet and writes what attacks did to a few samples."""
    kept = np.load(folder / "kept" / "ids.npy")
    form = output_form(read_array(folder / "outputs.npy"))
    target = Target(plan, PixelRange.of(plan.transform, pixel_values(plan)), form)
    area = plan.transform.height * plan.transform.width
    rows = chosen_samples(plan.studied, area, kept)
    adversarial_file(folder, "images.npy").parent.mkdir(exist_ok=True)
    try:
        with evaluating(plan.model, plan.device):
            record = _attack(target, folder, rows, kept)
    except InputError as error:
        # A network that gives no gradients is still worth a Study.
        record = {"omitted": f"No sample was attacked: {error}."}
        say(record["omitted"])
    adversarial_file(folder, "record.json").write_text(json.dumps(record), encoding="utf-8")


def chosen_samples(studied: int, pixels: int, kept: Rows) -> Rows:
    """Ids of the samples to attack: spread evenly over the data, and all that were kept.

    Args:
        studied: How many samples there are.
        pixels: Height times width of the network's input.
        kept: Ids of the samples that were kept whole.

    Example:
        >>> len(chosen_samples(10_000, 32 * 32, np.array([0]))), MOST
        (512, 512)
    """
    count = max(FEWEST, min(MOST, MOST * SMALL // pixels))
    spread = np.linspace(0, studied - 1, min(count, studied)).astype(np.int64)
    return np.unique(np.concatenate([spread, kept]))


def adversarial_record(folder: Path) -> dict[str, Any] | None:
    """What study.json says of the attacks; None where none were asked for."""
    file = adversarial_file(folder, "record.json")
    return read_record(file) if file.is_file() else None


def _attack(target: Target, folder: Path, rows: Rows, kept: Rows) -> dict[str, Any]:
    climbing = np.union1d(rows[::CLIMBING], kept)
    with task("Attacking samples", len(rows) + len(LADDERS) * len(climbing)) as bar:
        tables = [distances(target, rows, bar.advance)]
        changed: dict[str, Tensor] = {}
        for attack in LADDERS:
            table, changed[attack] = ladder(target, climbing, attack, bar.advance)
            tables.append(table)
    attempts = pd.concat(tables, ignore_index=True)
    attempts.to_parquet(attempts_file(folder), index=False)
    reached = _add_flip_distance(folder, tables[0])
    parting = _parting(target, climbing, changed[SHOWN])
    parting.to_parquet(adversarial_file(folder, "layers.parquet"), index=False)
    shown = changed[SHOWN][torch.from_numpy(np.searchsorted(climbing, kept))]
    _keep(target, folder, shown)
    return {
        "samples": len(rows),
        "unturned": int(np.isnan(tables[0]["distance"]).sum()),
        "attacked": len(climbing),
        "epsilons": list(EPSILONS),
        "shown": SHOWN,
        "pixel_range": {"low": list(target.pixels.low), "high": list(target.pixels.high)},
        "turned": _turned(attempts),
        "parting": _largest_step(parting),
        "surety": _surety(target.plan, folder, reached),
        "fifths": _fifths(folder, reached),
    }


def _add_flip_distance(folder: Path, found: pd.DataFrame) -> pd.Series:
    samples = pd.read_parquet(folder / "samples.parquet")
    samples["flip_distance"] = samples["id"].map(found.set_index("id")["distance"])
    samples.to_parquet(folder / "samples.parquet", index=False)
    return samples["flip_distance"]


def _parting(target: Target, rows: Rows, changed: Tensor) -> pd.DataFrame:
    """Mean relative distance at every layer, under the attack and under noise as large."""
    sums: dict[str, np.ndarray] = {}
    done = 0
    for chosen, inputs in target.batches(rows):
        attacked = changed[done : done + len(chosen)].to(inputs)
        done += len(chosen)
        noisy = random_change(inputs, attacked, seed=target.plan.seed)
        for column, other in enumerate((attacked, noisy)):
            found = relative_distances(target.plan.model, inputs, other, target.plan.layers)
            entry = (other - inputs).flatten(1).norm(dim=1) / inputs.flatten(1).norm(dim=1)
            for layer, apart in {PIXELS: entry.double().cpu().numpy(), **found}.items():
                finite = apart[np.isfinite(apart)]
                held = sums.setdefault(layer, np.zeros((2, 2)))
                held[column] += finite.sum(), len(finite)
    means = {layer: held[:, 0] / np.maximum(held[:, 1], 1) for layer, held in sums.items()}
    return pd.DataFrame(
        {
            "layer": list(means),
            "distance": [float(mean[0]) for mean in means.values()],
            "noise": [float(mean[1]) for mean in means.values()],
        }
    )


def _largest_step(parting: pd.DataFrame) -> dict[str, Any]:
    """The layer at which clean and changed samples part most, and by how much before and after."""
    steps = parting["distance"].diff().fillna(-np.inf)
    at = int(steps.to_numpy().argmax())
    row, before = parting.iloc[at], parting.iloc[max(at - 1, 0)]
    return {
        "layer": str(row["layer"]),
        "distance": float(row["distance"]),
        "noise": float(row["noise"]),
        "before": float(before["distance"]),
        "entry": float(parting["distance"].iloc[0]),
        "end": float(parting["distance"].iloc[-1]),
        "noise_end": float(parting["noise"].iloc[-1]),
    }


def _keep(target: Target, folder: Path, shown: Tensor) -> None:
    """Writes the changed images of the kept samples, and what every layer makes of them."""
    np.save(adversarial_file(folder, "images.npy"), shown.numpy())
    low = torch.tensor(target.pixels.low).view(1, -1, 1, 1)
    share = (shown - low) / target.pixels.width(shown)
    display = (share.clamp(0, 1) * 255).round().byte().permute(0, 2, 3, 1)
    np.save(adversarial_file(folder, "display.npy"), display.contiguous().numpy())
    for layer, values in whole_activations(target.plan, folder, shown).items():
        file = attacked_kept_file(folder, layer)
        file.parent.mkdir(exist_ok=True)
        np.save(file, values)


def _turned(attempts: pd.DataFrame) -> dict[str, list[float]]:
    """Share of predictions that each attack turned over within each rung."""
    return {
        attack: [float((table["epsilon"] <= rung).mean()) for rung in EPSILONS]
        for attack, table in attempts[attempts["attack"].isin(LADDERS)].groupby(
            "attack", sort=False
        )
    }


def _fifths(folder: Path, distances: pd.Series) -> list[float]:
    """Median distances of the least sure fifth of the samples, the next, ... the surest."""
    known = distances[np.isfinite(distances)]
    outputs = np.load(folder / "outputs.npy", mmap_mode="r")
    ranked = np.sort(outputs[known.index.to_numpy()], axis=1)
    lead = (ranked[:, -1] - ranked[:, -2]).astype(np.float64)
    table = medians_by_bin(lead, known.to_numpy(dtype=np.float64), 5)
    return [float(value) for value in table["median"]]


def _surety(plan: Plan, folder: Path, distances: pd.Series) -> list[dict[str, Any]]:
    """Rank correlations of surety and distance, over all samples and over the right predictions."""
    samples = pd.read_parquet(folder / "samples.parquet")
    outputs = np.load(folder / "outputs.npy", mmap_mode="r")
    groups = {"all": np.isfinite(distances.to_numpy())}
    if "label" in samples:
        groups["right"] = groups["all"] & (samples["label"] == samples["predicted"]).to_numpy()
    return [
        {"group": group, **found.to_dict()}
        for group, chosen in groups.items()
        for found in robustness_by_surety(
            samples[chosen], outputs[chosen], distances[chosen].to_numpy(), seed=plan.seed
        )
    ]
