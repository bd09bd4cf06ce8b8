"""How many threads numpy's matrix library works on."""

from contextlib import AbstractContextManager
from functools import cache
from typing import Any

from threadpoolctl import ThreadpoolController


def one_blas_thread() -> AbstractContextManager[Any]:
    """While it is entered, matrix products and decompositions take one thread.

    Where other threads share the work out, or where other work keeps the cores busy, the library's
    own threads wait for each other longer than they work.
    """
    limit: AbstractContextManager[Any] = _blas().limit(limits=1, user_api="blas")
    return limit


@cache
def _blas() -> ThreadpoolController:
    """The matrix library that numpy has loaded; to look it up takes ten times a short search."""
    return ThreadpoolController()
