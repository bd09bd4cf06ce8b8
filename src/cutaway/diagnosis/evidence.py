"""What the rules read: tables and facts of a Study, gathered in one place."""

from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from cutaway.data import InputTransform
from cutaway.diagnosis.bidirectional import isolated


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
        transform: What images went through, or None.
        stated_transform: What the network itself states, or None.
        input_moments: Mean and standard deviation of what goes into the network, or None.
        steadiness: Columns layer, change (of outputs for the same samples between two batches) and,
            of BatchNorm layers, shift and spread, see `norm_fit`; None where not known.
        history: A row an epoch of the training, with gradient_norm/LAYER where known; or None.
        left_training: Its BatchNorm and dropout layers that were handed over in train mode.
        as_drawn: Its layers whose weights no training changed.
        readings: Columns reading, right, gained, lost, samples, see `cutaway.study.readings`; None
            where not known.
        edge_spots: What single places at the edge tell of the class, by split.
        output_form: What the network ends in: "logits", "probabilities" or "shares".
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
    transform: InputTransform | None = None
    stated_transform: InputTransform | None = None
    input_moments: tuple[float, float] | None = None
    steadiness: pd.DataFrame | None = None
    history: pd.DataFrame | None = None
    left_training: tuple[str, ...] = ()
    as_drawn: tuple[str, ...] = ()
    readings: pd.DataFrame | None = None
    edge_spots: dict[str, Any] = field(default_factory=dict)
    output_form: str = "logits"

    @property
    def studied(self) -> pd.DataFrame:
        """The samples of the data itself, without the reference."""
        return self.samples[self.samples["split"] == self.data_split]

    @property
    def labelled(self) -> bool:
        """Whether predictions can be held against labels."""
        return "label" in self.samples and "predicted" in self.samples

    @property
    def reference(self) -> pd.DataFrame:
        """The samples that the network was trained on, as far as they are there."""
        return self.samples[self.samples["split"] != self.data_split]

    @property
    def norms(self) -> pd.DataFrame:
        """The rows of `steadiness` that are of BatchNorm layers which remember something."""
        if self.steadiness is None:
            return pd.DataFrame(columns=["layer", "change", "shift", "spread"])
        return self.steadiness.dropna(subset=["shift"])

    @property
    def convolves(self) -> bool:
        """Whether the network has filters to look at."""
        return bool(self.layers["type"].astype(str).str.startswith("Conv2d").any())

    def name(self, label: int) -> str:
        """The class's name for a sentence, or its number."""
        known = label < len(self.class_names)
        return isolated(self.class_names[label]) if known else str(label)
