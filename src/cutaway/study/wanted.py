"""What units of a Study's layers want to see: images by optimization, for some units of each."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from jaxtyping import Float64, UInt8
from torch import nn

from cutaway.activations import evaluating
from cutaway.diagnosis.attacks import PixelRange
from cutaway.diagnosis.wanted import unit_images
from cutaway.errors import InputError
from cutaway.progress import say
from cutaway.study.arrays import read_array
from cutaway.study.attempts import pixel_values
from cutaway.study.layout import unit_images_file, unit_images_record_file
from cutaway.study.plan import Plan
from cutaway.study.stored import read_record
from cutaway.study.study import Study

MOST_LAYERS = 6
"""Of more convolutions and linear layers so many are asked, spread over the depth."""
UNITS = ((64 * 64, 16), (128 * 128, 8))
"""Units a layer, for inputs of up to so many pixels; four for larger ones."""
FEWEST_UNITS = 4


def seek_unit_images(plan: Plan, folder: Path) -> None:
    """Writes an image for some units of every convolution and linear layer, or of six of them."""
    units = pd.read_parquet(folder / "units.parquet")
    pixels = PixelRange.of(plan.transform, pixel_values(plan))
    size = (plan.transform.height, plan.transform.width)
    unit_images_record_file(folder).parent.mkdir(exist_ok=True)
    record: dict[str, Any] = {"layers": {}, "skipped": {}}
    with evaluating(plan.model, plan.device):
        for layer in asked_layers(plan):
            chosen = asked_units(units[units["layer"] == layer], size[0] * size[1])
            try:
                found = unit_images(plan.model, layer, chosen, pixels, size, seed=plan.seed)
                _require_numbers(layer, found.reached)
            except InputError as error:
                record["skipped"][layer] = str(error)
                say(str(error))
                continue
            np.save(unit_images_file(folder, layer), np.rint(255 * found.images).astype(np.uint8))
            record["layers"][layer] = {"units": chosen, "reached": found.reached.tolist()}
    unit_images_record_file(folder).write_text(json.dumps(record), encoding="utf-8")


def _require_numbers(layer: str, reached: Float64[np.ndarray, " units"]) -> None:
    if not np.isfinite(reached).all():
        raise InputError(
            f"no image can be sought for units of {layer!r}, which put out NaN or infinite values"
        )


def asked_layers(plan: Plan) -> list[str]:
    """Convolutions and linear layers that were studied, at most six, first and last among them."""
    modules = dict(plan.model.named_modules())
    known = [name for name in plan.layers if isinstance(modules.get(name), nn.Conv2d | nn.Linear)]
    places = np.linspace(0, len(known) - 1, min(MOST_LAYERS, len(known))).round().astype(int)
    return [known[place] for place in places]


def asked_units(units: pd.DataFrame, pixels: int) -> list[int]:
    """Units of one layer that are not dead, spread over their numbers; fewer of large inputs."""
    alive = units.loc[~units["dead"], "unit"].to_numpy()
    alive = alive if len(alive) else units["unit"].to_numpy()
    count = next((count for most, count in UNITS if pixels <= most), FEWEST_UNITS)
    places = np.linspace(0, len(alive) - 1, min(count, len(alive))).round().astype(int)
    return [int(alive[place]) for place in places]


def unit_images_record(folder: Path) -> dict[str, Any] | None:
    """What study.json says of the units' images; None where none were asked for."""
    file = unit_images_record_file(folder)
    return read_record(file) if file.is_file() else None


def layers_with_unit_images(study: Study) -> dict[str, dict[str, list]]:
    """From layer to its `units` (numbers) and what each `reached`; empty where there are none."""
    return dict((study.record.get("unit_images") or {}).get("layers", {}))


def unit_images_of(study: Study, layer: str) -> UInt8[np.ndarray, "units height width channels"]:
    """Images that units of a layer answer most to, in the order of the record's `units`.

    Raises:
        InputError: The Study holds none for this layer.
    """
    held = list(layers_with_unit_images(study))
    if not held:
        raise InputError("this Study holds no images of units; build it with deep=True (--deep)")
    if layer not in held:
        raise InputError(f"layer={layer!r} has no images of units in this Study; {held} have")
    file = unit_images_file(study.folder, layer)
    return np.array(read_array(file))
