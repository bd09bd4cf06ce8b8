"""Filters over three channels taken apart into colour and pattern."""

import numpy as np

from cutaway.diagnosis.colour_opponents import split_colour


def test_the_pattern_comes_back_with_the_sign_that_it_has_on_grey():
    pattern = np.arange(9.0).reshape(3, 3)
    weights = np.stack(
        [np.stack([0.9 * pattern, pattern, 1.1 * pattern]), np.stack([-pattern] * 3)]
    )
    patterns, pairs, sure = split_colour(weights)
    assert sure.all()
    for found, sign in zip(patterns, (1, -1), strict=True):
        np.testing.assert_allclose(found / np.abs(found).max(), sign * pattern / 8, atol=1e-9)
    assert pairs == ["", ""]


def test_pairs_are_named_whichever_colour_is_the_bright_one():
    dot = np.ones((2, 2))
    colours = [(1, -1, 0), (-1, 1, 0), (0, 1, -1), (1, 0, -1), (2, -1, -1), (-1, 2, -1), (1, 1, -2)]
    weights = np.array([[channel * dot for channel in colour] for colour in colours], dtype=float)
    assert split_colour(weights)[1] == [
        "red–green",
        "red–green",
        "green–blue",
        "red–blue",
        "red–cyan",
        "green–magenta",
        "blue–yellow",
    ]


def test_a_filter_of_zeros_has_no_colour():
    patterns, pairs, sure = split_colour(np.zeros((1, 3, 2, 2)))
    assert not sure.any()
    assert not patterns.any()
    assert pairs == [""]
