"""Complexity: what is recommended for data of known difficulty, and how it is said."""

import json
from dataclasses import replace

import numpy as np
import pytest

from cutaway import complexity
from cutaway.data import Images, load_data
from cutaway.diagnosis.complexity import Complexity, Score, _recommend
from cutaway.errors import InputError


@pytest.fixture(scope="module")
def digits():
    return complexity("digits")


def scores(linear, mlp, convolution):
    return (
        Score("pixels", "linear", linear),
        Score("pixels", "MLP", mlp),
        Score("one convolution", "linear", convolution),
    )


@pytest.mark.parametrize(
    ("reached", "expected"),
    [
        ((0.96, 0.99, 0.99), "linear"),
        ((0.90, 0.95, 0.99), "mlp"),
        ((0.90, 0.94, 0.96), "convolutional"),
        ((0.40, 0.45, 0.62), "deep"),
        ((0.80, 0.90, 0.85), "more"),
        ((0.11, 0.12, 0.10), "unclear"),
    ],
)
def test_the_simplest_that_reaches_the_target(reached, expected):
    assert _recommend(scores(*reached), 0.1, 0.95, asked=1000) == expected


@pytest.mark.parametrize(
    ("reached", "guessing", "asked", "expected"),
    [
        ((0.975, 0.975, 0.975), 0.975, 40, "few"),  # one image of the other class is held out
        ((0.975, 0.975, 0.975), 0.975, 4000, "unclear"),
        ((0.975, 0.99, 0.99), 0.975, 4000, "mlp"),
        ((0.5, 0.6, 0.5), 0.5, 10, "few"),
        ((1.0, 0.9, 0.9), 0.5, 10, "linear"),
    ],
)
def test_what_guessing_or_chance_reaches_recommends_nothing(reached, guessing, asked, expected):
    assert _recommend(scores(*reached), guessing, 0.95, asked) == expected


def test_digits(digits):
    assert digits.recommendation == "linear"
    assert [share for share, _ in digits.components] == [0.9, 0.95, 0.99]
    assert [count for _, count in digits.components] == [21, 29, 41]
    assert 4 < digits.likely_dimension < digits.two_nearest_dimension < 12
    assert digits.accuracy("pixels", "linear") > 0.95
    assert digits.accuracy("t-SNE map", "k-NN") > 0.9 > digits.accuracy("PCA map", "k-NN")
    assert json.loads(json.dumps(digits.to_dict()))["scores"][0]["classifier"] == "k-NN"


def test_round_trip(digits):
    assert Complexity.from_dict(json.loads(json.dumps(digits.to_dict()))) == digits


def test_words(digits):
    words = digits.in_words()
    assert "21 for 90%, 29 for 95%, 41 for 99% of the variance" in words
    assert "A linear model will do: no hidden layer." in words
    assert "95% was asked for" in words


def test_components_equal_a_plain_spectrum(digits):
    rows = load_data("digits").pixels.reshape(1797, -1).astype(np.float64)
    spectrum = np.linalg.svd(rows - rows.mean(axis=0), compute_uv=False) ** 2
    explained = np.cumsum(spectrum) / spectrum.sum()
    expected = [int((explained < share).sum()) + 1 for share in (0.9, 0.95, 0.99)]
    assert [count for _, count in digits.components] == expected


def test_equal_seeds_give_equal_figures():
    assert complexity("digits", limit=300, seed=3) == complexity("digits", limit=300, seed=3)


def test_labels_that_mean_nothing():
    rng = np.random.default_rng(0)
    pixels = rng.integers(0, 256, (300, 8, 8)).astype(np.uint8)
    found = complexity((pixels, rng.integers(0, 4, 300)))
    assert found.recommendation in {"unclear", "few"}
    assert "guessing gets" in found.in_words()


def test_noise_of_one_large_class_asks_for_no_linear_model():
    pixels = np.random.default_rng(0).integers(0, 256, (200, 8, 8)).astype(np.uint8)
    found = complexity((pixels, np.arange(200) // 195))
    assert (found.recommendation, found.guessing) == ("few", 0.975)
    assert "guessing gets 97.5%, and of so few" in found.in_words()


def test_a_set_that_lies_class_by_class_is_looked_at_in_all_classes():
    digits = load_data("digits")
    by_class = digits.select(np.argsort(digits.labels, kind="stable"))
    for data in (by_class, load_data(by_class, streaming=True)):
        assert complexity(data, limit=300).guessing < 0.2


def test_images_of_one_pixel():
    pixels = np.arange(60, dtype=np.uint8).reshape(60, 1, 1) // 30 * 200
    assert complexity((pixels, np.arange(60) // 30)).recommendation == "linear"


def test_without_labels_and_of_one_class():
    pixels = np.random.default_rng(0).integers(0, 256, (60, 8, 8)).astype(np.uint8)
    for data in (pixels, (pixels, np.zeros(60, int))):
        found = complexity(data)
        assert (found.recommendation, found.scores, found.guessing) == (None, (), None)
        assert "Without labels" in found.in_words()


@pytest.mark.parametrize(("each", "scored"), [(1, False), (2, True)])
def test_classes_of_one_or_two_samples(each, scored):
    names = tuple(map(str, range(30)))
    few = load_data("digits").select(np.arange(30))
    found = complexity(replace(few, labels=np.arange(30) // each, class_names=names))
    assert bool(found.scores) == scored


def test_a_stream_gives_what_memory_gives():
    stream = load_data("digits", streaming=True).batches_of(64)
    assert complexity(stream, limit=300) == complexity(load_data("digits"), limit=300)


def test_large_images_are_reduced():
    pixels = np.random.default_rng(0).integers(0, 256, (24, 40, 160, 3)).astype(np.uint8)
    assert complexity(pixels).features == 3 * 16 * 64


def test_equal_images():
    found = complexity((np.full((40, 8, 8), 7, np.uint8), np.arange(40) % 2))
    assert found.two_nearest_dimension is None
    assert found.recommendation == "unclear"


def test_bad_input():
    with pytest.raises(InputError, match=r"target=1.5 is no share"):
        complexity("digits", target=1.5)
    with pytest.raises(InputError, match=r"gives 5 images; expected 20 or more"):
        complexity(np.zeros((5, 8, 8), np.uint8))


@pytest.mark.data
def test_photographs_ask_for_depth(data_folder):
    found = complexity(load_data("cifar10", limit=1500))
    assert found.recommendation == "deep"
    assert isinstance(load_data("cifar10", limit=1), Images)
