"""Places at the edge that give the class away, against a plain loop over places."""

import itertools
from collections import Counter, defaultdict

import numpy as np
import pytest

from cutaway.data import load_data
from cutaway.diagnosis.edge_spots import _accuracies, edge_spot


def images(samples=300, classes=5, channels=3, side=16, seed=0):
    random = np.random.default_rng(seed)
    pixels = random.random((samples, channels, side, side), np.float32)
    return pixels, np.arange(samples) % classes


def test_a_coloured_corner_is_found_and_nothing_else_told():
    pixels, labels = images()
    pixels[:, :, 14:, 14:] = (labels / 5)[:, None, None, None]
    found = edge_spot(pixels, labels)
    assert (found.row, found.column) == (14, 14)
    assert found.accuracy == 1.0
    assert found.typical < 0.4
    assert found.telling.sum() == 4


def test_a_line_along_the_edge_is_found():
    pixels, labels = images(channels=1)
    pixels[:, :, 0] = (labels / 5)[:, None, None]
    assert edge_spot(pixels, labels).telling.sum() == 16


@pytest.mark.parametrize(
    "where",
    [(slice(None), slice(None)), (slice(6, 10), slice(6, 10))],
    ids=["everywhere", "in the middle"],
)
def test_what_tells_the_class_everywhere_or_in_the_middle_is_the_object(where):
    pixels, labels = images()
    pixels[:, :, where[0], where[1]] = (labels / 5)[:, None, None, None]
    assert edge_spot(pixels, labels) is None


def test_digits_have_no_such_place():
    data = load_data("digits")
    pixels, labels = data.tensor().numpy(), np.array(data.labels)
    assert edge_spot(pixels, labels) is None
    # One place may tell two of them apart, and then others about it do, too.
    for one, other in itertools.combinations(range(10), 2):
        rows = np.isin(labels, (one, other))
        assert edge_spot(pixels[rows], labels[rows]) is None


def test_of_few_samples_or_one_class_nothing_is_said():
    pixels, labels = images(90)
    pixels[:, :, 0, 0] = (labels / 5)[:, None]
    assert edge_spot(pixels, labels) is None
    pixels, labels = images()
    assert edge_spot(pixels, labels * 0) is None


@pytest.mark.parametrize("channels", [1, 3])
def test_accuracies_are_those_of_a_plain_loop(channels):
    pixels, labels = images(60, 3, channels, side=4)
    pixels[:, :, 1, 2] = (labels / 3)[:, None]
    half = np.random.default_rng(0).permutation(60) % 2 == 0
    levels = 16 if channels == 1 else 8
    found = _accuracies(pixels, labels, 3)
    for row, column in np.ndindex(4, 4):
        values = [tuple(int(v * levels) for v in image[:, row, column]) for image in pixels]
        right = 0
        for learned in (half, ~half):
            seen = defaultdict(Counter)
            for value, label in zip(np.array(values)[learned], labels[learned], strict=True):
                seen[tuple(value)][label] += 1
            for value, label in zip(np.array(values)[~learned], labels[~learned], strict=True):
                counts = seen[tuple(value)]
                named = min(range(3), key=lambda each: (-counts[each], each))
                right += named == label
        assert found[row, column] == right / 60
