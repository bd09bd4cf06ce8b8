"""A cache that forgets what was used least lately before it grows past a bound."""

from collections import OrderedDict
from collections.abc import Hashable
from threading import Lock
from typing import Generic, TypeVar

Value = TypeVar("Value")


class BoundedCache(Generic[Value]):
    """Values by key, within a number of bytes and of values; safe between threads.

    Args:
        most_bytes: Of all values together. One that is larger is not kept at all.
        most_values: How many.

    Example:
        >>> kept = BoundedCache[str](most_bytes=10, most_values=2)
        >>> for key in "abc":
        ...     kept.put(key, key.upper(), 4)
        >>> kept.get("a"), kept.get("c")
        (None, 'C')
    """

    def __init__(self, most_bytes: int, most_values: int) -> None:
        self._most_bytes = most_bytes
        self._most_values = most_values
        self._values: OrderedDict[Hashable, tuple[Value, int]] = OrderedDict()
        self._bytes = 0
        self._lock = Lock()

    def get(self, key: Hashable) -> Value | None:
        """The value, which counts as used now, or None."""
        with self._lock:
            if key not in self._values:
                return None
            self._values.move_to_end(key)
            return self._values[key][0]

    def put(self, key: Hashable, value: Value, size: int) -> None:
        """Keeps a value of so many bytes, at the cost of those that were not used for longest."""
        with self._lock:
            if key in self._values:
                self._bytes -= self._values.pop(key)[1]
            if size > self._most_bytes:
                return
            self._values[key] = (value, size)
            self._bytes += size
            while self._bytes > self._most_bytes or len(self._values) > self._most_values:
                self._bytes -= self._values.popitem(last=False)[1][1]
