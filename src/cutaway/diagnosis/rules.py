"""The rules that make findings: each reads the evidence and yields what it noticed."""

from collections.abc import Callable, Iterator

import numpy as np

from cutaway.diagnosis.findings import SEVERITIES, Evidence, Finding
from cutaway.diagnosis.predictions import confusion_counts, notable_samples

IMBALANCE = 3.0
"""Classes are called imbalanced when the largest has more than this many times the smallest."""
DEAD_SHARE = 0.05
"""Dead units are a warning when they are more than this share of a layer."""
OVERFIT_GAP = 0.05
"""Accuracy on the reference split may exceed that on the data by this much before it is a warning."""
CHANCE_FACTOR = 1.5
"""A network is called no better than guessing below this many times the accuracy of guessing."""
SURE = 0.9
"""A prediction is called confident from this probability on."""
NEAR_LEAKAGE = 0.01
"""Near copies of the reference's samples are a warning above this share of the data."""
WEAK_CLASS_GAP = 0.1
"""A class is called weak when its recall lies this far under the accuracy over all classes."""

Rule = Callable[[Evidence], Iterator[Finding]]


def find(evidence: Evidence) -> list[Finding]:
    """Applies every rule and orders what they find: problems, warnings, notes.

    Example:
        >>> import pandas as pd
        >>> empty = pd.DataFrame({"layer": [], "dead": [], "type": []})
        >>> evidence = Evidence({}, pd.DataFrame({"split": ["test"]}), empty, empty,
        ...                     transform_origin="inferred", data_split="test")
        >>> [finding.kind for finding in find(evidence)]
        ['input transform']
    """
    found = [finding for rule in _RULES for finding in rule(evidence)]
    return sorted(found, key=lambda finding: SEVERITIES.index(finding.severity))


def _accuracy(evidence: Evidence) -> Iterator[Finding]:
    if not evidence.labelled:
        return
    studied = evidence.studied
    right = studied["label"] == studied["predicted"]
    guessing = studied["label"].value_counts(normalize=True).max()
    text = f"{right.sum():,} of {len(studied):,} samples are predicted right."
    if right.mean() < CHANCE_FACTOR * guessing and guessing < 0.5:
        yield Finding(
            "accuracy",
            f"Hardly better than guessing: {right.mean():.1%} right",
            f"{text} Always naming the most frequent class would give {guessing:.1%}. Check that the "
            "weights are trained ones and that the input transform is the one of the training.",
            "confusion",
            severity="problem",
        )
    else:
        yield Finding("accuracy", f"{right.mean():.1%} of predictions are right", text, "confusion")


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


def _broken(evidence: Evidence) -> Iterator[Finding]:
    if evidence.broken_layers:
        first = evidence.broken_layers[0]
        yield Finding(
            "not a number",
            f"{first} puts out values that are not finite",
            f"{first} is the first of {len(evidence.broken_layers)} layers with NaN or infinite activations. "
            "Look for overflow, a division by zero, or broken weights there.",
            layer=first,
            severity="problem",
        )


def _random_weights(evidence: Evidence) -> Iterator[Finding]:
    if evidence.untrained:
        yield Finding(
            "random weights",
            "The network's weights are random",
            "Every weight is still as it was drawn, so what the layers show says nothing of what can be learned "
            "from the data. Load a checkpoint, train the network, or begin with published weights.",
            severity="problem",
        )
    elif evidence.unmatched:
        count, first = len(evidence.unmatched), ", ".join(evidence.unmatched[:6])
        yield Finding(
            "random weights",
            f"{count} {'entry' if count == 1 else 'entries'} of the network's state {'is' if count == 1 else 'are'} random",
            f"The file that its weights came from did not have them, and no training changed them: {first}"
            f"{' and others' if count > 6 else ''}. Load the checkpoint of this very network, or train it further.",
            severity="problem",
        )
    elif evidence.unseen_norms:
        count = len(evidence.unseen_norms)
        yield Finding(
            "random weights",
            f"{count} BatchNorm {_plural('layer', count)} never saw a batch",
            f"Means of 0 and variances of 1 at {', '.join(evidence.unseen_norms[:6])}, while other layers were "
            "trained: their weights may not have been loaded.",
            layer=evidence.unseen_norms[0],
            severity="warning",
        )


def _overfitting(evidence: Evidence) -> Iterator[Finding]:
    if not evidence.labelled:
        return
    right = evidence.samples["label"] == evidence.samples["predicted"]
    own = evidence.samples["split"] == evidence.data_split
    if own.all():
        return
    gap = right[~own].mean() - right[own].mean()
    if gap > OVERFIT_GAP:
        yield Finding(
            "overfitting",
            f"{gap:.1%} less accurate on new samples than on the reference",
            f"{right[~own].mean():.1%} of the reference is predicted right and {right[own].mean():.1%} of the "
            "data. Augmentation, weight decay or more data would narrow the gap.",
            "confusion",
            severity="warning",
        )


def _weak_class(evidence: Evidence) -> Iterator[Finding]:
    if not evidence.labelled:
        return
    studied = evidence.studied
    right = studied["label"] == studied["predicted"]
    recall = right.groupby(studied["label"]).mean()
    label = int(recall.idxmin())
    if recall[label] < right.mean() - WEAK_CLASS_GAP:
        wrong = studied[(studied["label"] == label) & ~right]
        yield Finding(
            "weak class",
            f"{evidence.name(label)} is recognized least: {recall[label]:.1%}",
            f"{len(wrong):,} of {(studied['label'] == label).sum():,} samples of {evidence.name(label)} are taken "
            f"for something else, most often for {evidence.name(int(wrong['predicted'].mode()[0]))}.",
            "confusion",
            severity="warning",
            samples=tuple(wrong["id"].head(9).tolist()),
        )


def _confused_pair(evidence: Evidence) -> Iterator[Finding]:
    if not evidence.labelled:
        return
    studied = evidence.studied
    classes = int(max(studied["label"].max(), studied["predicted"].max())) + 1
    counts = confusion_counts(studied["label"].to_numpy(), studied["predicted"].to_numpy(), classes)
    np.fill_diagonal(counts, 0)
    if counts.max() < 2:
        return
    label, predicted = np.unravel_index(counts.argmax(), counts.shape)
    mistaken = studied[(studied["label"] == label) & (studied["predicted"] == predicted)]
    yield Finding(
        "confused classes",
        f"{evidence.name(int(label))} is taken for {evidence.name(int(predicted))} most often",
        f"It happens {counts.max():,} times, {counts.max() / counts.sum():.0%} of all {counts.sum():,} errors.",
        "confusion",
        samples=tuple(mistaken["id"].head(9).tolist()),
    )


def _confident_errors(evidence: Evidence) -> Iterator[Finding]:
    if not evidence.labelled:
        return
    studied = evidence.studied.reset_index(drop=True)
    wrong = studied["label"] != studied["predicted"]
    sure = wrong & (studied["confidence"] >= SURE)
    if sure.any():
        first = list(notable_samples(studied).surest_wrong[: min(9, int(sure.sum()))])
        yield Finding(
            "confident errors",
            f"{sure.sum():,} wrong {_plural('prediction', int(sure.sum()))} made with confidence",
            f"{sure.sum():,} of {wrong.sum():,} errors come with a probability of {SURE:.0%} or more. They are "
            "where labels are wrong, or where the network sees something that is not there.",
            "activations",
            severity="warning",
            samples=tuple(studied.loc[first, "id"].tolist()),
        )


def _dead_units(evidence: Evidence) -> Iterator[Finding]:
    earlier: list[int] = []
    for row in evidence.layers.itertuples():
        units = evidence.units[(evidence.units["layer"] == row.layer) & evidence.units["dead"]]
        passed_on, earlier = earlier == units["unit"].tolist(), units["unit"].tolist()
        if row.dead > DEAD_SHARE and not passed_on:
            yield Finding(
                "dead units",
                f"{len(units)} {_plural('unit', len(units))} of {row.layer} never {'fires' if len(units) == 1 else 'fire'}",
                f"{row.dead:.0%} of {row.layer} gives the same output for every sample. Dead units take no part "
                "and learn nothing: a lower learning rate, another initialization or a smaller layer would help.",
                "unit_use",
                str(row.layer),
                severity="warning" if row.dead < 0.5 else "problem",
            )


def _separation(evidence: Evidence) -> Iterator[Finding]:
    if "knn_accuracy" not in evidence.layers or len(evidence.layers) < 2:
        return
    scored = evidence.layers.dropna(subset=["knn_accuracy"])
    if len(scored) < 2:
        return
    pixels, best = scored.iloc[0], scored.loc[scored["knn_accuracy"].idxmax()]
    steps = scored["knn_accuracy"].diff()
    leap = scored.loc[steps.idxmax()]
    yield Finding(
        "separation",
        f"Classes come apart most at {leap['layer']}",
        f"Ten nearest neighbours name the class of {pixels['knn_accuracy']:.1%} of samples by {pixels['layer']} and "
        f"of {best['knn_accuracy']:.1%} by {best['layer']}, where they do best; the largest single step is "
        f"{steps.max():+.1%} at {leap['layer']}.",
        "separability",
        str(leap["layer"]),
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
            f"{missing} {_plural('class', missing)} without a sample",
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


def _leakage(evidence: Evidence) -> Iterator[Finding]:
    shared = evidence.shared_samples
    if shared:
        yield Finding(
            "leakage",
            f"{len(shared):,} {_plural('sample', len(shared))} of the data also in the reference",
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
            f"{len(near):,} {_plural('sample', len(near))} of the data nearly in the reference",
            "They resemble one image of the reference far more than any other, as crops and copies "
            "saved anew do: accuracy on them says little of new images. Look at the pairs.",
            "shared",
            severity="warning" if len(near) > NEAR_LEAKAGE * len(evidence.studied) else "note",
            samples=tuple(near[:9]),
        )


def _duplicates(evidence: Evidence) -> Iterator[Finding]:
    groups = len(evidence.summary.get("duplicates", ()))
    conflicts = len(evidence.summary.get("label_conflicts", ()))
    if conflicts:
        yield Finding(
            "label conflict",
            f"{conflicts:,} {_plural('image', conflicts)} under two labels",
            "Equal or nearly equal images carry different labels: look at them, at least one label "
            "is wrong.",
            "near_duplicates",
            severity="problem",
        )
    if groups:
        yield Finding(
            "duplicates",
            f"{groups:,} {_plural('image', groups)} more than once in the data",
            "Exact copies count twice in every figure.",
            "samples",
        )


def _unreadable(evidence: Evidence) -> Iterator[Finding]:
    skipped = evidence.summary.get("skipped", [])
    if skipped:
        names = ", ".join(str(item["source"]) for item in skipped[:3])
        yield Finding(
            "unreadable",
            f"{len(skipped):,} {_plural('file', len(skipped))} could not be read",
            f"Skipped: {names}{' and others' if len(skipped) > 3 else ''}.",
            severity="warning",
        )


def _plural(noun: str, number: int) -> str:
    if number == 1:
        return noun
    return noun + ("es" if noun.endswith("s") else "s")


_RULES: tuple[Rule, ...] = (
    _broken,
    _random_weights,
    _accuracy,
    _leakage,
    _dead_units,
    _transform,
    _overfitting,
    _weak_class,
    _confident_errors,
    _imbalance,
    _duplicates,
    _unreadable,
    _confused_pair,
    _separation,
)
