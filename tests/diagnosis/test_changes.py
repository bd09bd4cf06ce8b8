"""What becomes of predictions and findings, held to plain loops."""

from math import comb

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cutaway.diagnosis import Finding
from cutaway.diagnosis.changes import chance_of, changes, finding_changes

CLASSES = st.lists(st.tuples(*[st.integers(0, 3)] * 3), min_size=1, max_size=40)


@given(CLASSES)
def test_won_less_lost_is_what_accuracy_gains(rows):
    before, after, labels = np.array(rows).T
    words = changes(before, after, labels)
    gained = (after == labels).sum() - (before == labels).sum()
    assert (words == "won").sum() - (words == "lost").sum() == gained
    assert ((words == "kept") == (before == after)).all()


def naive_chance(won, lost):
    """Twice the smaller tail of a fair coin, at most 1."""
    count = won + lost
    tail = sum(comb(count, number) for number in range(min(won, lost) + 1)) / 2**count
    return min(2 * tail, 1.0)


@pytest.mark.parametrize(("won", "lost"), [(0, 0), (5, 5), (8, 2), (0, 12), (30, 41)])
def test_the_test_is_that_of_a_fair_coin(won, lost):
    assert chance_of(won, lost) == pytest.approx(naive_chance(won, lost))
    assert chance_of(won, lost) == pytest.approx(chance_of(lost, won))


def test_a_second_finding_of_one_kind_and_layer_is_one_that_came():
    one, two = (Finding("adversarial", title, "") for title in ("first", "second"))
    found = finding_changes([one], [one, two])
    assert found.came == (two,)
    assert found.went == ()
    assert found.stayed == ((one, one),)
