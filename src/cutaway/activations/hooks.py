"""Capturing what layers return, take and pass back, by name."""

import weakref
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn
from torch.utils.hooks import RemovableHandle

from cutaway.activations.backward import differentiable, hook_gradient, keep_gradient
from cutaway.activations.calls import Observer, observing
from cutaway.activations.captured import Activations
from cutaway.activations.layers import Layers, layer_of, select_layers
from cutaway.activations.operations import Operations, observing_operations
from cutaway.activations.structure import addressed, by_parameter, replaced
from cutaway.errors import InputError


@contextmanager
def capture(
    model: nn.Module,
    layers: Layers = "*",
    *,
    inputs: bool = False,
    gradients: bool = False,
    operations: str | Sequence[str] = (),
    reduce: Callable[[Tensor], Tensor] | None = None,
    stop: bool | str = False,
) -> Iterator[Activations]:
    """Captures what layers return while the network runs inside the block.

    Values are those at the hook, also where a later operation works in place. A layer that is
    called again in one pass has `name#1`, then `name#2`, for an address; a further forward pass of
    the whole network replaces the one before. Where a layer returns several tensors, the first has
    the layer's own address and the others add their path: `lstm`, `lstm[1][0]`. A module that
    stands at two places has its first name, and a network without children its class's name.
    The network computes what it would compute without the block, bit for bit; code that
    `torch.compile` made runs uncompiled meanwhile. PyTorch's own encoder layers, which it fuses
    where nothing is hooked, run step by step: the same bits on a CPU, other last ones on a GPU
    perhaps.

    Values that no layer returns are had by `operations`: `block1/add` is what the first addition
    in the forward of `block1` itself gave, `block1/add#1` the second; `/add` stands in the
    network's own forward. `torch.add`, `add_`, `+` and `+=` are all named `add`.

    Args:
        model: Any network.
        layers: Which layers: a glob on their names, a module type, a callable
            (name, module) -> bool, a list of these, or None for every leaf.
        inputs: Whether to keep what layers take too, in `inputs`: the first tensor at the layer's
            own address, further ones at `attn[1]` or, given by keyword, `attn[mask]`.
        gradients: Whether to keep the gradient at each output, in `gradients`, after a
            `backward()` inside the block. Works with frozen parameters as well: an output that no
            gradient would reach, also because the network detaches there, is made to require one.
        operations: Globs on addresses of operations, such as "*/relu"; they are captured beside the
            layers. Attention that PyTorch would compute in one fused step runs step by step then,
            which can change last bits.
        reduce: Called with each output in the hook; what it returns is kept in the output's place,
            and no copy of the output is made.
        stop: Whether to end each forward pass as soon as every chosen layer has returned once; the
            call of the network then returns None. An address, such as "relu#2", ends it after that
            call. Does not go with `gradients`.

    Yields:
        A mapping from address to tensor, detached and on the network's own device; `missed` names
        the layers that were chosen and did not run. Tensors may share memory with each other.

    Raises:
        InputError: No layer matches, the network is TorchScript or fully sharded, or `stop` names
            no call of a chosen layer.

    Example:
        >>> model = nn.Sequential(nn.Linear(4, 3), nn.ReLU(inplace=True))
        >>> with capture(model, nn.Linear) as acts:
        ...     _ = model(torch.ones(2, 4))
        >>> acts["0"].shape
        torch.Size([2, 3])
    """
    watched = Operations((operations,) if isinstance(operations, str) else tuple(operations))
    none = watched.patterns and isinstance(layers, list | tuple) and not layers
    names = () if none else select_layers(model, layers)
    _require_end(stop, names, gradients)
    recorder = _Recorder(inputs, gradients, reduce)
    try:
        with (
            observing(model, names, recorder, last=stop) as passes,
            observing_operations(model, watched, recorder),
        ):
            yield Activations(
                passes, watched, recorder.outputs, recorder.inputs, recorder.gradients
            )
    finally:
        recorder.release()


def _require_end(stop: bool | str, names: tuple[str, ...], gradients: bool) -> None:
    if stop is False:
        return
    if gradients:
        raise InputError(
            "stop ends the pass before there is anything to differentiate, and gradients=True was "
            "given too; expected one of the two"
        )
    if not names or (isinstance(stop, str) and layer_of(stop, names) is None):
        raise InputError(
            f"stop={stop!r} is no call of a chosen layer; expected one of {', '.join(names)}, or "
            'the address of a later call such as "relu#1"'
        )


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
            for place, _, tensor in addressed(address, by_parameter(arguments)):
                self.inputs[place] = tensor.detach().clone()

    def returned(self, address: str, output: Any) -> Any:
        replacement = None
        for place, path, tensor in addressed(address, output):
            self.outputs[place] = self._kept(tensor)
            if self._wants_gradients and (tensor.is_floating_point() or tensor.is_complex()):
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
