"""Simple classifiers that tell how far features alone go: k-NN, a linear model, a small MLP."""

import warnings
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from jaxtyping import Float32, Int64

Features = Float32[np.ndarray, "samples features"]
Labels = Int64[np.ndarray, " samples"]
Others = Float32[np.ndarray, "others features"]
OthersLabels = Int64[np.ndarray, " others"]

NEAREST = 10
_PENALTIES = (0.003, 0.03, 0.3)
_STEPS = 60
_HIDDEN = (256, 128)
_HELD_OUT = 0.2
_ENOUGH_TO_SPARE = 10


def held_out_rows(
    labels: Labels, seed: int
) -> tuple[Int64[np.ndarray, " train"], Int64[np.ndarray, " test"]]:
    """Rows to learn from and a fifth to be asked about, in the same proportion of classes.

    A class of one sample is learned from and not asked about.
    """
    from sklearn.model_selection import train_test_split

    counts = np.bincount(labels)
    alone = counts[labels] < 2
    rows = np.flatnonzero(~alone)
    classes = len(np.unique(labels[rows]))
    test = max(classes, round(_HELD_OUT * len(rows)))
    train, asked = train_test_split(rows, test_size=test, stratify=labels[rows], random_state=seed)
    return np.sort(np.concatenate([train, np.flatnonzero(alone)])), np.sort(asked)


def accuracy(
    classifier: str,
    learned: tuple[Features, Labels],
    asked: tuple[Others, OthersLabels],
    seed: int = 0,
) -> float:
    """Share of the asked that a classifier gets right, in [0, 1], after learning from the others.

    Features are divided by one common deviation, so that distances keep their proportions.

    Args:
        classifier: A key of `CLASSIFIERS`.
        learned: Features and labels to learn from.
        asked: Features and labels to be asked about.
        seed: Where the classifier draws at random.

    Example:
        >>> rows = np.repeat([[0.0], [9.0]], 20, axis=0).astype(np.float32)
        >>> labels = np.repeat([0, 1], 20)
        >>> [accuracy(name, (rows, labels), (rows, labels)) for name in CLASSIFIERS]
        [1.0, 1.0, 1.0]
    """
    mean, spread = learned[0].mean(axis=0), float(learned[0].std()) or 1.0
    rows, others = ((features - mean) / spread for features in (learned[0], asked[0]))
    with warnings.catch_warnings():
        # A classifier that stops early is scored as it is.
        warnings.simplefilter("ignore")
        fitted = CLASSIFIERS[classifier](rows, learned[1], seed)
        return float((fitted.predict(others) == asked[1]).mean())


def _nearest(rows: Features, labels: Labels, seed: int) -> Any:
    from sklearn.neighbors import KNeighborsClassifier

    del seed
    return KNeighborsClassifier(min(NEAREST, len(rows)), algorithm="brute").fit(rows, labels)


def _linear(rows: Features, labels: Labels, seed: int) -> Any:
    """Logistic regression; a fifth of the samples chooses its penalty."""
    from sklearn.linear_model import LogisticRegression

    def with_penalty(strength: float) -> Any:
        return LogisticRegression(C=strength, max_iter=_STEPS)

    if np.bincount(labels).max() < 2:
        # No class can spare a sample to choose by.
        return with_penalty(_PENALTIES[1]).fit(rows, labels)
    train, check = held_out_rows(labels, seed)
    scores = [
        with_penalty(strength).fit(rows[train], labels[train]).score(rows[check], labels[check])
        for strength in _PENALTIES
    ]
    return with_penalty(_PENALTIES[int(np.argmax(scores))]).fit(rows, labels)


def _mlp(rows: Features, labels: Labels, seed: int) -> Any:
    from sklearn.neural_network import MLPClassifier

    counts = np.bincount(labels)
    # It stops early by a stratified tenth, which every class must be able to spare.
    spare = counts[counts > 0].min() >= _ENOUGH_TO_SPARE
    classifier = MLPClassifier(
        _HIDDEN, early_stopping=spare, max_iter=_STEPS, random_state=seed, alpha=1e-3
    )
    return classifier.fit(rows, labels)


CLASSIFIERS: dict[str, Callable[[Features, Labels, int], Any]] = {
    "k-NN": _nearest,
    "linear": _linear,
    "MLP": _mlp,
}
"""Classifiers by name, from the simplest on."""


def majority(labels: Sequence[int] | Labels) -> float:
    """Share of the most frequent class: what guessing gets right."""
    counts = np.bincount(np.asarray(labels))
    return float(counts.max() / counts.sum())
