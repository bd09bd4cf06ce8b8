"""Confused pairs, the order of classes and the worst block, against naive twins."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from cutaway.diagnosis.confusion import confused_pairs, confusion_order, worst_block

FEW = settings(max_examples=40)
MATRICES = st.integers(1, 7).flatmap(
    lambda classes: arrays(np.int64, (classes, classes), elements=st.integers(0, 5))
)


def pairs_by_loops(counts, most):
    found = [
        (label, predicted, int(counts[label, predicted]))
        for label in range(len(counts))
        for predicted in range(len(counts))
        if label != predicted and counts[label, predicted]
    ]
    return sorted(found, key=lambda pair: -pair[2])[:most]


def errors_of_block(counts, first, side):
    return sum(
        counts[row, column]
        for row in range(first, first + side)
        for column in range(first, first + side)
        if row != column
    )


@FEW
@given(MATRICES, st.integers(0, 9))
def test_pairs_equal_their_naive_twin(counts, most):
    assert confused_pairs(counts, most) == pairs_by_loops(counts, most)


@FEW
@given(MATRICES, st.data())
def test_no_other_block_holds_more_errors(counts, data):
    side = data.draw(st.integers(1, len(counts)))
    errors = [errors_of_block(counts, first, side) for first in range(len(counts) - side + 1)]
    assert worst_block(counts, side) == errors.index(max(errors))


@FEW
@given(MATRICES)
def test_the_order_holds_every_class_once(counts):
    assert sorted(confusion_order(counts).tolist()) == list(range(len(counts)))


def test_groups_that_are_confused_among_themselves_stand_together():
    classes, groups = 30, 6
    group = np.random.default_rng(0).permutation(classes) % groups
    counts = np.where(group[:, None] == group, 4, 0) + 20 * np.eye(classes, dtype=np.int64)
    ordered = group[confusion_order(counts.astype(np.int64))]
    assert np.count_nonzero(np.diff(ordered)) == groups - 1


def test_classes_that_join_no_other_stand_at_the_end():
    counts = 9 * np.eye(6, dtype=np.int64)
    counts[1, 4] = counts[4, 2] = 3
    assert confusion_order(counts).tolist()[3:] == [0, 3, 5]
