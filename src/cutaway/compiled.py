"""Compiling inner loops with numba, cached on disk."""

import inspect
from collections.abc import Callable
from typing import Any, TypeVar

import numba

Function = TypeVar("Function", bound=Callable[..., Any])


def compiled(**options: Any) -> Callable[[Function], Function]:
    """A decorator that compiles a function to machine code and caches it on disk.

    A second process loads the cache and does not compile. Shape annotations stay readable: a
    runtime type checker that wrapped the function is taken off before numba sees it.

    Args:
        **options: numba's own, such as `parallel=True` or `fastmath=True`.

    Example:
        >>> @compiled()
        ... def double(number: float) -> float:
        ...     return 2 * number
        >>> double(2.0)
        4.0
    """

    def decorate(function: Function) -> Function:
        plain = inspect.unwrap(function)
        cacheable = inspect.getsourcefile(
            plain
        ) is not None and not plain.__code__.co_filename.startswith("<")
        return numba.njit(cache=cacheable, **options)(plain)

    return decorate
