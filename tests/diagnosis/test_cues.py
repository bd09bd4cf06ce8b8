"""What is done to images, against plain loops over pixels."""

import numpy as np
import pytest
import scipy.ndimage
import torch
from hypothesis import given
from hypothesis import strategies as st

from cutaway.diagnosis.cues import CUES, altered
from cutaway.errors import InputError


def images(seed=0, batch=3, channels=3, height=9, width=12):
    return torch.rand(batch, channels, height, width, generator=torch.manual_seed(seed))


@pytest.mark.parametrize("cue", CUES)
@pytest.mark.parametrize("channels", [1, 3, 4])
def test_a_strength_of_0_changes_nothing(cue, channels):
    before = images(channels=channels)
    after = altered(before, cue, 0)
    torch.testing.assert_close(after, before, rtol=0, atol=0)


@given(st.sampled_from(sorted(CUES)), st.integers(0, 5), st.sampled_from([1, 3]))
def test_values_stay_within_0_and_1_and_images_apart(cue, seed, channels):
    batch = images(seed, channels=channels)
    for strength in CUES[cue][1]:
        after = altered(batch, cue, strength)
        assert after.shape == batch.shape
        assert after.min() >= -1e-6
        assert after.max() <= 1 + 1e-6
        if cue != "patch shuffle":  # each image has an order of its own there
            alone = altered(batch[1:2], cue, strength)
            torch.testing.assert_close(after[1:2], alone)


def test_grey_equals_a_plain_loop():
    before, after = images(), altered(images(), "grey", 0.25)
    for index in np.ndindex(3, 9, 12):
        n, y, x = index
        red, green, blue = before[n, :, y, x].tolist()
        luma = 0.299 * red + 0.587 * green + 0.114 * blue
        for channel, value in enumerate((red, green, blue)):
            assert after[n, channel, y, x] == pytest.approx(0.75 * value + 0.25 * luma, abs=1e-6)


def test_blur_equals_that_of_scipy():
    before = images(height=24, width=20)
    after = altered(before, "blur", 0.05)
    expected = scipy.ndimage.gaussian_filter(
        before.double().numpy(), (0, 0, 1.0, 1.0), mode="mirror", truncate=4
    )
    np.testing.assert_allclose(after, expected, atol=1e-5)


def test_high_pass_takes_the_blurred_image_off():
    before = images(height=24, width=20)
    coarse = scipy.ndimage.gaussian_filter(
        before.double().numpy(), (0, 0, 1.0, 1.0), mode="mirror", truncate=4
    )
    mean = before.double().numpy().mean(axis=(2, 3), keepdims=True)
    expected = np.clip(before.double().numpy() - 0.5 * (coarse - mean), 0, 1)
    np.testing.assert_allclose(altered(before, "high-pass", 0.5), expected, atol=1e-5)


def test_shuffled_patches_are_the_patches_of_the_image_and_the_rest_stays():
    before, after = (
        images(height=9, width=10),
        altered(images(height=9, width=10), "patch shuffle", 4),
    )
    torch.testing.assert_close(after[:, :, 8:], before[:, :, 8:])
    torch.testing.assert_close(after[:, :, :, 8:], before[:, :, :, 8:])
    for one, other in zip(before, after, strict=True):
        patches = [
            sorted(
                image[:, y : y + 2, x : x + 2].numpy().tobytes()
                for y in range(0, 8, 2)
                for x in range(0, 8, 2)
            )
            for image in (one, other)
        ]
        assert patches[0] == patches[1]
        assert not torch.equal(one, other)


def naive_threshold(levels):
    best, chosen = -1.0, 0
    for threshold in range(256):
        low = [level for level in levels if level <= threshold]
        high = [level for level in levels if level > threshold]
        if low and high:
            apart = len(low) * len(high) * (np.mean(low) - np.mean(high)) ** 2
            if apart > best * (1 + 1e-12):
                best, chosen = apart, threshold
    return chosen


@pytest.mark.parametrize("seed", range(4))
def test_silhouette_equals_a_plain_loop(seed):
    before = images(seed, batch=1, channels=1, height=6, width=6)
    levels = (before[0, 0] * 255).long().numpy()
    bright = levels > naive_threshold(levels.ravel().tolist())
    border = [*bright[0], *bright[-1], *bright[:, 0], *bright[:, -1]]
    ground = bright if np.mean(border) >= 0.5 else ~bright
    np.testing.assert_array_equal(altered(before, "silhouette", 1)[0, 0], ground)


def test_an_object_becomes_black_on_white():
    before = torch.full((1, 3, 8, 8), 0.2)
    before[:, :, 2:6, 2:6] = 0.9
    after = altered(before, "silhouette", 1)
    assert after[:, :, 2:6, 2:6].max() == 0
    assert after.sum() == 3 * (64 - 16)


def test_an_unknown_cue_is_named():
    with pytest.raises(InputError, match="cue='smell' is not known; expected one of"):
        altered(images(), "smell", 1)
