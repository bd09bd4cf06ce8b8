"""Channel statistics against a naive twin, and figures everyone knows."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cutaway.data import load_data
from cutaway.data.channels import image_moments, scale_of, statistics_of


def channel_statistics(pixels):
    return statistics_of(*image_moments(pixels), scale_of(pixels.dtype.name))


def naive(pixels):
    """Mean, standard deviation and mean of image deviations, by loops in float64."""
    scale = 255 if pixels.dtype == np.uint8 else 1
    rows = []
    for channel in range(pixels.shape[3]):
        values = [float(v) / scale for v in pixels[..., channel].ravel()]
        mean = sum(values) / len(values)
        std = (sum((v - mean) ** 2 for v in values) / len(values)) ** 0.5
        stds = []
        for image in pixels[..., channel]:
            own = [float(v) / scale for v in image.ravel()]
            centre = sum(own) / len(own)
            stds.append((sum((v - centre) ** 2 for v in own) / len(own)) ** 0.5)
        rows.append((mean, std, sum(stds) / len(stds)))
    return tuple(zip(*rows, strict=True))


@settings(max_examples=25, deadline=None)
@given(
    st.integers(1, 6),
    st.integers(1, 5),
    st.sampled_from([1, 3]),
    st.sampled_from([np.uint8, np.float32]),
    st.integers(0, 99),
)
def test_equals_the_naive_twin(count, side, channels, dtype, seed):
    shape = (count, side, side + 1, channels)
    pixels = np.random.default_rng(seed).integers(0, 256, shape).astype(dtype)
    measured = channel_statistics(pixels)
    expected = naive(pixels)
    assert measured.mean == pytest.approx(expected[0])
    assert measured.std == pytest.approx(expected[1], abs=1e-12)
    assert measured.mean_of_image_stds == pytest.approx(expected[2], abs=1e-12)


def test_the_order_of_images_makes_no_difference():
    pixels = np.random.default_rng(0).normal(size=(50, 4, 4, 3)).astype(np.float32)
    assert channel_statistics(pixels[::-1]) == channel_statistics(pixels)


def test_blocks_make_no_difference(monkeypatch):
    pixels = np.random.default_rng(0).integers(0, 256, (40, 7, 7, 3)).astype(np.uint8)
    whole = channel_statistics(pixels)
    monkeypatch.setattr("cutaway.data.channels.BLOCK_VALUES", 500)
    assert channel_statistics(pixels) == whole


def test_a_large_offset_costs_no_digits():
    values = np.array([1e6, 1e6 + 1], np.float32).reshape(1, 1, 2, 1)
    assert channel_statistics(values).std == (0.5,)


@pytest.mark.data
def test_the_commonly_copied_figures_are_means_of_image_deviations(data_folder):
    statistics = channel_statistics(load_data("cifar10", limit=4_000).pixels)
    assert statistics.mean == pytest.approx((0.4914, 0.4822, 0.4465), abs=0.005)
    assert statistics.std == pytest.approx((0.2470, 0.2435, 0.2616), abs=0.005)
    assert statistics.mean_of_image_stds == pytest.approx((0.2023, 0.1994, 0.2010), abs=0.005)
