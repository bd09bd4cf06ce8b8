"""A table of a network's layers: what each is, what it gives out, how many parameters it has."""

import html
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from cutaway.networks.modes import evaluating


@dataclass(frozen=True)
class LayerSummary:
    """One layer of a network.

    Attributes:
        layer: Its name, as in `named_modules()`.
        type: The name of its class, such as "Conv2d".
        shape: Shape of its output without the batch axis, or None where it did not run or gives no
            tensor.
        parameters: Number of parameters that are its own, each counted at its first layer.
    """

    layer: str
    type: str
    shape: tuple[int, ...] | None
    parameters: int


@dataclass(frozen=True)
class ModelSummary:
    """The layers of a network in their order of definition; a notebook shows it as a table.

    Attributes:
        model: Name of the network's class.
        input_shape: Shape of one input, without the batch axis.
        layers: One entry for every module that has no others inside, or parameters of its own.
        parameters: Parameters of the whole network, shared ones counted once.
    """

    model: str
    input_shape: tuple[int, ...]
    layers: tuple[LayerSummary, ...]
    parameters: int

    def to_dict(self) -> dict[str, Any]:
        """The summary as plain JSON values.

        Example:
            >>> summarize(nn.Sequential(nn.Linear(3, 2)), (3,)).to_dict()["layers"]
            [{'layer': '0', 'type': 'Linear', 'shape': [2], 'parameters': 8}]
        """
        layers = [
            {**vars(entry), "shape": list(entry.shape) if entry.shape is not None else None}
            for entry in self.layers
        ]
        return {**vars(self), "input_shape": list(self.input_shape), "layers": layers}

    def __str__(self) -> str:
        """The table as text, a line a layer."""
        rows = [("layer", "type", "output", "parameters"), *map(_cells, self.layers)]
        widths = [max(len(row[column]) for row in rows) for column in range(4)]
        lines = [
            "  ".join(cell.ljust(w) for cell, w in zip(row, widths, strict=True)) for row in rows
        ]
        return "\n".join([self._caption(), *(line.rstrip() for line in lines)])

    def _repr_html_(self) -> str:
        head = "".join(
            f"<th scope='col'>{name}</th>" for name in ("layer", "type", "output", "parameters")
        )
        body = "".join(
            "<tr>" + "".join(f"<td>{html.escape(cell)}</td>" for cell in _cells(entry)) + "</tr>"
            for entry in self.layers
        )
        return (
            f"<table><caption>{html.escape(self._caption())}</caption>"
            f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
        )

    def _caption(self) -> str:
        return f"{self.model}: {self.parameters:,} parameters, input {_shape(self.input_shape)}"


def summarize(model: nn.Module, input_shape: Sequence[int]) -> ModelSummary:
    """Runs one input of zeros through a model and notes the output shape of every layer.

    The model's mode and weights are as before afterwards. A layer that runs several times is listed
    with the shape of its first output.

    Args:
        model: Any network that takes one batch of tensors.
        input_shape: Shape of one input without the batch axis, such as (3, 32, 32).

    Raises:
        Exception: Whatever the model raises on an input of that shape.

    Example:
        >>> print(summarize(nn.Sequential(nn.Linear(3, 2), nn.ReLU()), (3,)))
        Sequential: 8 parameters, input 3
        layer  type    output  parameters
        0      Linear  2       8
        1      ReLU    2       0
    """
    leaves = {name: module for name, module in model.named_modules() if _is_layer(module)}
    shapes: dict[str, tuple[int, ...]] = {}
    with _noting(leaves, shapes), evaluating(model), torch.no_grad():
        model(_zeros(model, input_shape))
    seen: set[int] = set()
    layers = tuple(
        LayerSummary(name, type(module).__name__, shapes.get(name), _own_parameters(module, seen))
        for name, module in leaves.items()
    )
    total = sum(parameter.numel() for parameter in model.parameters())
    return ModelSummary(type(model).__name__, tuple(input_shape), layers, total)


def _is_layer(module: nn.Module) -> bool:
    return not any(True for _ in module.children()) or any(
        True for _ in module.parameters(recurse=False)
    )


def _zeros(model: nn.Module, shape: Sequence[int]) -> Tensor:
    like = next(model.parameters(), torch.empty(0))
    return torch.zeros(1, *shape, dtype=like.dtype, device=like.device)


@contextmanager
def _noting(leaves: dict[str, nn.Module], shapes: dict[str, tuple[int, ...]]) -> Iterator[None]:
    def note(name: str) -> Any:
        def hook(_: nn.Module, __: Any, output: Any) -> None:
            if isinstance(output, Tensor):
                shapes.setdefault(name, tuple(output.shape[1:]))

        return hook

    handles = [module.register_forward_hook(note(name)) for name, module in leaves.items()]
    try:
        yield
    finally:
        for handle in handles:
            handle.remove()


def _own_parameters(module: nn.Module, seen: set[int]) -> int:
    fresh = [p for p in module.parameters(recurse=False) if id(p) not in seen]
    seen.update(map(id, fresh))
    return sum(parameter.numel() for parameter in fresh)


def _cells(entry: LayerSummary) -> tuple[str, str, str, str]:
    shape = "did not run" if entry.shape is None else _shape(entry.shape)
    return entry.layer, entry.type, shape, f"{entry.parameters:,}"


def _shape(shape: tuple[int, ...]) -> str:
    return " × ".join(map(str, shape))
