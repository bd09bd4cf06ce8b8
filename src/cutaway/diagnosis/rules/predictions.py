"""What the rules notice in the predictions: how good, how sure, and what is mistaken for what."""

from collections.abc import Iterator

import numpy as np
import pandas as pd

from cutaway.diagnosis.evidence import Evidence
from cutaway.diagnosis.findings import Finding, Kind
from cutaway.diagnosis.predictions import confusion_counts, notable_samples
from cutaway.diagnosis.rules.guessing import MOSTLY, guesses, telling
from cutaway.diagnosis.rules.words import plural, share

OVERFIT_GAP = 0.05
"""Accuracy on the reference split may exceed that on the data by this much before it is a warning."""
SURE = 0.9
"""A prediction is called confident from this probability on."""
MORE_THAN_SAID = 3.0
"""Confident errors are a warning where they are this many standard deviations more than the
probabilities themselves allow for: of 100 predictions at 99%, one may be wrong."""
WEAK_CLASS_GAP = 0.1
"""A class is called weak when its recall lies this far under the accuracy over all classes."""


def _accuracy(evidence: Evidence) -> Iterator[Finding]:
    if not evidence.labelled:
        return
    studied = evidence.studied
    right = studied["label"] == studied["predicted"]
    guessing = studied["label"].value_counts(normalize=True).max()
    text = f"{right.sum():,} of {len(studied):,} samples are predicted right."
    if guesses(evidence):
        yield Finding(
            "accuracy",
            f"Hardly better than guessing: {right.mean():.1%} right",
            f"{text} Always naming the most frequent class would give {guessing:.1%}.{_one_class(evidence)}",
            "confusion",
            severity="problem",
            samples=_surest_errors(studied),
            weight=share(int((~right).sum()), len(studied)),
            advice="Check that the weights are trained ones and that the input transform is the one of the training.",
        )
    else:
        title = f"{right.mean():.1%} of predictions are right"
        weight = share(int((~right).sum()), len(studied))
        samples = _surest_errors(studied)
        yield Finding("accuracy", title, text, "confusion", samples=samples, weight=weight)


def _surest_errors(studied: pd.DataFrame) -> tuple[int, ...]:
    """Ids of at most nine samples that are predicted wrong, the surest first."""
    return tuple(studied["id"].iloc[list(notable_samples(studied).surest_wrong)].tolist())


def _one_class(evidence: Evidence) -> str:
    named = evidence.studied["predicted"].value_counts(normalize=True)
    if named.iloc[0] < MOSTLY:
        return ""
    return f" It names {evidence.name(int(named.index[0]))} for {named.iloc[0]:.1%} of them."


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
            "data.",
            "confusion",
            severity="warning",
            weight=float(gap),
        )


def _weak_class(evidence: Evidence) -> Iterator[Finding]:
    if not telling(evidence):
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
            weight=share(len(wrong), len(studied)),
        )


def _confident_errors(evidence: Evidence) -> Iterator[Finding]:
    if not telling(evidence):
        return
    studied = evidence.studied
    wrong = studied["label"] != studied["predicted"]
    sure = wrong & (studied["confidence"] >= SURE)
    if sure.any():
        doubt = 1 - studied.loc[studied["confidence"] >= SURE, "confidence"]
        allowed = doubt.sum() + MORE_THAN_SAID * max((doubt * (1 - doubt)).sum(), 1.0) ** 0.5
        yield Finding(
            "confident errors",
            f"{sure.sum():,} wrong {plural('prediction', int(sure.sum()))} made with confidence",
            f"{sure.sum():,} of {wrong.sum():,} errors come with a probability of {SURE:.0%} or more, where these "
            f"probabilities allow for {doubt.sum():.1f}. They are where labels are wrong, or where the network sees "
            "something that is not there.",
            "activations",
            severity="warning" if sure.sum() > allowed else "note",
            samples=_surest_errors(studied[sure]),
            weight=share(int(sure.sum()), len(studied)),
        )


def _confused_pair(evidence: Evidence) -> Iterator[Finding]:
    if not telling(evidence):
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
        weight=share(int(counts.max()), len(studied)),
    )


RULES = (
    _accuracy,
    _overfitting,
    _weak_class,
    _confident_errors,
    _confused_pair,
)

KINDS = (
    Kind(
        "accuracy",
        "How many predictions are right; a problem where guessing does as well.",
        "samples, those predicted wrong",
        "confusion",
        "The confusion matrix shows where the rest goes.",
        "note, or problem",
        ("diagnosis.rules.guessing:CHANCE_FACTOR", "diagnosis.rules.guessing:CHANCE_LEAD"),
    ),
    Kind(
        "overfitting",
        "The reference is predicted better than the data.",
        "predictions: the gap in accuracy",
        "confusion",
        "Augmentation, weight decay or more data would narrow the gap.",
        "warning",
        ("OVERFIT_GAP",),
    ),
    Kind(
        "weak class",
        "One class is recognized far less than the others.",
        "samples, those of it that are predicted wrong",
        "confusion",
        "Look at what they are taken for; more samples of both would help.",
        "warning",
        ("WEAK_CLASS_GAP",),
    ),
    Kind(
        "confident errors",
        "Predictions are wrong with confidence.",
        "samples",
        "activations",
        "Look at them: correct wrong labels, and see what the network goes by in the others.",
        "warning, or note",
        ("SURE", "MORE_THAN_SAID"),
    ),
    Kind(
        "confused classes",
        "Which class is taken for which other one most often.",
        "samples",
        "confusion",
        "Look at what these images share; more samples of both classes would help.",
    ),
)
