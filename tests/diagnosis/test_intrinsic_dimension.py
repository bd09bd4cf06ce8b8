"""Intrinsic dimension: naive twins, data of known dimension, invariants."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cutaway.diagnosis.intrinsic_dimension import likely_dimension, two_nearest_dimension


def nearest(rows, k=20):
    squared = ((rows[:, None].astype(np.float64) - rows) ** 2).sum(axis=-1)
    return np.sort(squared, axis=1)[:, 1 : k + 1]


def naive_two_nearest(squared):
    """The slope through the origin, by loops."""
    ratios = sorted(math.sqrt(row[1] / row[0]) for row in squared if row[0] > 0)
    kept = ratios[: int(0.9 * len(ratios))]
    x = [math.log(ratio) for ratio in kept]
    y = [-math.log(1 - (rank + 1) / len(ratios)) for rank in range(len(kept))]
    return sum(a * b for a, b in zip(x, y, strict=True)) / sum(a * a for a in x)


def naive_likely(squared):
    inverses = []
    for row in squared:
        radii = [math.sqrt(value) for value in row]
        terms = [math.log(radii[-1] / radius) for radius in radii[:-1]]
        inverses.append(sum(terms) / (len(radii) - 2))
    return 1 / (sum(inverses) / len(inverses))


@settings(max_examples=20)
@given(st.integers(0, 999), st.integers(15, 60), st.integers(1, 5))
def test_equal_the_naive_twins(seed, count, dimension):
    squared = nearest(np.random.default_rng(seed).normal(size=(count, dimension)), k=6)
    assert two_nearest_dimension(squared) == pytest.approx(naive_two_nearest(squared))
    assert likely_dimension(squared) == pytest.approx(naive_likely(squared))


@pytest.mark.parametrize("dimension", [1, 2, 5])
def test_a_flat_piece_has_its_dimension(dimension):
    rng = np.random.default_rng(0)
    rows = rng.random((1500, dimension)) @ rng.normal(size=(dimension, 12))
    assert two_nearest_dimension(nearest(rows)) == pytest.approx(dimension, rel=0.15)
    assert likely_dimension(nearest(rows)) == pytest.approx(dimension, rel=0.2)


@given(st.floats(1e-3, 1e3))
def test_the_scale_makes_no_difference(scale):
    squared = nearest(np.random.default_rng(0).normal(size=(40, 3)), k=5)
    assert two_nearest_dimension(squared * scale) == pytest.approx(two_nearest_dimension(squared))
    assert likely_dimension(squared * scale) == pytest.approx(likely_dimension(squared))


def test_what_cannot_be_told():
    assert two_nearest_dimension(np.zeros((30, 5))) is None
    assert likely_dimension(np.zeros((30, 5))) is None
    assert two_nearest_dimension(np.ones((30, 5))) is None
    assert likely_dimension(np.ones((30, 5))) is None
    assert two_nearest_dimension(np.ones((3, 5))) is None
