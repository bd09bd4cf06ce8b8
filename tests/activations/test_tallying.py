import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from cutaway.activations import tallying
from cutaway.activations.tallying import tally_by_comparing, tally_by_pointing


@pytest.mark.parametrize("way", [tally_by_comparing, tally_by_pointing])
@given(
    bins=hnp.arrays(np.uint8, st.integers(0, 300), elements=st.integers(0, 31)),
    start=st.integers(0, 70),
    before=st.integers(0, 9),
)
def test_each_way_counts_as_numpy_does(way, bins, start, before):
    part = bins[start:]
    counts = np.full(32, before, np.int64)
    way(part, int(part.max(initial=0)) + 1, counts)
    np.testing.assert_array_equal(counts, before + np.bincount(part, minlength=32))


def test_one_of_them_is_taken():
    assert tallying.tally in {tally_by_comparing, tally_by_pointing}
