"""Confident learning against its definition in loops, and planted swaps."""

import numpy as np

from cutaway.diagnosis.label_errors import NONE, by_suspicion, suspected_labels


def noisy(seed=0, samples=300, swapped=15, sharpness=4.0):
    random = np.random.default_rng(seed)
    truth = random.integers(0, 4, samples)
    logits = random.normal(size=(samples, 4)) + sharpness * np.eye(4)[truth]
    probabilities = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    labels = truth.copy()
    labels[:swapped] = (truth[:swapped] + 1) % 4
    return probabilities, labels, truth


def naive(probabilities, labels):
    classes = range(probabilities.shape[1])
    thresholds = {
        c: np.mean([p[c] for p, y in zip(probabilities, labels, strict=True) if y == c])
        for c in classes
        if c in labels
    }
    found = []
    for p, y in zip(probabilities, labels, strict=True):
        confident = [c for c in thresholds if p[c] >= thresholds[c]]
        best = max(confident, key=lambda c: p[c], default=y)
        found.append(NONE if best == y else best)
    return found


def test_it_equals_the_definition():
    probabilities, labels, _ = noisy(1, sharpness=1.5)
    assert suspected_labels(probabilities, labels).tolist() == naive(probabilities, labels)


def test_a_class_without_labels_is_never_suspected():
    probabilities, labels, _ = noisy(2, sharpness=1.0)
    labels[labels == 3] = 0
    found = suspected_labels(probabilities, labels)
    assert 3 not in found
    assert found.tolist() == naive(probabilities, labels)


def test_swapped_labels_are_found_and_come_first():
    probabilities, labels, truth = noisy()
    found = suspected_labels(probabilities, labels)
    first = by_suspicion(probabilities, labels, found)[:14]
    assert set(first.tolist()) <= set(range(15))
    assert (found[first] == truth[first]).all()
    assert (found[15:] != NONE).mean() < 0.02
