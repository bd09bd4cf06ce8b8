"""How much of a layer is in use, and which units say the same."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cutaway.diagnosis.redundancy import duplicate_units, layer_use


def naive_rank(covariance):
    values = [value for value in np.linalg.eigvals(covariance).real if value > 1e-9]
    total = sum(values)
    return np.exp(-sum(value / total * np.log(value / total) for value in values))


def random_covariance(seed, units=6):
    rows = np.random.default_rng(seed).normal(size=(40, units)) * np.arange(1, units + 1)
    return np.cov(rows, rowvar=False, bias=True)


@given(st.integers(0, 1000))
def test_use_is_the_effective_rank_over_the_units(seed):
    covariance = random_covariance(seed)
    assert layer_use(covariance).in_use == pytest.approx(naive_rank(covariance) / 6)


@given(st.integers(0, 1000), st.floats(0.01, 100))
def test_neither_scale_nor_rotation_changes_what_is_in_use(seed, scale):
    covariance = random_covariance(seed)
    turn = np.linalg.qr(np.random.default_rng(seed).normal(size=(6, 6)))[0]
    turned = layer_use(scale * turn @ covariance @ turn.T)
    assert turned.in_use == pytest.approx(layer_use(covariance).in_use)
    assert turned.directions == layer_use(covariance).directions


def test_extremes_of_use():
    assert layer_use(np.eye(8)) == layer_use(3 * np.eye(8))
    assert layer_use(np.eye(8)).in_use == pytest.approx(1)
    assert layer_use(np.eye(8)).directions == 8
    assert layer_use(np.ones((8, 8))).in_use == pytest.approx(1 / 8)
    assert layer_use(np.ones((8, 8))).directions == 1
    assert (layer_use(np.zeros((8, 8))).in_use, layer_use(np.zeros((8, 8))).directions) == (0, 0)


def test_a_unit_added_as_a_copy_adds_no_direction():
    rows = np.random.default_rng(0).normal(size=(500, 4))
    copied = np.hstack([rows, rows])
    assert layer_use(np.cov(copied, rowvar=False)).directions == 4


def naive_duplicates(rows, weights=None):
    found = []
    for unit in range(rows.shape[1]):
        found.append(-1)
        for earlier in range(unit):
            if rows[:, unit].std() == 0 or rows[:, earlier].std() == 0:
                continue
            alike = np.corrcoef(rows[:, unit], rows[:, earlier])[0, 1] >= 0.98
            if weights is not None:
                one, other = weights[unit].ravel(), weights[earlier].ravel()
                alike &= one @ other / np.linalg.norm(one) / np.linalg.norm(other) >= 0.95
            if alike:
                found[-1] = earlier
                break
    return found


def test_copies_are_found_as_by_comparing_all_pairs():
    random = np.random.default_rng(0)
    rows = random.normal(size=(300, 8))
    rows[:, 3] = 2 * rows[:, 1] + 1
    rows[:, 5] = rows[:, 1] + 0.02 * random.normal(size=300)
    rows[:, 6] = -rows[:, 0]
    rows[:, 7] = 0
    rows = np.hstack([rows, rows[:, 4:5], rows[:, 4:5]])
    found = duplicate_units(np.cov(rows, rowvar=False))
    assert found.tolist() == naive_duplicates(rows) == [-1, -1, -1, 1, -1, 1, -1, -1, 4, 4]


def test_neighbours_are_compared_too():
    rows = np.random.default_rng(0).normal(size=(50, 1)).repeat(2, axis=1)
    assert duplicate_units(np.cov(rows, rowvar=False)).tolist() == [-1, 0]


def test_filters_count_only_where_their_weights_are_parallel_too():
    rows = np.random.default_rng(0).normal(size=(300, 1)).repeat(3, axis=1)
    weights = np.array([[1.0, 0, 0], [0, 1.0, 0], [2.0, 0.1, 0]]).reshape(3, 1, 1, 3)
    found = duplicate_units(np.cov(rows, rowvar=False), weights)
    assert found.tolist() == naive_duplicates(rows, weights) == [-1, -1, 0]
