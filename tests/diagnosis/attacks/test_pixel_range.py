"""The range of pixels goes through the input transform."""

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from cutaway.data import InputTransform
from cutaway.diagnosis.attacks import PixelRange
from cutaway.errors import InputError

TRANSFORM = InputTransform(size=4, mean=(0.1, 0.5, 0.9), std=(0.2, 0.25, 1.0), channels=3)


def test_its_ends_are_what_black_and_white_become():
    pixels = PixelRange.of(TRANSFORM)
    black, white = (TRANSFORM(torch.full((1, 3, 4, 4), value)) for value in (0.0, 1.0))
    torch.testing.assert_close(torch.tensor(pixels.low), black[0, :, 0, 0])
    torch.testing.assert_close(torch.tensor(pixels.high), white[0, :, 0, 0])


@given(st.floats(-9, 9), st.integers(0, 2))
def test_clipping_brings_each_channel_into_its_own_range_and_moves_nothing_else(value, channel):
    pixels = PixelRange.of(TRANSFORM)
    inputs = torch.zeros(1, 3, 2, 2)
    inputs[:, channel] = value
    clipped = pixels.clip(inputs)
    expected = min(max(value, pixels.low[channel]), pixels.high[channel])
    assert float(clipped[0, channel, 0, 0]) == pytest.approx(expected, rel=1e-6)
    torch.testing.assert_close(pixels.clip(clipped), clipped, rtol=0, atol=0)


def test_the_l2_norm_of_the_corner_is_that_of_a_full_change():
    pixels = PixelRange.of(TRANSFORM)
    corner = torch.ones(1, 3, 5, 4) * 0.3 * pixels.width(torch.zeros(1, 3, 5, 4))
    assert pixels.l2(0.3, (3, 5, 4)) == pytest.approx(float(corner.norm()), rel=1e-6)
    assert pixels.l2(0.0, (3, 5, 4)) == 0
    assert math.isclose(PixelRange((0.0,), (1.0,)).l2(1.0, (1, 2, 2)), 2.0)


def test_a_misfit_is_named():
    with pytest.raises(InputError, match="low below high"):
        PixelRange((1.0,), (1.0,))
    with pytest.raises(InputError, match="one number a channel"):
        PixelRange((0.0, 0.0), (1.0,))
    with pytest.raises(InputError, match=r"shape \(1, 1, 2, 2\) and the pixel range 3"):
        PixelRange.of(TRANSFORM).clip(torch.zeros(1, 1, 2, 2))
