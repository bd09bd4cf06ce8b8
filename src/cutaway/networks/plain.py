"""Hyper-parameters from a stranger's file as plain values, like those of JSON."""

import math
from typing import Any

from cutaway.errors import InputError
from cutaway.networks.stand_ins import StandIn

_MOST_VALUES = 100_000
_DEEPEST = 32


def plain_values(entries: Any) -> dict[str, Any]:
    """Keeps what JSON can express of a dictionary and drops the rest.

    Numbers, strings, booleans, None, lists, tuples (as lists) and dictionaries with string keys
    stay; an `argparse.Namespace` becomes a dictionary; tensors, classes and other objects are
    dropped.

    Raises:
        InputError: There are more values than any real run has. References within a pickle can make
            a small file unfold to billions of them.

    Example:
        >>> plain_values({"lr": 0.1, "net": object(), "sizes": (3, 4)})
        {'lr': 0.1, 'sizes': [3, 4]}
    """
    kept = _Plain().convert(entries, depth=0)
    return kept if isinstance(kept, dict) else {}


_DROPPED = object()


class _Plain:
    def __init__(self) -> None:
        self._values = 0

    def convert(self, value: Any, depth: int) -> Any:
        self._values += 1
        if self._values > _MOST_VALUES:
            raise InputError(
                f"the checkpoint's hyper-parameters unfold to more than {_MOST_VALUES:,} values; "
                "expected those of a training run; it is refused"
            )
        if isinstance(value, StandIn):
            value = dict(value.entries) or _DROPPED
        if value is None or type(value) in {bool, int, str}:
            return value
        if type(value) is float:
            return value if math.isfinite(value) else _DROPPED
        if depth < _DEEPEST and isinstance(value, dict):
            items = {k: self.convert(v, depth + 1) for k, v in value.items() if type(k) is str}
            return {k: v for k, v in items.items() if v is not _DROPPED}
        if depth < _DEEPEST and type(value) in {list, tuple}:
            converted = [self.convert(entry, depth + 1) for entry in value]
            # Places in a list have a meaning, so a dropped entry leaves a gap.
            return [None if entry is _DROPPED else entry for entry in converted]
        return _DROPPED
