"""Compiling inner loops with numba, cached on disk, announced the first time."""

import inspect
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import numba

from cutaway.progress import say

_ANNOUNCED: set[str] = set()

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


def announce_compilation(kernel: Any, purpose: str) -> None:
    """Says that machine code for a purpose is being compiled, where none lies on disk yet.

    Args:
        kernel: A compiled function that the purpose needs.
        purpose: What the code is for, such as "maps"; it is said once a process.
    """
    if purpose in _ANNOUNCED:
        return
    _ANNOUNCED.add(purpose)
    name = f"{kernel.py_func.__module__.rpartition('.')[2]}.{kernel.py_func.__qualname__}"
    if not any(Path(kernel.stats.cache_path).glob(f"{name}-*.nbc")):
        say(f"Compiling the numerical code for {purpose}, once on this machine ...")
