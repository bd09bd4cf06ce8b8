"""Following the calls of chosen layers while a network runs: the one place that sets hooks."""

import sys
import threading
import weakref
from collections.abc import Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from functools import partial
from typing import Any

import torch
from torch import nn

from cutaway.activations.forward import EndOfPass, following
from cutaway.activations.layers import layer_of, named_layers, other_names, uncompiled
from cutaway.activations.refusals import require_hookable


class Observer:
    """What wants to hear of layers' calls; each method does nothing until it is overridden."""

    def started(self) -> None:
        """A forward pass of the whole network begins."""

    def entered(self, address: str, arguments: tuple[Any, ...]) -> None:
        """A layer is called with (positional, keyword) arguments."""

    def returned(self, address: str, output: Any) -> Any:
        """A layer returned; anything but None takes the place of its output."""


class _Telling(threading.local):
    """Entered while an observer is told something; what it computes then is no part of the pass."""

    depth = 0

    @property
    def any(self) -> bool:
        """Whether an observer is being told something in this thread."""
        return self.depth > 0

    def __enter__(self) -> None:
        self.depth += 1

    def __exit__(self, *_error: object) -> None:
        self.depth -= 1


telling = _Telling()


class Passes:
    """Which chosen layers were called in the latest forward pass, and how often.

    A layer's first call has its name for an address, its second `name#1`, its third `name#2`.

    Args:
        names: The chosen layers.
        observer: Who is told of their calls.
        aliases: Further names of layers, each with the one that its calls are addressed by.
        last: The address of the call after which a pass ends; True is when each chosen layer has
            returned once, False never.
    """

    def __init__(
        self,
        names: Iterable[str],
        observer: Observer,
        aliases: Mapping[str, str] | None = None,
        last: bool | str = False,
    ) -> None:
        self._observer = observer
        self.aliases = aliases or {}
        self._last = last
        self._calls = dict.fromkeys(names, 0)
        self._open: dict[str, list[str | None]] = {}
        self._pending: set[str] = set()
        self._latest = ""
        self._depth = 0
        self.closed = False

    def close(self) -> None:
        """Hears of no more calls."""
        self.closed = True
        self._observer = Observer()

    def name_in(self, address: str) -> str | None:
        """The chosen layer that an address belongs to, or None."""
        return layer_of(address, self._calls)

    @property
    def missed(self) -> tuple[str, ...]:
        """Names that were chosen and were not called in the latest pass."""
        return tuple(name for name, calls in self._calls.items() if not calls)

    @property
    def depth(self) -> int:
        """How many calls of the network are under way, one within another."""
        return self._depth

    def start(self) -> None:
        """The network is called; within its own call that is no new pass."""
        if self._depth == 0 and not _in_backward():
            self._calls = dict.fromkeys(self._calls, 0)
            self._open = {}
            self._pending = set(self._calls)
            self._observer.started()
        self._depth += 1

    def finish(self) -> None:
        """The network returned or raised."""
        self._depth = max(self._depth - 1, 0)

    def enter(self, name: str, arguments: tuple[Any, ...]) -> None:
        """A layer is called; its address is settled now, so that a call within it comes after."""
        calls = self._open.setdefault(name, [])
        if _in_backward():
            # Activation checkpointing calls layers again on the way back: no call of its own.
            calls.append(None)
            return
        index = self._calls[name]
        self._calls[name] = index + 1
        address = f"{name}#{index}" if index else name
        calls.append(address)
        with telling:
            self._observer.entered(address, arguments)

    def leave(self, name: str, output: Any) -> Any:
        """A layer returned, or raised (then its output is None)."""
        calls = self._open.get(name)
        self._latest = (calls.pop() if calls else None) or ""
        if not self._latest:
            return None
        with telling:
            return self._observer.returned(self._latest, output)

    def end(self, name: str) -> None:
        """Ends the pass by an exception where a layer that just returned is the last wanted."""
        self._pending.discard(name)
        done = not self._pending if self._last is True else self._last == self._latest
        if done and self._depth and not _in_backward():
            raise EndOfPass(self)


_Reference = weakref.ref[Passes]


@contextmanager
def observing(
    model: nn.Module,
    names: Iterable[str],
    observer: Observer,
    *,
    before_others: bool = False,
    last: bool | str = False,
) -> Iterator[Passes]:
    """Tells an observer of each call of the named layers; every hook is gone afterwards.

    Code compiled by `torch.compile` runs uncompiled meanwhile, since compiled code skips hooks.

    Args:
        model: The network; each call of it begins a new pass.
        names: Layers' names, as `select_layers` gives them.
        observer: Who is told.
        before_others: Whether its hooks come before those that are set already.
        last: After which call a pass ends, as in `Passes`; the network returns None then.
    """
    root = uncompiled(model)
    require_hookable(root)
    layers = named_layers(root)
    passes = Passes(names, observer, other_names(root), last)
    reference = weakref.ref(passes)
    with ExitStack() as undo:
        undo.callback(passes.close)
        undo.enter_context(_uncompiled_code())
        undo.enter_context(following(root, passes))
        undo.callback(
            root.register_forward_pre_hook(partial(_start, reference), prepend=True).remove
        )
        for name in passes.missed:
            entering = layers[name].register_forward_pre_hook(
                partial(_enter, reference, name), with_kwargs=True
            )
            undo.callback(entering.remove)
            leaving = layers[name].register_forward_hook(
                partial(_leave, reference, name), prepend=before_others, always_call=True
            )
            undo.callback(leaving.remove)
            if last:
                # Not always_call: a layer that raised must raise, and end nothing.
                ending = layers[name].register_forward_hook(partial(_end, reference, name))
                undo.callback(ending.remove)
        undo.callback(
            root.register_forward_hook(partial(_finish, reference), always_call=True).remove
        )
        yield passes


# Hooks hold the passes weakly, and closed ones hear nothing: a copy of the network that was made
# inside the block copies the hooks, and must neither keep anything alive nor record later.
def _start(reference: _Reference, _module: nn.Module, _arguments: Any) -> None:
    passes = reference()
    if passes is not None and not passes.closed:
        passes.start()


def _finish(reference: _Reference, _module: nn.Module, _arguments: Any, _output: Any) -> None:
    passes = reference()
    if passes is not None and not passes.closed:
        passes.finish()


def _enter(reference: _Reference, name: str, _module: nn.Module, *arguments: Any) -> None:
    passes = reference()
    if passes is not None and not passes.closed:
        passes.enter(name, arguments)


def _leave(
    reference: _Reference, name: str, _module: nn.Module, _arguments: Any, output: Any
) -> Any:
    passes = reference()
    return None if passes is None or passes.closed else passes.leave(name, output)


def _end(reference: _Reference, name: str, *_call: Any) -> None:
    passes = reference()
    if passes is not None and not passes.closed:
        passes.end(name)


def _uncompiled_code() -> AbstractContextManager[Any]:
    # Nothing is compiled where the compiler was never imported, and its import takes seconds.
    if "torch._dynamo" in sys.modules:
        return torch.compiler.set_stance("force_eager")
    return nullcontext()


def _in_backward() -> bool:
    return torch._C._current_graph_task_id() != -1  # noqa: SLF001 (torch.utils.module_tracker asks the same way)
