"""The class selectivity index of Morcos et al. (2018)."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cutaway.diagnosis.selectivity import class_selectivity


def naive_index(responses, labels):
    means = {
        label: np.mean(
            [max(value, 0) for value, own in zip(responses, labels, strict=True) if own == label]
        )
        for label in set(labels)
    }
    preferred = max(sorted(means), key=lambda label: means[label])
    others = np.mean([mean for label, mean in means.items() if label != preferred])
    return (means[preferred] - others) / (means[preferred] + others), preferred


@given(st.integers(0, 1000))
def test_the_index_is_the_formula_written_out(seed):
    random = np.random.default_rng(seed)
    labels = np.concatenate([np.arange(3), random.integers(0, 3, 20)])
    responses = random.normal(0.5, 1, size=(23, 4))
    index, preferred = class_selectivity(responses, labels)
    for unit in range(4):
        expected = naive_index(responses[:, unit].tolist(), labels.tolist())
        assert index[unit] == pytest.approx(expected[0])
        assert preferred[unit] == expected[1]
        assert 0 <= index[unit] <= 1


def test_a_detector_of_one_class_and_a_unit_for_all():
    labels = np.array([0, 0, 5, 5])
    responses = np.array([[0.0, 1, -1], [0, 1, -1], [2, 1, -1], [3, 1, -2]])
    index, preferred = class_selectivity(responses, labels)
    assert index.tolist() == [1, 0, 0]
    assert preferred.tolist() == [5, 0, -1]


def test_one_class_says_nothing():
    index, preferred = class_selectivity(np.ones((3, 2)), np.zeros(3, dtype=np.int64))
    assert index.tolist() == [0, 0]
    assert preferred.tolist() == [-1, -1]
