"""What a Study noticed, in words, and the tables it is read from."""

from dataclasses import asdict, dataclass, field
from typing import Any

import pandas as pd

SEVERITIES = ("problem", "warning", "note")
"""From what must be mended to what is good to know."""


@dataclass(frozen=True)
class Finding:
    """One thing worth knowing, in words.

    Attributes:
        kind: What it is about, such as "dead units"; stable, for filtering.
        title: One line.
        text: One to three sentences with the numbers and what to try.
        figure: Name of the picture that shows it, as `cutaway figure` knows it, or "".
        layer: The layer concerned, or "".
        severity: "problem", "warning" or "note".
        samples: Ids of samples that show it.
    """

    kind: str
    title: str
    text: str
    figure: str = ""
    layer: str = ""
    severity: str = "note"
    samples: tuple[int, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """The same as plain JSON."""
        return {**asdict(self), "samples": list(self.samples)}


@dataclass(frozen=True)
class Evidence:
    """What the rules read.

    Attributes:
        summary: `Summary.to_dict()` of the data.
        samples: Columns id, split, label, predicted, confidence; label may be absent.
        layers: Columns layer, type, dead, knn_accuracy, probe_accuracy; the last two may be absent.
        units: Columns layer, unit, dead, active.
        class_names: Names by label, or empty.
        transform_origin: Where the input transform came from.
        data_split: Which value of `split` marks the data under study; other rows are the reference.
        shared_samples: Ids of samples of the data that also stand in the reference, pixel by pixel.
        nearly_shared_samples: Ids of samples of the data that nearly equal one of the reference.
        untrained: Whether every weight of the network is still as it was drawn at random.
        unmatched: Entries of its state that no file gave and no training changed.
        unseen_norms: Its BatchNorm layers that never saw a batch.
        adversarial: What attacks did, as study.json says it; None where none were asked for.
        attribution: The same of attributions.
        cka: Columns layer, other, cka, or None.
        gradients: Columns layer, norm, parameter_norm, in order of execution; None where not known.
        calibration: `Calibration.to_dict()` of the data, or None.
        cues: Columns cue, strength, accuracy, changed; None where they were not asked for.
    """

    summary: dict[str, Any]
    samples: pd.DataFrame
    layers: pd.DataFrame
    units: pd.DataFrame
    class_names: tuple[str, ...] = ()
    transform_origin: str = "given"
    data_split: str = ""
    shared_samples: tuple[int, ...] = ()
    nearly_shared_samples: tuple[int, ...] = ()
    broken_layers: tuple[str, ...] = field(default=())
    untrained: bool = False
    unmatched: tuple[str, ...] = ()
    unseen_norms: tuple[str, ...] = ()
    adversarial: dict[str, Any] | None = None
    attribution: dict[str, Any] | None = None
    cka: pd.DataFrame | None = None
    gradients: pd.DataFrame | None = None
    calibration: dict[str, Any] | None = None
    cues: pd.DataFrame | None = None

    @property
    def studied(self) -> pd.DataFrame:
        """The samples of the data itself, without the reference."""
        return self.samples[self.samples["split"] == self.data_split]

    @property
    def labelled(self) -> bool:
        """Whether predictions can be held against labels."""
        return "label" in self.samples and "predicted" in self.samples

    def name(self, label: int) -> str:
        """The class's name, or its number."""
        return self.class_names[label] if label < len(self.class_names) else str(label)
