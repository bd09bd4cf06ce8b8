"""Finding and replacing tensors inside what a layer returns: tuples, dicts, dataclasses, None."""

import copy
import dataclasses
from collections import Counter, deque
from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import Any

from torch import Tensor

Path = tuple[Any, ...]


def addressed(address: str, value: Any) -> list[tuple[str, Path, Tensor]]:
    """The tensors inside a value, each with its address and its path.

    The first has the address of the call itself, so a layer that returns one tensor, in whatever
    wrapping, stands under its own name; each further one adds its path.

    Args:
        address: Address of the call, such as "lstm" or "lstm#1".
        value: What a layer took or returned: a tensor, or tensors in tuples, lists, deques,
            mappings and dataclasses; anything else counts as holding none.

    Example:
        >>> import torch
        >>> output, state = torch.zeros(1), (torch.zeros(2), torch.zeros(3))
        >>> [address for address, _, _ in addressed("lstm", (output, state))]
        ['lstm', 'lstm[1][0]', 'lstm[1][1]']
    """
    if isinstance(value, Tensor):
        return [(address, (), value)]
    found = list(_walk(value, (), set()))
    written = Counter(_written(path, str) for path, _ in found)
    return [
        (address + _suffix(path, written) if number else address, path, tensor)
        for number, (path, tensor) in enumerate(found)
    ]


def by_parameter(arguments: tuple[tuple[Any, ...], Mapping[str, Any]]) -> dict[int | str, Any]:
    """What a layer is called with, so that `addressed` gives `mask` the address `layer[mask]`.

    Args:
        arguments: Positional arguments, which go by their number, and keyword arguments.

    Example:
        >>> by_parameter(((1, 2), {"mask": None}))
        {0: 1, 1: 2, 'mask': None}
    """
    positional, keyword = arguments
    named: dict[int | str, Any] = dict(enumerate(positional))
    return named | dict(keyword)


def replaced(value: Any, path: Path, tensor: Tensor) -> Any:
    """A copy of a value in which another tensor stands at a path.

    Example:
        >>> import torch
        >>> replaced({"logits": torch.zeros(1), "loss": None}, ("logits",), torch.ones(1))
        {'logits': tensor([1.]), 'loss': None}
    """
    if not path:
        return tensor
    key, rest = path[0], path[1:]
    inner = replaced(_member(value, key), rest, tensor)
    if isinstance(value, tuple):
        members = [inner if index == key else member for index, member in enumerate(value)]
        return value._make(members) if hasattr(value, "_make") else type(value)(members)
    if isinstance(value, MappingProxyType):
        return MappingProxyType({**value, key: inner})
    changed = copy.copy(value)
    if isinstance(value, list | deque | Mapping):
        changed[key] = inner
    else:
        object.__setattr__(changed, key, inner)
    return changed


def _written(path: Path, write: Callable[[Any], str]) -> str:
    return "".join(f"[{write(key)}]" for key in path)


def _suffix(path: Path, written: Counter[str]) -> str:
    """The path as a user would write it; keys such as 1 and "1" are told apart by their quotes."""
    plain = _written(path, str)
    return plain if written[plain] == 1 else _written(path, repr)


def _walk(value: Any, path: Path, above: set[int]) -> Iterator[tuple[Path, Tensor]]:
    if isinstance(value, Tensor):
        yield path, value
        return
    if id(value) in above:
        return
    for key, member in _members(value):
        yield from _walk(member, (*path, key), above | {id(value)})


def _members(value: Any) -> list[tuple[Any, Any]]:
    if isinstance(value, Mapping):
        return list(value.items())
    if isinstance(value, list | tuple | deque):
        return list(enumerate(value))
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        # A field may have been left unset.
        names = [field.name for field in dataclasses.fields(value) if hasattr(value, field.name)]
        return [(name, getattr(value, name)) for name in names]
    return []


def _member(value: Any, key: Any) -> Any:
    return value[key] if isinstance(value, Mapping | list | tuple | deque) else getattr(value, key)
