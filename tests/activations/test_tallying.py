import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from cutaway.activations import tallying
from cutaway.activations.tallying import tally_by_planes, tally_by_pointing


@pytest.mark.parametrize("way", [tally_by_planes, tally_by_pointing])
@given(
    bins=hnp.arrays(np.uint8, st.integers(0, 1100), elements=st.integers(0, 31)),
    used=st.integers(1, 32),
    before=st.integers(0, 9),
)
def test_each_way_counts_as_numpy_does(way, bins, used, before):
    bins %= used
    room = np.full(2048, 255, np.uint8)
    room[: len(bins)] = bins
    counts = np.full(32, before, np.int64)
    way(room, len(bins), used, counts)
    np.testing.assert_array_equal(counts, before + np.bincount(bins, minlength=32))


def test_one_of_them_is_taken():
    assert tallying.tally in {tally_by_planes, tally_by_pointing}
