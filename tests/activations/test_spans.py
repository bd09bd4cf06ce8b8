from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from cutaway.activations.spans import Spans

RANGES = st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30)).map(sorted).map(tuple))


@given(RANGES, RANGES)
def test_spans_are_the_set_of_their_numbers(own, others):
    spans = Spans(own)
    spans.merge(Spans(others))
    naive = {number for start, stop in own + others for number in range(start, stop)}
    assert {number for start, stop in spans for number in range(start, stop)} == naive
    assert spans.total == len(naive)
    missing = {number for start, stop in spans.gaps(40) for number in range(start, stop)}
    assert missing == set(range(40)) - naive


@given(RANGES)
def test_ranges_neither_overlap_nor_touch(ranges):
    found = list(Spans(ranges))
    assert all(before[1] < after[0] for before, after in pairwise(found))
