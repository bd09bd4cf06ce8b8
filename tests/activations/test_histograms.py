import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from cutaway.activations.histograms import Histograms
from cutaway.activations.summary import summarize


def naive(row):
    """Counts and outer edges, by looking for the finest bins that hold all finite values."""
    values = [float(value) for value in row if math.isfinite(value)]
    if not values:
        return [0] * 32, math.nan, math.nan
    largest = max(map(abs, values))
    exponent = max(math.frexp(largest)[1] - 23, -120) if largest else -120
    while True:
        width = 2.0**exponent
        bins = [
            math.floor(value / width) if value >= 0 else -1 - math.floor(-value / width)
            for value in values
        ]
        first = min(bins)
        if max(bins) - first < 32:
            counts = [bins.count(first + place) for place in range(32)]
            return counts, first * width, (first + 32) * width
        exponent += 1


numbers = st.one_of(
    st.sampled_from([0.0, -0.0, 1.0, -1.0, 2.0, -4.0, 1e-45, -1e-45, 3e38, np.nan, np.inf]),
    st.floats(-8, 8, width=32),
    st.floats(width=32),
)
batches = hnp.arrays(
    np.float32, st.tuples(st.integers(1, 9), st.integers(1, 3), st.integers(1, 9)), elements=numbers
)


@given(batches)
def test_counts_and_edges_are_those_of_the_naive_twin_compiled_and_by_torch(values):
    units = [naive(values[:, unit].ravel()) for unit in range(values.shape[1])]
    tensor = torch.from_numpy(values)
    for found in (summarize(tensor)[0].histograms, Histograms.of(tensor.double())):
        for figures, expected in zip(found.result(), zip(*units, strict=True), strict=True):
            np.testing.assert_array_equal(figures, expected)


@given(batches, batches)
def test_merging_gives_the_counts_of_all(one, other):
    units = min(one.shape[1], other.shape[1])
    merged = summarize(torch.from_numpy(one[:, :units]))[0].histograms
    merged.merge(summarize(torch.from_numpy(other[:, :units]))[0].histograms)
    for unit in range(units):
        expected = naive(np.concatenate([one[:, unit].ravel(), other[:, unit].ravel()]))
        for figures, wanted in zip(merged.result(), expected, strict=True):
            np.testing.assert_array_equal(figures[unit], wanted)


@pytest.mark.parametrize("positions", [1, 15, 16, 17, 511, 512, 513, 1100, 4096, 4097, 4120])
def test_every_value_of_a_long_row_is_counted(positions):
    values = torch.randn(3, 2, positions, generator=torch.Generator().manual_seed(1))
    counts, low, high = summarize(values)[0].histograms.result()
    for unit in range(2):
        expected, *edges = naive(values[:, unit].flatten().tolist())
        assert counts[unit].tolist() == expected
        assert [low[unit], high[unit]] == edges


def test_at_least_sixteen_bins_lie_between_the_extremes():
    values = torch.tensor([[[5.0, 5.5, 9.0]], [[5.1, 6.0, 8.9]]])
    counts, low, high = summarize(values)[0].histograms.result()
    assert 16 <= 1 + np.flatnonzero(counts[0]).max() <= 32
    assert (low[0], high[0]) == (5.0, 13.0)


def test_a_constant_unit_stands_in_one_bin():
    counts, low, high = summarize(torch.full((2, 1, 3), -0.75))[0].histograms.result()
    assert counts[0].tolist() == [6] + [0] * 31
    assert low[0] <= -0.75 < high[0]
    counts, low, _ = summarize(torch.zeros(2, 1, 3))[0].histograms.result()
    assert (counts[0, 0], low[0]) == (6, 0)
