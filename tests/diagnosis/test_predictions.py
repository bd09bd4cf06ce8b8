"""Predictions from outputs, against plain loops."""

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from cutaway.diagnosis import (
    class_probabilities,
    confusion_counts,
    notable_samples,
    prediction_table,
)
from cutaway.errors import InputError

logits = arrays(np.float32, (5, 4), elements=st.floats(-50, 50, width=32))


def naive_softmax(row):
    largest = max(row)
    powers = [math.exp(value - largest) for value in row]
    return [power / sum(powers) for power in powers]


@given(logits)
def test_predictions_equal_a_plain_loop(outputs):
    labels = np.arange(5, dtype=np.int64) % 4
    table = prediction_table(outputs, labels)
    for row, label, found in zip(outputs.astype(float), labels, table.itertuples(), strict=True):
        probabilities = naive_softmax(row)
        first, second = sorted(probabilities, reverse=True)[:2]
        assert found.confidence == pytest.approx(first, abs=1e-9)
        assert found.margin == pytest.approx(first - second, abs=1e-9)
        surprise = -sum(p * math.log(p) for p in probabilities if p > 0)
        assert found.entropy == pytest.approx(surprise, abs=1e-6)
        expected = -math.log(probabilities[label]) if probabilities[label] > 1e-300 else None
        assert expected is None or found.loss == pytest.approx(expected, rel=1e-6, abs=1e-9)


@given(logits, st.floats(-30, 30))
def test_adding_a_constant_to_all_outputs_changes_nothing(outputs, constant):
    exact = outputs.astype(np.float64)
    np.testing.assert_allclose(
        class_probabilities(exact + constant), class_probabilities(exact), atol=1e-9
    )


def test_outputs_that_are_probabilities_are_kept():
    outputs = np.array([[0.25, 0.75], [1.0, 0.0]])
    np.testing.assert_array_equal(class_probabilities(outputs), outputs)
    assert prediction_table(outputs, np.array([1, 1]))["loss"].iloc[1] > 700


def test_without_labels_there_is_no_loss():
    assert "loss" not in prediction_table(np.zeros((2, 3)))


def test_one_output_has_no_runner_up():
    assert prediction_table(np.array([[3.0]]))["margin"].tolist() == [1.0]


def test_labels_beyond_the_outputs_are_refused():
    with pytest.raises(InputError, match=r"labels run from 0 to 7, and the network has 3 outputs"):
        prediction_table(np.zeros((2, 3)), np.array([0, 7]))


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), max_size=30))
def test_confusion_counts_equal_a_plain_loop(pairs):
    expected = [[0] * 4 for _ in range(4)]
    for label, predicted in pairs:
        expected[label][predicted] += 1
    labels = np.array([label for label, _ in pairs], dtype=np.int64)
    predicted = np.array([predicted for _, predicted in pairs], dtype=np.int64)
    assert confusion_counts(labels, predicted, 4).tolist() == expected


def test_notable_samples_are_ordered_and_disjoint():
    samples = pd.DataFrame(
        {
            "label": [0, 0, 1, 1, 1],
            "predicted": [0, 1, 1, 0, 1],
            "confidence": [0.9, 0.6, 0.9, 0.8, 0.4],
        }
    )
    notable = notable_samples(samples)
    assert notable.surest_right == (0, 2, 4)
    assert notable.least_sure_right == (4, 0, 2)
    assert notable.surest_wrong == (3, 1)
    assert notable.least_sure_wrong == (1, 3)
    assert notable.to_dict()["surest_wrong"] == [3, 1]
