import pytest
import torch

from cutaway.activations.batches import Batches, remaining
from cutaway.activations.spans import Spans
from cutaway.errors import InputError


class Numbers:
    batch_size = 2

    def part(self, start, stop):
        return torch.arange(start, stop).split(self.batch_size)


def ids(batches, done, samples):
    return [
        (first, [batch.tolist() for batch in rest])
        for first, rest in remaining(batches, Spans(done), samples)
    ]


def test_nothing_done_leaves_all():
    assert ids(torch.arange(5).split(2), [], 5) == [(0, [[0, 1], [2, 3], [4]])]
    assert ids(Numbers(), [], 3) == [(0, [[0, 1], [2]])]


def test_a_stream_goes_on_after_what_is_done():
    assert ids(torch.arange(5).split(2), [(0, 2)], 5) == [(2, [[2, 3], [4]])]
    assert ids(torch.arange(5).split(2), [(0, 5)], 5) == []


def test_parts_are_had_for_every_gap():
    assert isinstance(Numbers(), Batches)
    assert ids(Numbers(), [(2, 4), (6, 8)], 9) == [(0, [[0, 1]]), (4, [[4, 5]]), (8, [[8]])]


def test_other_batches_than_those_of_the_pass_are_a_clear_error():
    with pytest.raises(InputError, match="a batch ends at sample 3, and the pass .* stopped at 2"):
        ids(torch.arange(6).split(3), [(0, 2)], 6)


def test_a_stream_cannot_fill_a_gap_between_others():
    with pytest.raises(InputError, match="samples 0 to 2 are missing .* expected Batches"):
        ids(torch.arange(6).split(2), [(2, 4)], 6)
