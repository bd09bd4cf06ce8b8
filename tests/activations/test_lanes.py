import hashlib
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from cutaway.activations.summary import summarize

LENGTHS = (1, 2, 15, 16, 17, 25, 31, 32, 33, 49, 784, 4096, 4097, 5000)


def odd_rows(positions):
    """Units of which one is negative, one constant, one tiny and one holds what is no number."""
    random = np.random.default_rng(positions)
    rows = random.normal(size=(3, 6, positions)) * np.exp(5 * random.normal(size=(3, 6, 1)))
    rows[:, 0].clip(0, out=rows[:, 0])
    rows[:, 1] = -np.abs(rows[:, 1])
    rows[:, 2] = 3.25
    rows[:, 3] = random.choice([0.0, -0.0, 1e-45, -1e-45, 1e-39], size=(3, positions))
    rows[0, 4, positions // 2], rows[1, 4, positions - 1], rows[2, 4] = np.nan, np.inf, np.nan
    return torch.from_numpy(rows.astype(np.float32))


def bits():
    """A hash of all that is said of such rows."""
    found = hashlib.sha256()
    for positions in LENGTHS:
        summary, _ = summarize(odd_rows(positions))
        for figures in (*vars(summary).values(), *vars(summary.histograms).values()):
            if isinstance(figures, np.ndarray):
                found.update(np.ascontiguousarray(figures).tobytes())
    return found.hexdigest()


def test_a_processor_without_wide_vectors_finds_the_same_bits():
    environment = {**os.environ, "NUMBA_CPU_NAME": "generic", "NUMBA_CPU_FEATURES": ""}
    code = f"import sys; sys.path.insert(0, {str(Path(__file__).parent)!r}); import test_lanes\n"
    command = [sys.executable, "-c", code + "print(test_lanes.bits())"]
    other = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    assert other.stdout.strip() == bits()


@pytest.mark.parametrize("positions", LENGTHS)
def test_rows_of_any_length_are_summed_up_as_torch_does(positions):
    rows = odd_rows(positions)
    fast, slow = summarize(rows)[0], summarize(rows.double())[0]
    np.testing.assert_array_equal(fast.finite, slow.finite)
    for name in ("low", "high", "positive", "peak"):
        np.testing.assert_array_equal(getattr(fast, name), getattr(slow, name))
    for name in ("total", "scatter"):
        ours, theirs = (getattr(each, name)[fast.finite] for each in (fast, slow))
        np.testing.assert_allclose(ours, theirs, rtol=1e-9, atol=1e-30)
    for ours, theirs in zip(fast.histograms.result(), slow.histograms.result(), strict=True):
        np.testing.assert_array_equal(ours, theirs)


@given(
    hnp.arrays(
        np.float32,
        st.tuples(st.just(2), st.just(2), st.integers(14, 70)),
        elements=st.floats(-8, 8, width=32),
        fill=st.just(np.float32(-1)),
    )
)
def test_no_value_counts_twice_where_lanes_overlap(values):
    summary = summarize(torch.from_numpy(values))[0]
    np.testing.assert_array_equal(summary.positive, (values > 0).sum(2))
    np.testing.assert_array_equal(summary.low, values.min(2))
    np.testing.assert_array_equal(summary.high, values.max(2))
    np.testing.assert_array_equal(summary.peak, values.argmax(2))
    np.testing.assert_allclose(summary.total, values.sum(2, np.float64), rtol=1e-9, atol=1e-9)
    assert summary.histograms.counts.sum(1).tolist() == [2 * values.shape[2]] * 2
