"""Patch features against loops over positions."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from cutaway.diagnosis.patches import PatchFeatures


def some(seed, count, channels, height, width):
    rng = torch.Generator().manual_seed(seed)
    return torch.rand(count, channels, height, width, generator=rng)


def naive(features, image):
    """Answers position by position, averaged over quarters."""
    kernel, bias = features._kernel.numpy(), features._bias.numpy()
    size, stride = kernel.shape[2], features._stride
    _, height, width = image.shape
    answers = np.array(
        [
            [
                (kernel * image.numpy()[:, y : y + size, x : x + size]).sum(axis=(1, 2, 3)) + bias
                for x in range(0, width - size + 1, stride)
            ]
            for y in range(0, height - size + 1, stride)
        ]
    )
    down, across = answers.shape[:2]
    values = []
    halves = [((0, -(-side // 2)), (side // 2, side)) for side in (down, across)]
    for sign in (1, -1):
        kept = np.maximum(sign * answers - features._threshold, 0)
        values += [
            kept[slice(*rows), slice(*columns), filter_].mean()
            for filter_ in range(kernel.shape[0])
            for rows in halves[0]
            for columns in halves[1]
        ]
    return np.array(values)


@settings(max_examples=8)
@given(st.integers(0, 99), st.sampled_from([1, 3]), st.integers(4, 28), st.integers(4, 28))
def test_equal_the_naive_twin(seed, channels, height, width):
    images = some(seed, 12, channels, height, width)
    features = PatchFeatures(images, seed)
    expected = naive(features, images[3])
    assert features(images)[3] == pytest.approx(expected, rel=1e-3, abs=1e-4)


def test_batch_mates_and_the_seed():
    images = some(0, 30, 3, 12, 12)
    whole = PatchFeatures(images, seed=4)(images)
    assert np.array_equal(whole, PatchFeatures(images, seed=4)(images))
    alone = PatchFeatures(images, seed=4)(images[7:8])
    assert np.allclose(alone[0], whole[7], atol=1e-5)
    assert not np.array_equal(whole, PatchFeatures(images, seed=5)(images))


def test_blank_images_have_no_features():
    features = PatchFeatures(torch.zeros(5, 1, 8, 8), seed=0)(torch.zeros(5, 1, 8, 8))
    assert np.isfinite(features).all()
    assert not features.any()
