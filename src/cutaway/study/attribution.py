"""Which pixels the predictions of kept samples come from, by three methods, and a check of each."""

import json
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Float32
from torch import Tensor

from cutaway.activations import evaluating
from cutaway.diagnosis.attribution import METHODS, attribute, sanity, spatial_layer
from cutaway.errors import CutawayError, InputError, MissingDependencyError
from cutaway.progress import say, track
from cutaway.study.layout import attribution_file, attribution_record_file
from cutaway.study.plan import Plan
from cutaway.study.stored import read_record
from cutaway.study.study import Study


def attribute_kept(plan: Plan, folder: Path) -> None:
    """Writes the attributions of the kept samples' predicted classes, and how they were checked."""
    attribution_record_file(folder).parent.mkdir(exist_ok=True)
    try:
        with evaluating(plan.model, plan.device):
            record = _attribute(plan, folder)
    except MissingDependencyError as error:
        words = f"No prediction was attributed to pixels: {error}"
        record = {"layer": None, "methods": [], "sanity": {}, "skipped": {}, "omitted": words}
        say(words)
    attribution_record_file(folder).write_text(json.dumps(record), encoding="utf-8")


def attribution_record(folder: Path) -> dict[str, Any] | None:
    """What study.json says of the attributions; None where none were asked for."""
    file = attribution_record_file(folder)
    return read_record(file) if file.is_file() else None


def attributions_of(study: Study) -> dict[str, Any]:
    """What study.json says: layer (of Grad-CAM, or None), methods, sanity, skipped.

    Raises:
        InputError: The Study holds none.
    """
    record = study.record.get("attribution")
    if not record:
        raise InputError("this Study holds no attributions; build it with deep=True (--deep)")
    if "omitted" in record:
        raise InputError(record["omitted"])
    return dict(record)


def was_attributed(study: Study) -> bool:
    """Whether the Study holds attributions."""
    return bool((study.record.get("attribution") or {}).get("methods"))


def attribution_of(study: Study, method: str, sample: int) -> Float32[np.ndarray, "height width"]:
    """How much each pixel of a kept sample speaks for its predicted class.

    Raises:
        InputError: The Study holds no such attribution, or the sample was not kept.
    """
    methods = attributions_of(study)["methods"]
    if method not in methods:
        raise InputError(f"attribution {method!r} is not in this Study; expected one of {methods}")
    return study.kept_row(attribution_file(study.folder, method), sample)


def _attribute(plan: Plan, folder: Path) -> dict[str, Any]:
    kept = np.load(folder / "kept" / "ids.npy")
    inputs = plan.inputs(kept).to(plan.device)
    targets = plan.model(inputs).argmax(dim=1)
    maps: dict[str, Float32[Tensor, "kept height width"]] = {}
    skipped: dict[str, str] = {}
    layer = None
    for method in track(METHODS, "Attributing predictions to pixels"):
        try:
            if method == METHODS[0]:
                layer = spatial_layer(plan.model, inputs[:1])
            maps[method] = attribute(plan.model, inputs, targets, method, layer)
        except InputError as error:
            skipped[method] = str(error)
            say(str(error))
            continue
        np.save(attribution_file(folder, method), maps[method].numpy())
    return {
        "layer": layer,
        "methods": list(maps),
        "sanity": _checked(plan, inputs, targets, maps, layer),
        "skipped": skipped,
    }


def _checked(
    plan: Plan,
    inputs: Tensor,
    targets: Tensor,
    maps: dict[str, Tensor],
    layer: str | None,
) -> dict[str, float]:
    """Agreement with a randomized network; none where the network cannot be copied."""
    seeds = tuple(range(plan.seed, plan.seed + 3))
    try:
        return sanity(plan.model, inputs, targets, maps, layer, seeds=seeds)
    except CutawayError as error:
        say(str(error))
        return {}
