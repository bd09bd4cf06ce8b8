"""Simple classifiers: what they learn, what is held out, degenerate sets."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cutaway.diagnosis.classifiers import CLASSIFIERS, accuracy, held_out_rows, majority


@given(st.lists(st.integers(0, 3), min_size=10, max_size=80), st.integers(0, 9))
def test_rows_are_split_once_and_in_proportion(values, seed):
    labels = np.array(values)
    counts = np.bincount(labels)
    if (counts >= 2).sum() < 2 or counts[counts >= 2].sum() < 10:
        return
    train, asked = held_out_rows(labels, seed)
    assert sorted([*train, *asked]) == list(range(len(labels)))
    assert set(labels[asked]) <= set(labels[train])
    assert len(asked) <= max(len(counts), 0.2 * len(labels) + 1)


def ring(count, seed=0):
    """Two classes that no straight line parts: a disc and the ring around it."""
    rng = np.random.default_rng(seed)
    labels = np.arange(count) % 2
    radius = np.where(labels == 0, 0.4, 1.0) + rng.normal(0, 0.05, count)
    angle = rng.random(count) * 2 * np.pi
    rows = np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=1)
    return rows.astype(np.float32), labels.astype(np.int64)


def test_each_gets_what_it_can_learn():
    learned, asked = ring(600), ring(300, seed=1)
    assert accuracy("k-NN", learned, asked) > 0.97
    assert accuracy("MLP", learned, asked) > 0.9
    assert accuracy("linear", learned, asked) < 0.65


@pytest.mark.parametrize("classifier", CLASSIFIERS)
def test_features_that_say_nothing(classifier):
    rows, labels = np.zeros((30, 3), np.float32), np.arange(30) % 2
    assert accuracy(classifier, (rows, labels), (rows, labels)) == pytest.approx(0.5, abs=0.01)


def test_the_share_of_the_most_frequent():
    assert majority([0, 1, 1, 1]) == 0.75
