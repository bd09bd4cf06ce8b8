"""How like a sample is to a class's mean, and where it turns away from it."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import pearsonr

from cutaway.diagnosis.likeness import likeness, turns_away_at


@settings(max_examples=40)
@given(st.integers(2, 40), st.integers(0, 999), st.floats(0.1, 50), st.floats(-9, 9))
def test_it_is_the_correlation_whatever_scale_and_shift(units, seed, scale, shift):
    values, mean = np.random.default_rng(seed).normal(size=(2, units))
    expected = pearsonr(values, mean).statistic
    assert likeness(values, mean) == pytest.approx(expected, abs=1e-9)
    assert likeness(scale * values + shift, mean) == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize("values", [[1.0, 1.0], [np.nan, 1.0], [0.1 + 0.2, 0.3]])
def test_what_is_constant_or_no_number_is_like_nothing(values):
    assert np.isnan(likeness(np.array(values), np.array([0.0, 1.0])))


def test_a_sample_turns_away_where_it_stays_away():
    away, own, unknown = (0.2, 0.9), (0.9, 0.2), (float("nan"), 0.5)
    assert turns_away_at({"a": away, "b": own, "c": away, "d": unknown, "e": away}) == "c"
    assert turns_away_at({"a": away, "b": own}) is None
    assert turns_away_at({}) is None
