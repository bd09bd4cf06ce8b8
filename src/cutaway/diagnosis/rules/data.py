"""What the rules notice in the data: its classes, copies, files and input transform."""

from collections.abc import Iterator

from cutaway.diagnosis.findings import Evidence, Finding
from cutaway.diagnosis.rules.words import plural

IMBALANCE = 3.0
"""Classes are called imbalanced when the largest has more than this many times the smallest."""
NEAR_LEAKAGE = 0.01
"""Near copies of the reference's samples are a warning above this share of the data."""


def _leakage(evidence: Evidence) -> Iterator[Finding]:
    shared = evidence.shared_samples
    if shared:
        yield Finding(
            "leakage",
            f"{len(shared):,} {plural('sample', len(shared))} of the data also in the reference",
            "They are equal pixel by pixel, so the network has seen them in training and its accuracy on them "
            "says nothing. Take them out of one side.",
            "shared",
            severity="problem",
            samples=tuple(shared[:9]),
        )
    near = evidence.nearly_shared_samples
    if near:
        yield Finding(
            "near leakage",
            f"{len(near):,} {plural('sample', len(near))} of the data nearly in the reference",
            "They resemble one image of the reference far more than any other, as crops and copies "
            "saved anew do: accuracy on them says little of new images. Look at the pairs.",
            "shared",
            severity="warning" if len(near) > NEAR_LEAKAGE * len(evidence.studied) else "note",
            samples=tuple(near[:9]),
        )


def _transform(evidence: Evidence) -> Iterator[Finding]:
    if evidence.transform_origin == "inferred":
        yield Finding(
            "input transform",
            "The input transform was inferred",
            "Neither the checkpoint nor the model says how images were normalized in training, so mean "
            "and standard deviation were measured on this data. Where the training used others, every "
            "figure here is a little off: pass transform= to state them.",
            severity="warning",
        )


def _imbalance(evidence: Evidence) -> Iterator[Finding]:
    classes = evidence.summary.get("classes")
    if not classes:
        return
    numbers = [entry["samples"] for entry in classes]
    present = [number for number in numbers if number]
    missing = len(numbers) - len(present)
    if missing:
        yield Finding(
            "missing class",
            f"{missing} {plural('class', missing)} without a sample",
            f"{len(present)} of {len(numbers)} classes occur in the data; nothing can be said of the others.",
            "class_balance",
            severity="warning",
        )
    if present and max(present) > IMBALANCE * min(present):
        yield Finding(
            "imbalance",
            f"The largest class has {max(present) / min(present):.1f} times the samples of the smallest",
            f"Class sizes run from {min(present):,} to {max(present):,}. Accuracy hides errors in small classes: "
            "look at recall by class, and weigh or resample.",
            "class_balance",
            severity="warning",
        )


def _duplicates(evidence: Evidence) -> Iterator[Finding]:
    groups = len(evidence.summary.get("duplicates", ()))
    conflicts = len(evidence.summary.get("label_conflicts", ()))
    if conflicts:
        yield Finding(
            "label conflict",
            f"{conflicts:,} {plural('image', conflicts)} under two labels",
            "Equal or nearly equal images carry different labels: look at them, at least one label "
            "is wrong.",
            "near_duplicates",
            severity="problem",
        )
    if groups:
        yield Finding(
            "duplicates",
            f"{groups:,} {plural('image', groups)} more than once in the data",
            "Exact copies count twice in every figure.",
            "samples",
        )


def _unreadable(evidence: Evidence) -> Iterator[Finding]:
    skipped = evidence.summary.get("skipped", [])
    if skipped:
        names = ", ".join(str(item["source"]) for item in skipped[:3])
        yield Finding(
            "unreadable",
            f"{len(skipped):,} {plural('file', len(skipped))} could not be read",
            f"Skipped: {names}{' and others' if len(skipped) > 3 else ''}.",
            severity="warning",
        )


RULES = (
    _leakage,
    _transform,
    _imbalance,
    _duplicates,
    _unreadable,
)
