"""Gradients on their way back: at single tensors and at parameters, read or altered."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial

import torch
from torch import Tensor, nn
from torch.utils.hooks import RemovableHandle

from cutaway.activations.captured import Captured
from cutaway.activations.layers import matching_parameters
from cutaway.errors import InputError

Edit = Callable[[Tensor], Tensor]


def differentiable(tensor: Tensor, address: str) -> Tensor:
    """The tensor itself where gradients reach it, else a copy of it that they reach.

    Raises:
        InputError: The pass runs under `torch.no_grad()`, so no gradient can reach anything.

    Example:
        >>> differentiable(torch.zeros(2), "block1").requires_grad
        True
    """
    if tensor.requires_grad:
        return tensor
    if not torch.is_grad_enabled():
        raise InputError(
            f"gradients were asked for, and layer {address!r} runs with them turned off; expected "
            "a forward pass outside torch.no_grad() and torch.inference_mode()"
        )
    # A leaf may not be worked on in place, and the next layer may do just that: hence the clone.
    return tensor.detach().requires_grad_().clone()


def hook_gradient(tensor: Tensor, hook: Callable[[Tensor], Tensor | None]) -> RemovableHandle:
    """Calls a hook with each gradient that reaches a tensor; what it returns flows on.

    Example:
        >>> image = torch.ones(2, requires_grad=True)
        >>> handle = hook_gradient(image, lambda gradient: 2 * gradient)
        >>> image.sum().backward()
        >>> image.grad
        tensor([2., 2.])
    """
    return tensor.register_hook(hook)


def edited(function: Edit, tensor: Tensor, address: str) -> Tensor:
    """What a user's function makes of a copy of a tensor, checked to have its shape.

    Raises:
        InputError: The function returned something else than a tensor of that shape.

    Example:
        >>> edited(lambda activation: 2 * activation, torch.ones(2), "block1")
        tensor([2., 2.])
    """
    result = function(tensor.clone())
    if not isinstance(result, Tensor) or result.shape != tensor.shape:
        got = (
            f"shape {tuple(result.shape)}" if isinstance(result, Tensor) else type(result).__name__
        )
        raise InputError(
            f"the edit of {address!r} returned {got}; expected a tensor of shape "
            f"{tuple(tensor.shape)}. Return the altered tensor"
        )
    return result.to(tensor.dtype)


@contextmanager
def tensor_gradients(
    tensors: Mapping[str, Tensor], edits: Mapping[str, Edit] | None = None
) -> Iterator[Captured]:
    """Captures the gradient at single tensors: parameters, inputs, intermediate values.

    Args:
        tensors: What to watch, each under a name of your choice; gradients must reach it.
        edits: For some of the names a function from gradient to gradient of equal shape, which
            alters what flows on.

    Yields:
        A mapping from name to the gradient of the latest `backward()` inside the block, as it was
        after its edit.

    Raises:
        InputError: A tensor does not require gradients, or an edit names no tensor.

    Example:
        >>> hidden = torch.ones(3, requires_grad=True) * 2
        >>> with tensor_gradients({"hidden": hidden}) as gradients:
        ...     hidden.square().sum().backward()
        >>> gradients["hidden"]
        tensor([4., 4., 4.])
    """
    edits = edits or {}
    unknown = [name for name in edits if name not in tensors]
    if unknown:
        raise InputError(f"edits names {unknown[0]!r}; expected one of {', '.join(tensors)}")
    for name, tensor in tensors.items():
        if not tensor.requires_grad:
            raise InputError(
                f"tensor {name!r} does not require gradients, so none reaches it; expected "
                "requires_grad. Call .requires_grad_() on it before the forward pass"
            )
    kept: dict[str, Tensor] = {}
    handles = [
        hook_gradient(tensor, partial(_edit_and_keep, kept, name, edits.get(name)))
        for name, tensor in tensors.items()
    ]
    try:
        yield Captured(kept, "gradient", _unreached)
    finally:
        for handle in handles:
            handle.remove()


@contextmanager
def parameter_gradients(
    model: nn.Module, parameters: str = "*", edits: Mapping[str, Edit] | None = None
) -> Iterator[Captured]:
    """Captures, and where asked alters, the gradients of parameters.

    Frozen parameters take part for the length of the block, and are as they were after it.

    Args:
        model: Any network.
        parameters: A glob on parameters' names, such as "block1.*.weight".
        edits: For some of these names a function from gradient to gradient.

    Yields:
        A mapping from parameter name to the gradient of the latest `backward()` inside the block.

    Raises:
        InputError: No parameter matches.

    Example:
        >>> model = nn.Linear(2, 1)
        >>> with parameter_gradients(model, "weight") as gradients:
        ...     model(torch.ones(1, 2)).sum().backward()
        >>> gradients["weight"]
        tensor([[1., 1.]])
    """
    chosen = matching_parameters(model, parameters)
    frozen = [(each, each.grad) for each in chosen.values() if not each.requires_grad]
    for parameter, _ in frozen:
        parameter.requires_grad_(True)
    try:
        with tensor_gradients(chosen, edits) as gradients:
            yield gradients
    finally:
        for parameter, before in frozen:
            parameter.requires_grad_(False)
            parameter.grad = before


def keep_gradient(kept: dict[str, Tensor], address: str, gradient: Tensor) -> None:
    """Puts a copy of a gradient at an address; a hook once the first two are given.

    Example:
        >>> kept = {}
        >>> keep_gradient(kept, "block1", torch.ones(1))
        >>> kept
        {'block1': tensor([1.])}
    """
    kept[address] = gradient.detach().clone()


def _edit_and_keep(
    kept: dict[str, Tensor], name: str, edit: Edit | None, gradient: Tensor
) -> Tensor:
    if edit is not None:
        gradient = edited(edit, gradient, name)
    keep_gradient(kept, name, gradient)
    return gradient


def _unreached(_address: str) -> str:
    return "no backward pass inside the block reached it"
