import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from cutaway.activations.summary import SampleSummary, summarize, unit_means

FIELDS = ("total", "scatter", "low", "high", "positive", "finite")
SAMPLE_FIELDS = (*FIELDS, "peak")


def naive(values, unit_axis=0):
    """The same figures, one unit of one sample at a time."""
    values = np.moveaxis(values.double().numpy(), unit_axis + 1, 1)
    n, u = values.shape[:2]
    figures = {field: np.zeros((n, u)) for field in FIELDS}
    for i in range(n):
        for j in range(u):
            row = [float(value) for value in values[i, j].ravel()]
            numbers = [value for value in row if not np.isnan(value)]
            figures["finite"][i, j] = all(abs(value) < float("inf") for value in row)
            figures["low"][i, j] = min(numbers, default=np.nan)
            figures["high"][i, j] = max(numbers, default=np.nan)
            figures["positive"][i, j] = sum(value > 0 for value in numbers)
            if figures["finite"][i, j]:
                figures["total"][i, j] = sum(row)
                mean = sum(row) / len(row)
                figures["scatter"][i, j] = sum((value - mean) ** 2 for value in row)
    return figures


def assert_same(summary, figures):
    finite = figures["finite"].astype(bool)
    assert (summary.finite == finite).all()
    for field in ("low", "high", "positive"):
        np.testing.assert_array_equal(getattr(summary, field), figures[field])
    assert ((summary.peak < 0) == np.isnan(figures["high"])).all()
    np.testing.assert_allclose(
        summary.total[finite], figures["total"][finite], rtol=1e-12, atol=1e-9
    )
    np.testing.assert_allclose(
        summary.scatter[finite], figures["scatter"][finite], rtol=1e-9, atol=1e-9
    )


@pytest.mark.parametrize(
    ("shape", "axis"),
    [
        ((3, 4, 5, 6), 0),
        ((3, 7), 0),
        ((2, 9, 5), 1),
        ((2, 4, 9), 0),
        ((1, 3, 2, 3, 4), 0),
        ((2, 5, 6, 3), 2),
    ],
)
@pytest.mark.parametrize(
    "dtype", [torch.float32, torch.float64, torch.float16, torch.bfloat16, torch.int32, torch.bool]
)
def test_figures_are_those_of_the_naive_twin(shape, axis, dtype):
    generator = torch.Generator().manual_seed(1)
    values = (torch.randn(shape, generator=generator) * 3 + 1).to(dtype)
    assert_same(summarize(values, axis)[0], naive(values, axis))


@given(hnp.arrays(np.float32, st.tuples(*[st.integers(1, 4)] * 3), elements=st.floats(width=32)))
def test_any_numbers_also_those_that_are_none(values):
    values = np.clip(
        values, np.float32(-1e6), np.float32(1e6), out=values, where=np.isfinite(values)
    )
    with np.errstate(invalid="ignore"):
        assert_same(summarize(torch.from_numpy(values))[0], naive(torch.from_numpy(values)))
        assert_same(
            summarize(torch.from_numpy(values).double())[0], naive(torch.from_numpy(values))
        )


@settings(max_examples=20)
@given(st.integers(1, 9), st.sampled_from([(4, 6, 5), (7,), (30, 40, 60)]))
def test_a_sample_does_not_depend_on_its_batch(cut, shape):
    values = torch.randn(10, *shape, generator=torch.Generator().manual_seed(0))
    grid = 2 if len(shape) == 3 else 0
    whole, pooled = summarize(values, 0, grid)
    parts = [summarize(values[:cut], 0, grid), summarize(values[cut:], 0, grid)]
    for field in SAMPLE_FIELDS:
        joined = np.concatenate([getattr(part, field) for part, _ in parts])
        assert joined.tobytes() == np.ascontiguousarray(getattr(whole, field)).tobytes()
    if grid:
        assert np.concatenate([part for _, part in parts]).tobytes() == pooled.tobytes()


@pytest.mark.parametrize("layout", [torch.contiguous_format, torch.channels_last])
@pytest.mark.parametrize("shape", [(2, 3, 28, 28), (2, 3, 7, 10), (1, 2, 5, 5)])
def test_maps_are_averaged_as_adaptive_pooling_does(shape, layout):
    values = torch.randn(shape).to(memory_format=layout)
    for grid in range(1, min(shape[2:]) + 1):
        expected = torch.nn.functional.adaptive_avg_pool2d(values, grid).flatten(1).numpy()
        for numbers in (values, values.double()):
            _, pooled = summarize(numbers, 0, grid)
            np.testing.assert_allclose(pooled, expected, rtol=1e-5, atol=1e-6)


def test_a_constant_far_from_0_has_no_scatter_and_a_small_one_is_not_lost():
    values = torch.full((1, 2, 1000), 1e6)
    values[0, 1, ::2] += 0.0625
    summary, _ = summarize(values)
    assert summary.scatter[0, 0] == 0
    assert summary.scatter[0, 1] == pytest.approx(1000 * 0.03125**2, rel=1e-9)


@pytest.mark.parametrize("positions", [1, 63, 64, 65, 200])
def test_the_peak_is_the_first_position_of_the_maximum(positions):
    values = torch.randint(-9, 9, (4, 3, positions), generator=torch.Generator().manual_seed(2))
    for numbers in (values.float(), values.double()):
        assert summarize(numbers)[0].peak.tolist() == values.argmax(-1).tolist()


def test_zero_is_not_positive_whatever_its_sign():
    summary, _ = summarize(torch.tensor([[[0.0, -0.0, 1e-45, -1e-45]]]))
    assert isinstance(summary, SampleSummary)
    assert summary.positive.tolist() == [[1]]
    assert summary.low[0, 0] < 0 < summary.high[0, 0]


@pytest.mark.parametrize("shape", [(5, 3, 7, 6), (5, 3), (5, 3, 4)])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_unit_means_are_those_of_torch(shape, dtype):
    values = torch.randn(shape, generator=torch.Generator().manual_seed(4)).to(dtype)
    expected = values.double().mean((0, *range(2, values.ndim)))
    torch.testing.assert_close(unit_means(values), expected)
    torch.testing.assert_close(
        unit_means(values.transpose(0, 1)).sum(),
        expected.new_tensor(values.double().mean((1, *range(2, values.ndim))).sum().item()),
    )


@given(
    hnp.arrays(
        np.float32,
        st.tuples(st.integers(1, 2), st.integers(1, 2), st.sampled_from([511, 512, 513, 1500])),
        elements=st.sampled_from([-2.0, -0.0, 0.0, 1.0, 3.0]),
        fill=st.just(0.0),
    )
)
def test_the_peak_of_a_long_row_is_the_first_of_its_maxima(values):
    summary = summarize(torch.from_numpy(values + np.float32(0)))[0]
    np.testing.assert_array_equal(summary.peak, values.argmax(axis=2))
    np.testing.assert_array_equal(summary.high, values.max(axis=2))
    np.testing.assert_array_equal(summary.positive, (values > 0).sum(axis=2))
