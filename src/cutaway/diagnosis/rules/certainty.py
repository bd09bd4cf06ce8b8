"""What the rules notice in how sure the network is: its calibration, and labels it doubts."""

from collections.abc import Iterator

from cutaway.diagnosis.evidence import Evidence
from cutaway.diagnosis.findings import Finding, Kind
from cutaway.diagnosis.label_errors import NONE
from cutaway.diagnosis.rules.guessing import telling
from cutaway.diagnosis.rules.words import plural

MISCALIBRATION = 0.03
"""Mean confidence may lie this far from the accuracy before a network is called too sure or unsure."""
DEVIATIONS = 3.0
"""And so many times as far as chance would take it, were the network calibrated."""
LABEL_NOISE = 0.02
"""Doubted labels are a warning above this share of the data."""
TRUSTED = 0.7
"""And where at least this share of the predictions is right."""
ALL_BUT_SURE = 0.9
"""A label is doubted where another class is likelier by this much."""


def _calibration(evidence: Evidence) -> Iterator[Finding]:
    found = evidence.calibration
    # How sure a network is of guesses, no temperature mends.
    if found is None or (evidence.labelled and not telling(evidence)):
        return
    gap = found["gap"]
    if abs(gap) <= max(MISCALIBRATION, DEVIATIONS * found["deviation"]):
        return
    over = gap > 0
    yield Finding(
        "overconfidence" if over else "underconfidence",
        f"The network is {'too sure' if over else 'not sure enough'}: {found['confidence']:.1%} on average, and "
        f"{found['accuracy']:.1%} right",
        f"The expected calibration error is {found['error']:.1%}: by so much accuracy and confidence lie apart among "
        "predictions of like confidence. Its probabilities are no chances of being right.",
        "calibration",
        severity="warning",
        weight=float(found["error"]),
        advice=f"Divide the logits by a temperature {'above' if over else 'below'} 1, fitted on held-out data.",
    )


def _label_errors(evidence: Evidence) -> Iterator[Finding]:
    if "suspected_label" not in evidence.samples or not telling(evidence):
        return
    studied = evidence.studied
    suspected = studied[(studied["suspected_label"] != NONE) & (studied["margin"] >= ALL_BUT_SURE)]
    if suspected.empty:
        return
    first = suspected.sort_values("margin", ascending=False, kind="stable").head(9)
    share = len(suspected) / len(studied)
    trusted = float((studied["label"] == studied["predicted"]).mean()) >= TRUSTED
    yield Finding(
        "label errors",
        f"{len(suspected):,} {plural('label', len(suspected))} may be wrong",
        f"For {share:.1%} of the data the network is all but sure of another class than the label (confident "
        "learning). Where the label is right, the network is wrong with confidence. "
        + (
            "It says nothing of samples that the network was trained on."
            if trusted
            else "A network that is wrong so often suspects many right labels."
        ),
        "suspected_labels",
        severity="warning" if share > LABEL_NOISE and trusted else "note",
        samples=tuple(int(sample) for sample in first["id"]),
        weight=share,
    )


RULES = (_calibration, _label_errors)

KINDS = (
    Kind(
        "overconfidence",
        "The network is surer than it is right.",
        "predictions: the expected calibration error",
        "calibration",
        "Divide the logits by a temperature above 1, fitted on held-out data.",
        "warning",
        ("MISCALIBRATION", "DEVIATIONS"),
    ),
    Kind(
        "underconfidence",
        "The network is right more often than it is sure.",
        "predictions: the expected calibration error",
        "calibration",
        "Divide the logits by a temperature below 1, fitted on held-out data.",
        "warning",
        ("MISCALIBRATION", "DEVIATIONS"),
    ),
    Kind(
        "label errors",
        "The network is all but sure of another class than the label.",
        "samples",
        "suspected_labels",
        "Look at them, and correct the labels that are wrong.",
        "warning, or note",
        ("LABEL_NOISE", "TRUSTED", "ALL_BUT_SURE"),
    ),
)
