"""Images as sums of waves, against the sums written out."""

import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from cutaway.diagnosis.wanted import FourierImages
from cutaway.diagnosis.wanted.fourier import wave_scales


@pytest.mark.parametrize("shape", [(1, 4, 4), (1, 6, 4), (2, 4, 8)])
def test_an_image_is_the_sum_of_its_waves(shape):
    images = FourierImages(1, shape, seed=3)
    images.amplitudes.data *= 40
    channels, height, width = shape
    amplitudes = torch.view_as_complex(images.amplitudes.detach()).numpy()
    for channel in range(channels):
        field = np.zeros((height, width))
        for v in range(height):
            for u in range(width // 2 + 1):
                turns = math.hypot(min(v, height - v) / height, u / width)
                scale = math.sqrt(height * width) / max(turns, 1 / max(height, width))
                amplitude = amplitudes[0, channel, v, u] * scale
                twice = 1 if u in {0, width // 2} else 2
                for y in range(height):
                    for x in range(width):
                        wave = np.exp(2j * math.pi * (v * y / height + u * x / width))
                        field[y, x] += twice * (amplitude * wave).real / (height * width)
        expected = 1 / (1 + np.exp(-field / 4))
        np.testing.assert_allclose(images()[0, channel].detach(), expected, atol=1e-5)


@settings(max_examples=20)
@given(st.integers(1, 3), st.sampled_from([1, 3]), st.integers(2, 9), st.integers(2, 9))
def test_images_have_the_size_asked_for_and_lie_within_0_and_1(count, channels, height, width):
    images = FourierImages(count, (channels, height, width))
    images.amplitudes.data *= 1000
    made = images()
    assert made.shape == (count, channels, height, width)
    assert made.min() >= 0
    assert made.max() <= 1


def test_slow_waves_weigh_more_than_fast_ones():
    scales = wave_scales(16, 16)
    assert (scales[0, :-1] >= scales[0, 1:]).all()
    assert scales[0, 1] == pytest.approx(8 * float(scales[0, 8]))
    assert torch.isfinite(scales).all()


def test_a_seed_gives_equal_images_and_leaves_the_global_generator():
    before = torch.get_rng_state()
    first, again, other = (FourierImages(2, (3, 8, 8), seed)() for seed in (1, 1, 2))
    torch.testing.assert_close(first, again, rtol=0, atol=0)
    assert not torch.equal(first, other)
    torch.testing.assert_close(torch.get_rng_state(), before, rtol=0, atol=0)
