"""Values that no layer returns: what operations such as `torch.relu` or `+` give inside layers."""

import fnmatch
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from torch import nn
from torch.overrides import TorchFunctionMode

from cutaway.activations.calls import Observer, Passes, observing, telling
from cutaway.activations.layers import select_layers
from cutaway.activations.structure import addressed


class Operations:
    """Globs on operations' addresses, and which of them matched in the latest forward pass.

    Args:
        patterns: Such as "block*/relu".
    """

    def __init__(self, patterns: tuple[str, ...] = ()) -> None:
        self.patterns = patterns
        self._matched: set[str] = set()

    @property
    def missed(self) -> tuple[str, ...]:
        """Patterns that matched no operation."""
        return tuple(each for each in self.patterns if each not in self._matched)

    def start(self) -> None:
        """A forward pass begins, in which nothing has matched."""
        self._matched.clear()

    def wants(self, address: str) -> bool:
        """Whether a pattern matches an address."""
        found = [each for each in self.patterns if fnmatch.fnmatchcase(address, each)]
        self._matched.update(found)
        return bool(found)


@contextmanager
def observing_operations(
    model: nn.Module, operations: Operations, observer: Observer
) -> Iterator[None]:
    """Tells an observer of what operations return while the network runs.

    An operation has the address of the innermost layer that it runs in, a stroke and its name:
    `block1/add`, a second one in the same call `block1/add#1`; in the network's own forward it is
    `/add`. `torch.add`, `add_`, `+` and `+=` are all named `add`. Attention that PyTorch computes
    in one fused step runs step by step meanwhile, which can change last bits.

    Args:
        model: The network.
        operations: Which operations; nothing is set up where it holds no pattern.
        observer: Whose `returned` is called with the operation's address and result.
    """
    if not operations.patterns:
        yield
        return
    place = _Place(operations)
    with (
        observing(model, select_layers(model, "*"), place) as passes,
        _Watch(place, passes, operations, observer),
    ):
        yield


class _Place(Observer):
    """Where in the network it is, and how often each operation has run in this call of a layer."""

    def __init__(self, operations: Operations) -> None:
        self._operations = operations
        self._open: list[str] = []
        self._counts: Counter[str] = Counter()

    def started(self) -> None:
        self._open.clear()
        self._counts.clear()
        self._operations.start()

    def entered(self, address: str, _arguments: Any) -> None:
        self._open.append(address)

    def returned(self, _address: str, _output: Any) -> None:
        self._open.pop()

    def next_address(self, operation: str) -> str:
        address = f"{self._open[-1] if self._open else ''}/{operation}"
        index = self._counts[address]
        self._counts[address] = index + 1
        return f"{address}#{index}" if index else address


class _Watch(TorchFunctionMode):
    def __init__(
        self, place: _Place, passes: Passes, operations: Operations, observer: Observer
    ) -> None:
        super().__init__()
        self._place = place
        self._passes = passes
        self._operations = operations
        self._observer = observer

    def __torch_function__(
        self,
        func: Callable[..., Any],
        types: Any,
        args: tuple[Any, ...] = (),
        kwargs: dict[str, Any] | None = None,
    ) -> Any:
        result = func(*args, **(kwargs or {}))
        name = getattr(func, "__name__", "").strip("_")
        # "get" reads an attribute such as .shape or .data.
        if name in {"", "get"} or not self._passes.depth or telling.any:
            return result
        if not addressed("", result):
            return result
        address = self._place.next_address(name)
        if not self._operations.wants(address):
            return result
        with telling:
            replacement = self._observer.returned(address, result)
        return result if replacement is None else replacement
