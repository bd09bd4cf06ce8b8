"""Altering activations and gradients inside a network: ablate, scale or swap a unit."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from typing import Any

from torch import Tensor, nn
from torch.utils.hooks import RemovableHandle

from cutaway.activations.backward import Edit, differentiable, edited, hook_gradient
from cutaway.activations.calls import Observer, observing
from cutaway.activations.layers import layer_of, named_layers, select_layers, unmatched
from cutaway.activations.structure import addressed, replaced
from cutaway.activations.unit_axis import unit_axis
from cutaway.activations.units import UnitEdit
from cutaway.errors import InputError


class Edits:
    """Which edits took place; `missed` are the addresses that no call has reached so far.

    Args:
        addresses: Where edits were asked for.
    """

    def __init__(self, addresses: tuple[str, ...]) -> None:
        self._addresses = addresses
        self._done: set[str] = set()

    @property
    def missed(self) -> tuple[str, ...]:
        """Addresses whose edit has not been applied."""
        return tuple(address for address in self._addresses if address not in self._done)

    def done(self, address: str) -> None:
        """Notes that an edit was applied."""
        self._done.add(address)


@contextmanager
def edit(model: nn.Module, functions: Mapping[str, Edit]) -> Iterator[Edits]:
    """Alters what layers return while the network runs inside the block.

    Captures see the altered values, whichever block was entered first.

    Args:
        model: Any network.
        functions: For each address `ablate`, `scale` or `swap`, or a function from its activation,
            of which it gets a copy, to one of equal shape. A plain name is a layer's first call in
            a pass, `name#1` its second.

    Yields:
        What was done: its `missed` names the addresses that no call reached.

    Raises:
        InputError: An address names no layer, or, inside forward, a function returns another shape.

    Example:
        >>> import torch
        >>> model = nn.Sequential(nn.Identity(), nn.Flatten())
        >>> with edit(model, {"0": lambda activation: 3 * activation}):
        ...     model(torch.ones(1, 2))
        tensor([[3., 3.]])
    """
    with _editing(model, functions, _alter_activation) as edits:
        yield edits


@contextmanager
def edit_gradients(model: nn.Module, functions: Mapping[str, Edit]) -> Iterator[Edits]:
    """Alters the gradients at layers' outputs in each `backward()` inside the block.

    Args:
        model: Any network.
        functions: For each address `ablate`, `scale` or `swap`, or a function from the gradient at
            that output, of which it gets a copy, to one of equal shape; it flows on to everything
            before.

    Yields:
        What was done: its `missed` names the addresses that no backward pass reached.

    Raises:
        InputError: An address names no layer, or, inside backward, a function returns another
            shape.

    Example:
        >>> import torch
        >>> model = nn.Sequential(nn.Identity(), nn.Flatten())
        >>> image = torch.ones(1, 2, requires_grad=True)
        >>> with edit_gradients(model, {"0": lambda gradient: 3 * gradient}):
        ...     model(image).sum().backward()
        >>> image.grad
        tensor([[3., 3.]])
    """
    with _editing(model, functions, _alter_gradient) as edits:
        yield edits


_Alter = Callable[[Tensor, Callable[[Tensor], Tensor], str, list[RemovableHandle]], Tensor]


@contextmanager
def _editing(model: nn.Module, functions: Mapping[str, Edit], alter: _Alter) -> Iterator[Edits]:
    names = [_layer_of(model, address) for address in functions]
    edits = Edits(tuple(functions))
    modules = named_layers(model)
    bound = {
        address: partial(_on_units, function, modules[name])
        if isinstance(function, UnitEdit)
        else function
        for (address, function), name in zip(functions.items(), names, strict=True)
    }
    editor = _Editor(bound, edits, alter)
    try:
        with observing(model, dict.fromkeys(names), editor, before_others=True):
            yield edits
    finally:
        editor.release()


class _Editor(Observer):
    def __init__(self, functions: Mapping[str, Edit], edits: Edits, alter: _Alter) -> None:
        self._functions = functions
        self._edits = edits
        self._alter = alter
        self._handles: list[RemovableHandle] = []

    def started(self) -> None:
        self.release()

    def release(self) -> None:
        """Takes the hooks off the tensors of the pass before."""
        for handle in self._handles:
            handle.remove()
        self._handles.clear()

    def returned(self, address: str, output: Any) -> Any:
        replacement = None
        for place, path, tensor in addressed(address, output):
            if place in self._functions:
                function = partial(_edited_and_noted, self._functions[place], place, self._edits)
                altered = self._alter(tensor, function, place, self._handles)
                output = replacement = replaced(output, path, altered)
        return replacement


def _edited_and_noted(function: Edit, address: str, edits: Edits, tensor: Tensor) -> Tensor:
    altered = edited(function, tensor, address)
    edits.done(address)
    return altered


def _on_units(edit: UnitEdit, module: nn.Module, tensor: Tensor) -> Tensor:
    return edit(tensor, 1 + max(unit_axis(module, tuple(tensor.shape[1:])), 0))


def _alter_activation(
    tensor: Tensor,
    function: Callable[[Tensor], Tensor],
    _address: str,
    _handles: list[RemovableHandle],
) -> Tensor:
    return function(tensor)


def _alter_gradient(
    tensor: Tensor,
    function: Callable[[Tensor], Tensor],
    address: str,
    handles: list[RemovableHandle],
) -> Tensor:
    followed = differentiable(tensor, address)
    handles.append(hook_gradient(followed, function))
    return followed


def _layer_of(model: nn.Module, address: str) -> str:
    names = select_layers(model, "*")
    name = layer_of(address, names)
    if name is None:
        raise InputError(unmatched("layers", address, model, names))
    return name
