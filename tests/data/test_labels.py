"""Labels of every kind, and those that are none."""

import numpy as np
import pandas as pd
import pytest
import torch

from cutaway.data.labels import labels_from
from cutaway.errors import InputError


@pytest.mark.parametrize(
    "labels",
    [
        [0, 2, 2],
        np.array([0, 2, 2], np.uint8),
        np.array([0.0, 2.0, 2.0]),
        torch.tensor([0, 2, 2]),
        pd.Series([0, 2, 2]),
    ],
)
def test_integers_stay_as_they_are_also_with_a_gap(labels):
    numbers, names = labels_from(labels, 3)
    assert numbers.tolist() == [0, 2, 2]
    assert numbers.dtype == np.int64
    assert names is None


@pytest.mark.parametrize(
    "labels",
    [
        ["dog", "cat", "dog"],
        np.array(["dog", "cat", "dog"], object),
        pd.Series(["dog", "cat", "dog"]),
        pd.Series(["dog", "cat", "dog"]).to_numpy(),
    ],
)
def test_strings_are_numbered_in_sorted_order(labels):
    numbers, names = labels_from(labels, 3)
    assert (numbers.tolist(), names) == ([1, 0, 1], ("cat", "dog"))


def test_huge_numbers_are_names():
    numbers, names = labels_from([10**12, 7, 7], 3)
    assert (numbers.tolist(), names) == ([1, 0, 0], ("7", "1000000000000"))


def test_no_labels():
    assert labels_from(None, 3) == (None, None)


@pytest.mark.parametrize(
    ("labels", "words"),
    [
        ([0, 1], "3 images and 2 labels"),
        ([0, 1, -1], "labels hold -1; expected integers from 0"),
        ([0, 1, 0.5], "fractions, NaN or infinity"),
        ([0, 1, float("nan")], "fractions, NaN or infinity"),
        ([0, 1, None], "labels hold object values"),
        ([[1, 0], [0, 1], [0, 1]], r"shape \(3, 2\).*argmax"),
        ([[1], [2, 3]], "labels are no vector"),
        (5, r"shape \(\); expected \(3,\)"),
        ([1j, 0, 0], "labels hold complex128"),
    ],
)
def test_what_is_no_label(labels, words):
    with pytest.raises(InputError, match=words):
        labels_from(labels, 3)


def test_a_column_is_a_vector():
    labels, names = labels_from(np.array([["dog"], ["cat"]]), 2)
    assert (labels.tolist(), names) == ([1, 0], ("cat", "dog"))
