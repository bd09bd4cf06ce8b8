import threading
from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cutaway.maps.kernels import threads
from cutaway.maps.kernels.threads import balanced_ranges, even_ranges, over_ranges


@given(st.integers(0, 100_000), st.integers(1, 1000), st.none() | st.integers(1, 5000))
def test_even_ranges_cover_every_row_once(n: int, smallest: int, largest: int | None) -> None:
    bounds = even_ranges(n, smallest, largest)
    lengths = np.diff(bounds)
    assert (bounds[0], bounds[-1]) == (0, n)
    assert (lengths >= 0).all()
    assert largest is None or (lengths <= largest).all()


@given(st.lists(st.integers(0, 500), min_size=1, max_size=3000))
def test_balanced_ranges_cover_every_row_once(entries: list[int]) -> None:
    starts = np.concatenate([[0], np.cumsum(entries)]).astype(np.int64)
    bounds = balanced_ranges(starts)
    assert (bounds[0], bounds[-1]) == (0, len(entries))
    assert (np.diff(bounds) >= 0).all()


def test_every_range_is_worked_at_once() -> None:
    worked: list[tuple[int, int]] = []
    over_ranges(lambda first, last: worked.append((first, last)), (0, 3, 5, 9))
    assert sorted(worked) == [(0, 3), (3, 5), (5, 9)]


def test_an_error_of_a_kernel_reaches_the_caller() -> None:
    def kernel(first: int, last: int) -> None:
        raise ValueError(f"{first} to {last}")

    with pytest.raises(ValueError, match=" to "):
        over_ranges(kernel, (0, 1, 2))


@pytest.fixture
def busy_helpers(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """All threads of the pool wait for the end of the test."""
    monkeypatch.setattr(threads, "thread_count", lambda: 2)
    released = threading.Event()
    pool = threads._pool()
    waiting = [pool.submit(released.wait) for _ in range(pool._max_workers)]
    yield
    released.set()
    for future in waiting:
        future.result()


@pytest.mark.usefixtures("busy_helpers")
def test_work_waits_for_no_helper_that_other_work_keeps_busy() -> None:
    done = threading.Event()

    def work() -> None:
        over_ranges(lambda first, last: None, (0, 1, 2, 3))
        done.set()

    threading.Thread(target=work, daemon=True).start()
    assert done.wait(60)
