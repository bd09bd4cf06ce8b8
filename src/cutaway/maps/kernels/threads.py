"""Running compiled kernels on several threads with results that no thread count changes."""

import itertools
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from functools import cache
from typing import Any

import numba
import numpy as np
from jaxtyping import Int64

Kernel = Callable[..., Any]

_SMALLEST_RANGE = 256
_RANGES_PER_THREAD = 4


def thread_count() -> int:
    """Threads that kernels may use: `NUMBA_NUM_THREADS`, or the cores this process may run on."""
    return int(vars(numba.config)["NUMBA_NUM_THREADS"])


def even_ranges(
    n: int, smallest: int = _SMALLEST_RANGE, largest: int | None = None
) -> tuple[int, ...]:
    """Bounds that split n rows evenly, a few ranges a thread.

    Args:
        n: Number of rows.
        smallest: Fewest rows of a range, where there are that many.
        largest: Most rows of a range, whatever the number of threads.

    Example:
        >>> even_ranges(100, largest=50)
        (0, 50, 100)
    """
    most = _RANGES_PER_THREAD * thread_count() if thread_count() > 1 else 1
    parts = max(1, min(most, n // smallest), -(-n // largest) if largest else 1)
    return tuple(n * part // parts for part in range(parts + 1))


def balanced_ranges(row_starts: Int64[np.ndarray, "rows_and_one"]) -> tuple[int, ...]:
    """Bounds that split the rows of a sparse matrix so that each part holds about as many entries.

    Args:
        row_starts: Where each row starts among the entries, as a CSR matrix's `indptr`.
    """
    n = len(row_starts) - 1
    parts = len(even_ranges(n)) - 1
    shares = row_starts[-1] * np.arange(1, parts) / parts
    return (0, *(int(row) for row in np.searchsorted(row_starts, shares)), n)


class Running:
    """A kernel that other threads work at, until `finish` helps with what is left and waits.

    A kernel releases the GIL and writes only what belongs to its own rows, each row by one sequence
    of operations; so the result is the same bytes however the rows are split.

    Args:
        kernel: Called as `kernel(first, last, *arguments)` for each range.
        bounds: Ascending; two neighbours enclose a range.
        *arguments: What the kernel takes besides.
    """

    def __init__(self, kernel: Kernel, bounds: Sequence[int], *arguments: Any) -> None:
        self._kernel = kernel
        self._arguments = arguments
        self._ranges = iter(list(itertools.pairwise(bounds)))
        helpers = min(thread_count(), len(bounds) - 1) - 1
        self._pending: list[Future] = [_pool().submit(self._work) for _ in range(helpers)]

    def finish(self) -> None:
        """Works until all ranges are done."""
        try:
            self._work()
        finally:
            # A helper that other work still keeps busy would find nothing left to do.
            for future in self._pending:
                if not future.cancel():
                    future.result()

    def _work(self) -> None:
        for first, last in _claimed(self._ranges):
            self._kernel(first, last, *self._arguments)


def over_ranges(kernel: Kernel, bounds: Sequence[int], *arguments: Any) -> None:
    """Calls `kernel(first, last, *arguments)` for each range between two bounds, on all threads."""
    if len(bounds) == 2:
        kernel(bounds[0], bounds[1], *arguments)
    else:
        Running(kernel, bounds, *arguments).finish()


def _claimed(ranges: Iterator[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """What is left of a list iterator that several threads draw from; each draw is atomic."""
    while (claimed := next(ranges, None)) is not None:
        yield claimed


@cache
def _pool() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(max(1, thread_count() - 1), thread_name_prefix="cutaway-maps")
