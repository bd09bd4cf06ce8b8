"""Calibration against a plain loop over bins."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cutaway.diagnosis.calibration import calibration


def naive_error(confidence, right, bins):
    error = 0.0
    for number in range(bins):
        members = [
            (sure, hit)
            for sure, hit in zip(confidence, right, strict=True)
            if number / bins < sure <= (number + 1) / bins or (number == 0 and sure == 0)
        ]
        if members:
            gap = sum(sure for sure, _ in members) - sum(hit for _, hit in members)
            error += abs(gap) / len(confidence)
    return error


@given(st.lists(st.tuples(st.floats(0, 1), st.booleans()), min_size=1, max_size=40))
def test_the_error_equals_a_plain_loop(pairs):
    confidence = np.array([sure for sure, _ in pairs])
    right = np.array([hit for _, hit in pairs])
    found = calibration(confidence, right, bins=4)
    assert found.error == pytest.approx(naive_error(confidence, right, 4), abs=1e-9)
    assert abs(found.gap) <= found.error + 1e-9
    assert sum(one.count for one in found.bins) == len(pairs)


def test_a_network_that_knows_how_sure_to_be_has_a_gap_of_chance():
    random = np.random.default_rng(0)
    confidence = random.uniform(0.4, 1, 5000)
    found = calibration(confidence, random.random(5000) < confidence)
    assert found.error < 0.03
    assert abs(found.gap) < 3 * found.deviation
    assert found.to_dict()["gap"] == found.gap


def test_without_predictions_there_is_none():
    assert calibration(np.zeros(0), np.zeros(0, bool)) is None
