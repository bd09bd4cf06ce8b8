"""Centred kernel alignment against the definition in sums."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cutaway.diagnosis import cka_matrix

RANDOM = np.random.default_rng(3)
ONE = RANDOM.normal(size=(24, 5)).astype(np.float32)
OTHER = (ONE[:, :2] ** 2 + 0.3 * RANDOM.normal(size=(24, 2))).astype(np.float32)


def naive_dependence(one, other):
    """The unbiased estimate as an average over all quadruples of different samples."""
    k, m = (rows.astype(float) @ rows.T.astype(float) for rows in (one, other))
    n = len(k)
    pairs = sum(k[i, j] * m[i, j] for i, j in itertools.permutations(range(n), 2))
    triples = sum(k[i, j] * m[i, q] for i, j, q in itertools.permutations(range(n), 3))
    # The sum over quadruples is that of all products less those with a sample in common.
    ks, ls = k.sum() - np.trace(k), m.sum() - np.trace(m)
    quadruples = ks * ls - 4 * triples - 2 * pairs
    return (
        pairs / (n * (n - 1))
        + quadruples / (n * (n - 1) * (n - 2) * (n - 3))
        - 2 * triples / (n * (n - 1) * (n - 2))
    )


def naive_cka(one, other):
    norms = naive_dependence(one, one) * naive_dependence(other, other)
    return naive_dependence(one, other) / norms**0.5


def test_it_equals_the_definition():
    found = cka_matrix([ONE, OTHER])
    assert found[0, 1] == pytest.approx(naive_cka(ONE, OTHER), rel=1e-6)
    assert found[0, 1] == found[1, 0]
    np.testing.assert_array_equal(np.diag(found), 1)


def test_batches_average_the_estimates_of_equal_parts():
    def over_batches(a, b):
        return sum(naive_dependence(a[part], b[part]) for part in (slice(0, 12), slice(12, 24)))

    expected = over_batches(ONE, OTHER) / np.sqrt(
        over_batches(ONE, ONE) * over_batches(OTHER, OTHER)
    )
    assert cka_matrix([ONE, OTHER], batch=12)[0, 1] == pytest.approx(expected, rel=1e-6)


@given(st.floats(0.01, 100), st.floats(-50, 50), st.integers(0, 9))
def test_turning_shifting_and_scaling_change_nothing(scale, shift, seed):
    turn = np.linalg.qr(np.random.default_rng(seed).normal(size=(5, 5)))[0]
    moved = ONE.astype(float) @ turn * scale + shift
    found = cka_matrix([ONE, moved, OTHER])
    assert found[0, 1] == pytest.approx(1, abs=1e-6)
    assert found[0, 2] == pytest.approx(found[1, 2], abs=1e-6)


def test_unrelated_layers_are_at_none_and_no_value_is_beyond_one():
    layers = [RANDOM.normal(size=(300, 40)) for _ in range(4)]
    found = cka_matrix(layers, batch=100)
    assert np.abs(found - np.eye(4)).max() < 0.05
    # The biased estimate would call them alike.
    assert np.abs(found).max() <= 1


def test_chosen_rows_are_those_compared():
    rows = np.arange(0, 24, 2)
    np.testing.assert_array_equal(
        cka_matrix([ONE, OTHER], rows), cka_matrix([ONE[rows], OTHER[rows]])
    )


def test_what_cannot_be_told_is_nan():
    equal, broken = np.full((24, 2), 0.1), np.where(ONE > 2, np.nan, ONE)
    found = cka_matrix([ONE, equal, broken])
    assert np.isnan(found[1:]).all()
    assert found[0, 0] == 1
    assert np.isnan(cka_matrix([ONE[:3]])).all()
    assert cka_matrix([]).shape == (0, 0)
