"""Holding out: a partition, of the size asked for, in proportion to the classes."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cutaway.data.partition import hold_out


@given(st.lists(st.integers(0, 4), min_size=2, max_size=60), st.data())
def test_parts_are_whole_sorted_and_in_proportion(classes, data):
    labels = np.array(classes)
    count = data.draw(st.integers(1, len(labels) - 1))
    kept, held = hold_out(labels, len(labels), count, data.draw(st.integers(0, 9)))
    assert sorted([*kept, *held]) == list(range(len(labels)))
    assert len(held) == count
    assert (np.diff(kept) > 0).all()
    assert (np.diff(held) > 0).all()
    for name in set(classes):
        share = count / len(labels) * classes.count(name)
        assert abs((labels[held] == name).sum() - share) <= 1 + 1e-9


def test_seeds_fix_the_parts():
    labels = np.arange(100) % 10
    first, again, other = (hold_out(labels, 100, 20, seed)[1] for seed in (0, 0, 1))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


def test_a_class_of_one_stays():
    labels = np.array([0] * 19 + [1])
    for seed in range(20):
        assert 19 in hold_out(labels, 20, 4, seed)[0]


def test_without_labels_it_is_a_plain_draw():
    kept, held = hold_out(None, 10, 3, 0)
    assert (len(kept), len(held)) == (7, 3)


@pytest.mark.parametrize("label", [0, 5])
def test_one_class_only(label):
    assert len(hold_out(np.full(8, label), 8, 2, 0)[1]) == 2
