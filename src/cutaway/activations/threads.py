"""Sharing the rows of one array among threads, without waiting for a thread that has no core."""

import itertools
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import cache, partial

import torch

_INLINE = 1 << 16  # values; below it, handing work to threads takes longer than the work
_CHUNK = 1 << 18  # values; a megabyte of them stays in a core's cache


@contextmanager
def torch_threads(count: int) -> Iterator[None]:
    """While it is entered, torch works on so many threads; then on as many as before.

    Example:
        >>> with torch_threads(1):
        ...     torch.get_num_threads()
        1
    """
    before = torch.get_num_threads()
    torch.set_num_threads(count)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def over_rows(work: Callable[[int, int], None], rows: int, row_size: int) -> None:
    """Calls `work(start, stop)` until all rows are done, on as many threads as torch uses.

    Threads take the next chunk when they are free, the caller among them, and those that have not
    begun by the end are called off: on a busy machine the caller does the work alone.

    Args:
        work: Must let go of the interpreter's lock, and treat rows apart from each other.
        rows: How many there are.
        row_size: Values in each.

    Example:
        >>> done = []
        >>> over_rows(lambda start, stop: done.append((start, stop)), 5, 10)
        >>> done
        [(0, 5)]
    """
    if rows * row_size <= _INLINE or torch.get_num_threads() == 1:
        work(0, rows)
        return
    step = max(1, _CHUNK // row_size)
    starts = itertools.count(0, step)
    share = partial(_take_chunks, work, starts, rows, step)
    others = [_threads().submit(share) for _ in range(torch.get_num_threads() - 1)]
    share()
    for other in others:
        if not other.cancel():
            other.result()


def _take_chunks(
    work: Callable[[int, int], None], starts: Iterator[int], rows: int, step: int
) -> None:
    while (start := next(starts)) < rows:
        work(start, min(start + step, rows))


@cache
def _threads() -> ThreadPoolExecutor:
    # Not numba's own threads: those spin between kernels and take the core from torch's.
    return ThreadPoolExecutor(thread_name_prefix="cutaway-rows")
