import math
from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from cutaway.activations.reducers import UnitReducer
from cutaway.activations.summary import summarize

FIELDS = (
    "mean",
    "var",
    "minimum",
    "maximum",
    "active",
    "live",
    "top_values",
    "top_ids",
    "top_positions",
    "histogram",
    "histogram_low",
    "histogram_high",
    "nonfinite",
)


def reduced(values, cuts=(), top=9):
    """One reducer over the batches between the cuts."""
    reducer = UnitReducer(values.shape[1], math.prod(values.shape[2:]), top)
    for start, stop in zip((0, *cuts), (*cuts, len(values)), strict=True):
        if stop > start:
            reducer.update(summarize(values[start:stop])[0], start)
    return reducer


def bits(figures):
    return [np.ascontiguousarray(getattr(figures, field)).tobytes() for field in FIELDS]


numbers = hnp.arrays(
    np.float32,
    st.tuples(st.integers(1, 14), st.integers(1, 3), st.integers(1, 3)),
    elements=st.one_of(
        st.sampled_from([0.0, -0.0, 1.0, -1.0, 1e30, 1e-30]),
        st.floats(-1e6, 1e6, width=32),
        st.sampled_from([np.nan, np.inf]),
    ),
)


@settings(max_examples=60)
@given(numbers, st.data())
def test_any_split_and_any_order_of_merging_gives_the_same_bits(values, data):
    values = torch.from_numpy(values)
    whole = bits(reduced(values).result())
    cuts = sorted(data.draw(st.lists(st.integers(0, len(values)), max_size=4)))
    assert bits(reduced(values, tuple(cuts)).result()) == whole
    edges = [0, *cuts, len(values)]
    shards = []
    for start, stop in pairwise(edges):
        if stop > start:
            shard = UnitReducer(values.shape[1], values.shape[2])
            shard.update(summarize(values[start:stop])[0], start)
            shards.append(shard)
    merged = UnitReducer(values.shape[1], values.shape[2])
    for shard in data.draw(st.permutations(shards)):
        merged.merge(shard)
    assert bits(merged.result()) == whole


@given(numbers, st.integers(1, 5))
def test_figures_are_those_of_the_naive_twin(values, top):
    figures = reduced(torch.from_numpy(values), top=top).result()
    n, units, positions = values.shape
    assert figures.count == n * positions
    for unit in range(units):
        mine = values[:, unit]
        numbers_only = mine[~np.isnan(mine)]
        flat = [Fraction(float(value)) for value in mine.ravel() if np.isfinite(value)]
        if len(flat) == mine.size:
            mean = sum(flat) / len(flat)
            var = sum((value - mean) ** 2 for value in flat) / len(flat)
            scale = max(abs(value) for value in flat)
            assert figures.mean[unit] == pytest.approx(float(mean), rel=1e-12, abs=1e-15 * scale)
            assert figures.var[unit] == pytest.approx(float(var), rel=1e-9, abs=1e-15 * scale**2)
        else:
            assert np.isnan(figures.mean[unit])
            assert np.isnan(figures.var[unit])
        assert figures.nonfinite[unit] == (~np.isfinite(mine)).any(axis=1).sum()
        if numbers_only.size:
            assert figures.minimum[unit] == numbers_only.min()
            assert figures.maximum[unit] == numbers_only.max()
        assert figures.active[unit] == (mine > 0).any(axis=1).mean()
        assert figures.live[unit] == (mine > 0).mean()
        scores = [max([v for v in row if not np.isnan(v)], default=-np.inf) for row in mine]
        best = sorted(range(n), key=lambda i: (-scores[i], i))[:top]
        assert figures.top_ids[unit].tolist() == best
        assert figures.top_values[unit].tolist() == [scores[i] for i in best]
        for identity, position in zip(best, figures.top_positions[unit], strict=True):
            row = mine[identity]
            assert position == -1 if np.isnan(row).all() else row[position] == scores[identity]


def test_vectors_have_the_exactly_rounded_mean_and_variance():
    values = torch.randn(500, 3, generator=torch.Generator().manual_seed(2)) + 1000
    figures = reduced(values).result()
    for unit in range(3):
        flat = [Fraction(value) for value in values[:, unit].tolist()]
        mean = sum(flat) / 500
        assert figures.mean[unit] == float(mean)
        assert figures.var[unit] == float(sum((value - mean) ** 2 for value in flat) / 500)


def test_the_variance_of_maps_far_from_0_keeps_its_digits():
    values = torch.randn(40, 2, 6, 6, generator=torch.Generator().manual_seed(3)) * 0.01 + 1e4
    figures = reduced(values).result()
    np.testing.assert_allclose(
        figures.var, values.double().var((0, 2, 3), correction=0), rtol=1e-10
    )
