"""Capturing what layers return, take and pass back, by name."""

import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn
from torch.utils.hooks import RemovableHandle

from cutaway.activations.backward import differentiable, hook_gradient, keep_gradient
from cutaway.activations.calls import Observer, observing
from cutaway.activations.captured import Activations
from cutaway.activations.layers import Layers, select_layers
from cutaway.activations.structure import addressed, replaced


@contextmanager
def capture(
    model: nn.Module,
    layers: Layers = "*",
    *,
    inputs: bool = False,
    gradients: bool = False,
    reduce: Callable[[Tensor], Tensor] | None = None,
) -> Iterator[Activations]:
    """Captures what layers return while the network runs inside the block.

    Values are those at the hook, also where a later operation works in place. A layer that is
    called again in one pass has `name#1`, then `name#2`, for an address; a further forward pass of
    the whole network replaces the one before. Where a layer returns several tensors, the first has
    the layer's own address and the others add their path: `lstm`, `lstm[1][0]`. A module that
    stands at two places has its first name, and a network without children its class's name.
    The network computes what it would compute without the block, bit for bit; code that
    `torch.compile` made runs uncompiled meanwhile.

    Args:
        model: Any network.
        layers: Which layers: a glob on their names, a module type, a callable
            (name, module) -> bool, a list of these, or None for every leaf.
        inputs: Whether to keep what layers take too, in `inputs`.
        gradients: Whether to keep the gradient at each output, in `gradients`, after a
            `backward()` inside the block. Works with frozen parameters as well.
        reduce: Called with each output in the hook; what it returns is kept in the output's place,
            and no copy of the output is made.

    Yields:
        A mapping from address to tensor, detached and on the network's own device; `missed` names
        the layers that were chosen and did not run. Tensors may share memory with each other.

    Raises:
        InputError: No layer matches, or the network is TorchScript or fully sharded.

    Example:
        >>> model = nn.Sequential(nn.Linear(4, 3), nn.ReLU(inplace=True))
        >>> with capture(model, nn.Linear) as acts:
        ...     _ = model(torch.ones(2, 4))
        >>> acts["0"].shape
        torch.Size([2, 3])
    """
    names = select_layers(model, layers)
    recorder = _Recorder(inputs, gradients, reduce)
    try:
        with observing(model, names, recorder) as passes:
            yield Activations(passes, recorder.outputs, recorder.inputs, recorder.gradients)
    finally:
        recorder.release()


class _Recorder(Observer):
    def __init__(
        self, inputs: bool, gradients: bool, reduce: Callable[[Tensor], Tensor] | None
    ) -> None:
        self.outputs: dict[str, Tensor] = {}
        self.inputs: dict[str, Tensor] = {}
        self.gradients: dict[str, Tensor] = {}
        self._wants_inputs = inputs
        self._wants_gradients = gradients
        self._reduce = reduce
        self._handles: list[RemovableHandle] = []
        self._latest: tuple[weakref.ref[Tensor], int, Tensor] | None = None

    def started(self) -> None:
        self.release()
        for tensors in (self.outputs, self.inputs, self.gradients):
            tensors.clear()

    def release(self) -> None:
        self._latest = None
        for handle in self._handles:
            handle.remove()
        self._handles.clear()

    def entered(self, address: str, arguments: tuple[Any, ...]) -> None:
        if self._wants_inputs:
            for place, _, tensor in addressed(address, arguments):
                self.inputs[place] = tensor.detach().clone()

    def returned(self, address: str, output: Any) -> Any:
        replacement = None
        for place, path, tensor in addressed(address, output):
            self.outputs[place] = self._kept(tensor)
            if self._wants_gradients and tensor.is_floating_point():
                followed = differentiable(tensor, address)
                self._handles.append(
                    hook_gradient(followed, partial(keep_gradient, self.gradients, place))
                )
                if followed is not tensor:
                    output = replacement = replaced(output, path, followed)
        return replacement

    def _kept(self, tensor: Tensor) -> Tensor:
        """A copy, since the next operation may work in place, or what a reducer makes of it.

        A container returns the very tensor that its last child returned, so one copy does for both
        unless something was written in between.
        """
        version = None if tensor.is_inference() else tensor._version  # noqa: SLF001 (the only way to ask)
        if self._latest and self._latest[0]() is tensor and self._latest[1] == version:
            return self._latest[2]
        detached = tensor.detach()
        kept = detached.clone() if self._reduce is None else self._reduced(self._reduce, detached)
        self._latest = None if version is None else (weakref.ref(tensor), version, kept)
        return kept

    @staticmethod
    def _reduced(reduce: Callable[[Tensor], Tensor], tensor: Tensor) -> Tensor:
        with torch.no_grad():
            result = reduce(tensor)
            shares = result.untyped_storage().data_ptr() == tensor.untyped_storage().data_ptr()
            return result.clone() if shares else result
