"""Rank correlation and its interval, against loops and known cases."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import permutation_test

from cutaway.diagnosis.attacks import association, robustness_by_surety
from cutaway.diagnosis.attacks.robustness import medians_by_bin

RANDOM = np.random.default_rng(0)
NUMBERS = st.lists(st.integers(-5, 5), min_size=12, max_size=12).map(
    lambda values: np.array(values, dtype=np.float64)
)


def rank_correlation_by_loops(first, second):
    def ranks(values):
        return [
            np.mean([place for place, other in enumerate(sorted(values), 1) if other == value])
            for value in values
        ]

    one, two = ranks(first), ranks(second)
    mean = (len(one) + 1) / 2
    top = sum((a - mean) * (b - mean) for a, b in zip(one, two, strict=True))
    return top / np.sqrt(sum((a - mean) ** 2 for a in one) * sum((b - mean) ** 2 for b in two))


@settings(max_examples=30)
@given(NUMBERS, NUMBERS)
def test_it_equals_its_naive_twin_ties_included(first, second):
    found = association("margin", first, second)
    if np.ptp(first) == 0 or np.ptp(second) == 0:
        assert found is None
        return
    assert found.correlation == pytest.approx(rank_correlation_by_loops(first, second), abs=1e-9)
    assert -1 <= found.low <= found.high <= 1


def test_its_interval_holds_the_truth_about_as_often_as_it_says():
    hits = 0
    for seed in range(30):
        drawn = np.random.default_rng(seed).normal(size=(2, 100))
        found = association("lead", drawn[0], drawn[1], seed=seed)
        hits += found.low <= 0 <= found.high
    assert 25 <= hits <= 30


def test_its_p_value_is_that_of_shuffled_samples():
    first = RANDOM.normal(size=40)
    second = first * 0.4 + RANDOM.normal(size=40)
    shuffled = permutation_test(
        (first,),
        lambda values: rank_correlation_by_loops(values, second),
        permutation_type="pairings",
        n_resamples=500,
        rng=0,
    )
    found = association("lead", first, second)
    assert found.p_value == pytest.approx(shuffled.pvalue, abs=0.03)


def test_samples_without_a_distance_are_left_out():
    values = np.arange(30.0)
    distances = np.where(values < 12, np.nan, -values)
    found = association("margin", values, distances)
    assert (found.samples, found.correlation) == (18, pytest.approx(-1))
    assert association("margin", values[:15], distances[:15]) is None


def test_surety_is_lead_margin_and_confidence():
    outputs = RANDOM.normal(size=(50, 4))
    ranked = np.sort(outputs, axis=1)
    samples = pd.DataFrame({"confidence": RANDOM.random(50), "margin": RANDOM.random(50)})
    found = robustness_by_surety(samples, outputs, ranked[:, 3] - ranked[:, 2])
    assert [each.measure for each in found] == ["lead", "margin", "confidence"]
    assert found[0].correlation == pytest.approx(1)
    assert abs(found[2].correlation) < 0.5
    assert found[0].to_dict()["samples"] == 50


def test_bins_are_of_equal_size_and_hold_quartiles():
    values, distances = RANDOM.random(103), RANDOM.random(103)
    distances[7] = np.nan
    table = medians_by_bin(values, distances, 4)
    assert table["samples"].tolist() == [26, 26, 25, 25]
    for row in table.itertuples():
        held = np.isfinite(distances) & (values >= row.low) & (values <= row.high)
        np.testing.assert_allclose(
            [row.lower, row.median, row.upper], np.quantile(distances[held], [0.25, 0.5, 0.75])
        )
    assert (table["low"].to_numpy()[1:] > table["high"].to_numpy()[:-1]).all()
    assert len(medians_by_bin(values[:2], distances[:2], 4)) == 2
