"""Filters are named for what they do: known kernels, a naive twin of the response, invariants."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from cutaway.diagnosis.effects import effect_kind, filter_effects, frequency_response
from tests.diagnosis import kernels as known


def name(kernel):
    (effect,) = filter_effects(np.asarray(kernel, dtype=np.float64)[np.newaxis, np.newaxis])
    return effect


@pytest.mark.parametrize(
    ("kernel", "effect"),
    [
        (known.gaussian(3, 0.8), "smoothing"),
        (known.gaussian(7, 1.5), "smoothing"),
        (np.ones((3, 3)), "smoothing"),
        (np.ones((5, 5)) / 25, "smoothing"),
        (np.eye(5), "smoothing"),
        (known.SOBEL_90, "oriented edge (90°)"),
        (-known.SOBEL_90, "oriented edge (90°)"),
        (known.SOBEL_0, "oriented edge (0°)"),
        (known.SOBEL_45, "oriented edge (45°)"),
        (known.SOBEL_135, "oriented edge (135°)"),
        (np.array([[-1.0, 2, -1]] * 3), "oriented edge (90°)"),
        (known.LAPLACIAN, "centre-surround"),
        (-known.LAPLACIAN, "centre-surround"),
        (known.laplacian_of_gaussian(7, 1.2), "centre-surround"),
        (known.laplacian_of_gaussian(9, 1.5), "centre-surround"),
        (known.SHARPEN, "sharpening"),
        (2 * known.identity(5) - known.gaussian(5, 1.0), "sharpening"),
        (known.identity(3), "identity"),
        (known.identity(5), "identity"),
        (-known.identity(3), "inverting"),
        (-known.gaussian(5, 1.0), "inverting"),
        (-known.SHARPEN, "inverting"),
        ([[0.5]], "identity"),
        ([[-0.5]], "inverting"),
        (np.zeros((3, 3)), ""),
    ],
)
def test_kernels_that_have_a_name_get_it(kernel, effect):
    assert name(kernel) == effect


@pytest.mark.parametrize("degrees", [0, 30, 45, 70, 90, 120])
@pytest.mark.parametrize("phase", [0.0, np.pi / 2])
def test_a_gabor_is_an_edge_at_its_angle(degrees, phase):
    assert name(known.gabor(7, degrees, phase)) == f"oriented edge ({degrees}°)"


def test_random_filters_are_noise_but_for_about_one_in_twenty():
    random = np.random.default_rng(1).normal(size=(300, 1, 5, 5))
    noise = [effect == "noise-like" for effect in filter_effects(random)]
    assert 0.9 < np.mean(noise) < 0.99


def test_a_pattern_in_grey_is_named_and_one_in_colours_is_an_opponent():
    blob = known.gaussian(5, 1.0)
    grey = np.stack([blob, blob, blob])
    red_green = np.stack([blob, -blob, 0 * blob])
    yellow_blue = np.stack([blob, blob, -2 * blob])
    tinted = np.stack([1.1 * blob, blob, 0.9 * blob])
    assert filter_effects(np.stack([grey, -grey, red_green, yellow_blue, tinted])) == [
        "smoothing",
        "inverting",
        "colour opponent (red–green)",
        "colour opponent (blue–yellow)",
        "smoothing",
    ]


def test_a_pair_of_colours_counts_in_any_pattern_and_noise_in_all_colours_does_not():
    pattern = np.random.default_rng(3).normal(size=(5, 5))
    assert name(pattern) == "noise-like"
    opponent = np.stack([pattern, -pattern, 0 * pattern])
    noise = np.random.default_rng(5).normal(size=(3, 5, 5))
    found = filter_effects(np.stack([opponent, noise]))
    assert found == ["colour opponent (red–green)", "noise-like"]


def test_of_many_channels_the_strongest_is_named():
    weights = np.zeros((1, 4, 3, 3))
    weights[0, 1] = 0.1 * known.LAPLACIAN
    weights[0, 2] = known.SOBEL_90
    assert filter_effects(weights) == ["oriented edge (90°)"]


def test_kinds_leave_particulars_out():
    assert effect_kind("colour opponent (red–green)") == "colour opponent"
    assert effect_kind("smoothing") == "smoothing"


def naive_response(kernel, down, across):
    height, width = kernel.shape
    return sum(
        kernel[row, column] * np.exp(-2j * np.pi * (down * row + across * column))
        for row in range(height)
        for column in range(width)
    )


def test_the_response_is_that_of_the_sums_written_out():
    kernel = np.random.default_rng(0).normal(size=(3, 4))
    gains = np.array(
        [[abs(naive_response(kernel, i / 32, j / 32)) for j in range(32)] for i in range(32)]
    )
    fine = np.hypot(*np.meshgrid(*[np.fft.fftfreq(32)] * 2, indexing="ij")) > 0.25
    found = frequency_response(kernel[np.newaxis])
    assert found.brightness[0] == pytest.approx(kernel.sum() / gains.max())
    assert found.detail[0] == pytest.approx(np.sqrt(np.mean(gains[fine] ** 2)) / abs(kernel.sum()))


def test_symmetry_is_the_best_overlap_with_the_turned_pattern():
    kernel = np.random.default_rng(2).normal(size=(3, 3))
    padded = np.pad(kernel, 2)
    overlaps = [
        np.sum(padded[i : i + 3, j : j + 3] * kernel[::-1, ::-1])
        for i in range(5)
        for j in range(5)
    ]
    found = frequency_response(kernel[np.newaxis])
    assert found.even[0] == pytest.approx(max(overlaps) / np.sum(kernel**2))
    assert found.odd[0] == pytest.approx(-min(overlaps) / np.sum(kernel**2))


@given(
    arrays(np.float64, (1, 1, 3, 3), elements=st.floats(-1, 1, width=16)),
    st.sampled_from([0.25, 2.0, 64.0]),
)
def test_scale_does_not_matter(weights, scale):
    assert filter_effects(weights) == filter_effects(scale * weights)
