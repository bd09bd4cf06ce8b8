import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from cutaway.maps.moments import Moments

ROWS = np.random.default_rng(0).normal(size=(40, 3), loc=[0, 10, -1000])


@given(cuts=st.permutations(range(1, 40)).map(lambda order: sorted(order[:4])))
def test_batches_merge_in_any_grouping_to_the_moments_of_the_whole(cuts):
    first, *rest = [Moments.of(part) for part in np.split(ROWS, cuts)]
    left = first
    for part in rest:
        left = left.merge(part)
    right = rest[-1]
    for part in [*rest[-2::-1], first]:
        right = part.merge(right)
    centred = ROWS - ROWS.mean(axis=0)
    for merged in (left, right):
        assert merged.count == 40
        np.testing.assert_allclose(merged.mean, ROWS.mean(axis=0))
        np.testing.assert_allclose(merged.scatter, centred.T @ centred, rtol=1e-9, atol=1e-9)


def test_one_row_has_no_scatter():
    assert not Moments.of(ROWS[:1]).scatter.any()
