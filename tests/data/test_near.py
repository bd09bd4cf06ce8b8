"""Near duplicates: a naive twin, planted copies, and what is merely alike."""

import io

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from cutaway.data import load_data
from cutaway.data.near import (
    CLOSENESS,
    CORRELATION,
    CORRELATION_OF_SMALL,
    SMALL,
    groups_of,
    near_pairs,
)
from cutaway.data.signatures import directions, signatures


def naive(values, compared=None):
    """Every pair, every distance, in float64."""
    points = directions(values).astype(np.float64)
    least = CORRELATION if values.shape[1] >= SMALL else CORRELATION_OF_SMALL
    shown = [at for at in range(len(points)) if points[at].any()]
    pairs = set()
    for query in shown:
        if compared is not None and query >= compared:
            continue
        others = [at for at in shown if at != query]
        distances = {at: ((points[at] - points[query]) ** 2).sum() for at in others}
        nearest = sorted(others, key=lambda at: distances[at])[:10]
        usual = distances[nearest[-1]] if len(nearest) == 10 else 4.0
        for at in nearest:
            if distances[at] <= min(2 - 2 * least, CLOSENESS**2 * usual):
                pairs.add((min(query, at), max(query, at)))
    return sorted(pairs)


@settings(max_examples=40)
@given(
    st.integers(0, 9999),
    st.integers(2, 40),
    st.integers(0, 6),
    st.booleans(),
    st.sampled_from([48, 256]),
)
def test_equals_the_naive_twin(seed, count, copies, split, size):
    rng = np.random.default_rng(seed)
    values = rng.integers(0, 200, (count, size))
    chosen = rng.integers(0, count, copies)
    twins = values[chosen] + rng.integers(0, 30, (copies, size))
    values = np.concatenate([values, twins, np.full((1, size), 9)]).astype(np.uint8)
    compared = count if split else None
    found = [tuple(pair) for pair in near_pairs(values, compared).tolist()]
    assert found == naive(values, compared)


def saved_as_jpeg(image):
    buffer = io.BytesIO()
    Image.fromarray(image).save(buffer, "JPEG", quality=60)
    return np.asarray(Image.open(buffer))


def brightened(image):
    return (image.astype(np.float32) * 0.7 + 50).clip(0, 255).astype(np.uint8)


def cropped(image):
    return np.asarray(Image.fromarray(image[1:-1, 1:-1]).resize(image.shape[1::-1]))


@pytest.mark.data
@pytest.mark.parametrize(
    ("change", "least"), [(saved_as_jpeg, 38), (brightened, 38), (cropped, 25)]
)
def test_planted_copies_of_photographs_are_found_and_little_else(change, least, data_folder):
    images = load_data("cifar10", split="test", limit=1500).pixels
    planted = np.stack([change(image) for image in images[:40]])
    pairs = near_pairs(signatures(np.concatenate([images, planted]))).tolist()
    expected = {(at, 1500 + at) for at in range(40)}
    found = {tuple(pair) for pair in pairs}
    assert len(expected & found) >= least
    assert len(found - expected) <= 5


def test_digits_of_one_hand_are_no_copies():
    pixels = load_data("digits").pixels
    copies = (pixels[:20].astype(np.float32) * 0.9).astype(np.uint8)
    pairs = near_pairs(signatures(np.concatenate([pixels, copies]))).tolist()
    planted = {(at, len(pixels) + at) for at in range(20)}
    assert planted <= {tuple(pair) for pair in pairs}
    assert len(pairs) <= 24


def test_what_is_alike_in_hundreds_of_images_is_no_copy():
    rng = np.random.default_rng(0)
    sky = np.linspace(60, 200, 256)[None] + rng.normal(0, 6, (300, 256))
    assert len(near_pairs(sky.clip(0, 255).astype(np.uint8))) == 0


def test_few_or_blank_images():
    assert near_pairs(np.empty((0, 4), np.uint8)).shape == (0, 2)
    assert near_pairs(np.full((5, 4), 3, np.uint8)).shape == (0, 2)
    assert near_pairs(np.array([[0, 90], [0, 91]], np.uint8)).tolist() == [[0, 1]]


def test_groups_join_pairs():
    assert groups_of(np.empty((0, 2), np.int64), 3) == ()
    assert groups_of(np.array([[0, 1], [1, 2], [4, 5]]), 6) == ((0, 1, 2), (4, 5))
