"""What a Study knows of attacks: words, tables, changed images and their activations."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from jaxtyping import Float32, UInt8

from cutaway.errors import InputError
from cutaway.study.layout import adversarial_file, attacked_kept_file, attempts_file
from cutaway.study.stored import read_table
from cutaway.study.study import Study


def attacks_of(study: Study) -> dict[str, Any]:
    """What study.json says of the attacks: samples, epsilons, turned, surety, parting, ...

    Raises:
        InputError: The Study holds none.
    """
    record = study.record.get("adversarial")
    if not record:
        raise InputError("this Study holds no attacks; build it with deep=True (--deep)")
    if "omitted" in record:
        raise InputError(record["omitted"])
    return dict(record)


def was_attacked(study: Study) -> bool:
    """Whether the Study holds attacks."""
    return "turned" in (study.record.get("adversarial") or {})


def attempts(study: Study) -> pd.DataFrame:
    """A row a sample and attack: id, attack, epsilon, distance, predicted, confidence.

    `epsilon` is the smallest rung at which it turned over, NaN where it did not; `distance` is L2
    in units of the transformed input.

    Raises:
        InputError: The Study holds no attacks.
    """
    attacks_of(study)
    return read_table(attempts_file(study.folder))


def parting_of(study: Study) -> pd.DataFrame:
    """A row a layer: layer, and the mean relative distance of attacked and of noisy samples.

    Raises:
        InputError: The Study holds no attacks.
    """
    attacks_of(study)
    return read_table(adversarial_file(study.folder, "layers.parquet"))


def changed_image(study: Study, sample: int) -> UInt8[np.ndarray, "height width channels"]:
    """A kept sample's image after the attack, at the network's input size.

    Raises:
        InputError: The Study holds no attacks, or the sample was not kept.
    """
    return _row(study, adversarial_file(study.folder, "display.npy"), sample)


def changed_input(study: Study, sample: int) -> Float32[np.ndarray, "channels height width"]:
    """A kept sample after the attack as the network took it.

    Raises:
        InputError: The Study holds no attacks, or the sample was not kept.
    """
    return _row(study, adversarial_file(study.folder, "images.npy"), sample)


def changed_activation(study: Study, layer: str, sample: int) -> Float32[np.ndarray, "..."]:
    """The whole activation of a kept sample's changed image at a layer.

    Raises:
        InputError: The Study holds no attacks, the layer is unknown, or the sample was not kept.
    """
    if layer not in study.layers["layer"].tolist():
        raise InputError(f"layer={layer!r} is not in this Study")
    return _row(study, attacked_kept_file(study.folder, layer), sample)


def _row(study: Study, file: Path, sample: int) -> np.ndarray:
    attacks_of(study)
    return study.kept_row(file, sample)
