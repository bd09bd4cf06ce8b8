"""Exact duplicates against comparison of every pair."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from cutaway.data.duplicates import digests, equal_groups, label_conflicts


def naive(pixels):
    groups, seen = [], set()
    for first in range(len(pixels)):
        equal = [at for at in range(len(pixels)) if np.array_equal(pixels[at], pixels[first])]
        if len(equal) > 1 and first not in seen:
            groups.append(tuple(equal))
            seen.update(equal)
    return tuple(groups)


@given(st.lists(st.lists(st.integers(0, 1), min_size=3, max_size=3), min_size=1, max_size=12))
def test_groups_are_those_of_all_pairs(values):
    pixels = np.array(values, np.uint8).reshape(-1, 1, 3, 1)
    assert equal_groups(digests(pixels)) == naive(pixels)
    turned = pixels.transpose(0, 2, 1, 3)
    assert equal_groups(digests(turned)) == naive(turned)


def test_conflicts_are_groups_with_several_labels():
    groups = ((0, 1), (2, 3))
    assert label_conflicts(groups, np.array([5, 5, 1, 2])) == ((2, 3),)
    assert label_conflicts(groups, None) == ()
