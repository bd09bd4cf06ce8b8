"""Ending a network's forward pass from within, and knowing of passes that are broken off."""

import functools
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Protocol, runtime_checkable

from torch import nn


@runtime_checkable
class Interruptible(Protocol):
    """What a forward pass can be ended for."""

    closed: bool

    @property
    def depth(self) -> int:
        """How many calls of the network are under way, one within another."""

    def finish(self) -> None:
        """A call of the network is over."""


class EndOfPass(BaseException):
    """Leaves a forward pass, for the one who asked for it; no `except Exception` stands in its way.

    Args:
        owner: For whom the pass ends.
    """

    def __init__(self, owner: Interruptible) -> None:
        super().__init__("the last wanted layer has run")
        self.owner = owner


@contextmanager
def following(root: nn.Module, owner: Interruptible) -> Iterator[None]:
    """Lets `EndOfPass` end the network's forward pass, which returns None then.

    Passes that end by another exception than an `Exception`, such as Ctrl-C, skip PyTorch's hooks;
    the owner hears of their end from here.

    Args:
        root: The network; it has its own `forward` back after the last of nested blocks.
        owner: For whom passes end.
    """
    here = root.__dict__
    if not isinstance(here.get("forward"), _Forward):
        here["forward"] = _Forward(root.forward, own="forward" in here)
    forward: _Forward = here["forward"]
    reference = weakref.ref(owner)
    forward.owners.append(reference)
    try:
        yield
    finally:
        forward.owners.remove(reference)
        # A copy of the network that was made inside a block holds owners that are closed since.
        if not forward.following() and here.get("forward") is forward:
            here.pop("forward")
            if forward.own:
                here["forward"] = forward.wrapped


class _Forward:
    def __init__(self, wrapped: Callable[..., Any], own: bool) -> None:
        functools.update_wrapper(self, wrapped)
        self.wrapped = wrapped
        self.own = own
        self.owners: list[weakref.ref[Interruptible]] = []

    def __call__(self, *arguments: Any, **keywords: Any) -> Any:
        try:
            return self.wrapped(*arguments, **keywords)
        except Exception:
            raise  # PyTorch's hooks tell the owners
        except BaseException as end:
            owners = self.following()
            if isinstance(end, EndOfPass) and end.owner.depth == 1 and end.owner in owners:
                return None
            for owner in owners:
                owner.finish()
            raise

    def following(self) -> list[Interruptible]:
        """The owners whose blocks have not been left."""
        owners = (reference() for reference in self.owners)
        return [owner for owner in owners if owner is not None and not owner.closed]
