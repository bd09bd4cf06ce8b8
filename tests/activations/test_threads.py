import threading

import numpy as np
import pytest
import torch

from cutaway.activations.threads import over_rows, torch_threads


@pytest.mark.parametrize(("rows", "size"), [(1, 1), (7, 100), (3, 10**6), (5000, 400), (0, 5)])
def test_every_row_is_done_once(rows, size):
    counts = np.zeros(rows, int)
    lock = threading.Lock()

    def work(start, stop):
        with lock:
            counts[start:stop] += 1

    over_rows(work, rows, size)
    assert (counts == 1).all()


def test_an_error_in_a_chunk_reaches_the_caller():
    def work(start, stop):
        raise RuntimeError("told to")

    with pytest.raises(RuntimeError, match="told to"):
        over_rows(work, 100, 10**6)


def test_the_number_of_threads_is_as_before_also_after_an_error():
    before = torch.get_num_threads()
    with pytest.raises(RuntimeError, match="told to"), torch_threads(before + 2):
        assert torch.get_num_threads() == before + 2
        raise RuntimeError("told to")
    assert torch.get_num_threads() == before
