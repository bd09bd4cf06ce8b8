"""Signatures against averages by loops."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cutaway.data.signatures import SIDE, directions, signatures


def naive(image):
    """Averages over the cells of a grid, by loops."""
    height, width, channels = image.shape
    rows, columns = min(height, SIDE), min(width, SIDE)
    across = [round(float(edge)) for edge in np.linspace(0, width, columns + 1)]
    down = [round(float(edge)) for edge in np.linspace(0, height, rows + 1)]
    values = []
    for top, bottom in itertools.pairwise(down):
        for left, right in itertools.pairwise(across):
            for channel in range(channels):
                cell = [
                    float(image[y, x, channel])
                    for y in range(top, bottom)
                    for x in range(left, right)
                ]
                values.append(sum(cell) / len(cell))
    return np.array(values)


@given(
    st.integers(1, 3),
    st.integers(1, 40),
    st.integers(1, 40),
    st.sampled_from([1, 3]),
    st.integers(0, 99),
)
def test_equals_the_naive_twin(count, height, width, channels, seed):
    shape = (count, height, width, channels)
    pixels = np.random.default_rng(seed).integers(0, 256, shape).astype(np.uint8)
    expected = np.stack([naive(image) for image in pixels])
    assert np.abs(signatures(pixels).astype(float) - expected).max() <= 0.5 + 1e-3


def test_floats_are_scaled_image_by_image():
    pixels = np.array([[-1.0, 0.0], [3.0, 3.0]], np.float32).reshape(2, 1, 2, 1)
    assert signatures(pixels).tolist() == [[0, 255], [0, 0]]


@given(st.integers(0, 999))
def test_the_product_of_directions_is_the_correlation(seed):
    values = np.random.default_rng(seed).integers(0, 256, (2, 20)).astype(np.uint8)
    first, second = directions(values)
    assert float(first @ second) == pytest.approx(np.corrcoef(values)[0, 1], abs=1e-5)


def test_an_image_of_one_colour_has_no_direction():
    assert not directions(np.full((1, 9), 7, np.uint8)).any()


def test_no_image():
    assert signatures(np.empty((0, 4, 4, 3), np.uint8)).shape == (0, 48)
