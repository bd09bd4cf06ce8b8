"""Edits of single units: put out, scaled, exchanged, or taken from another input."""

from collections.abc import Callable, Sequence

from jaxtyping import Shaped
from torch import Tensor

from cutaway.errors import InputError

Units = int | Sequence[int]


class UnitEdit:
    """An edit of some of a layer's units, for `edit` and `edit_gradients`.

    They know which axis of a layer's output counts its units: channels of maps, features of vectors
    and tokens, numbered as in the table of units of a Study.

    Args:
        name: The call that made it, for messages.
        units: Which units; negative numbers count from the last.
        change: From the chosen units' values, units first, and the axis that they stood at, to
            what these are to be.
    """

    def __init__(
        self, name: str, units: Units, change: Callable[[Tensor, int], Tensor | float]
    ) -> None:
        self._name = name
        self._units = [units] if isinstance(units, int) else list(units)
        self._change = change

    def __call__(self, activation: Shaped[Tensor, "..."], axis: int = 1) -> Shaped[Tensor, "..."]:
        """The activation (batch, ...), altered in place at the units that `axis` counts.

        Raises:
            InputError: There is no such unit.
        """
        count = activation.shape[axis] if activation.ndim > axis else 0
        wrong = [unit for unit in self._units if not -count <= unit < count]
        if wrong:
            raise InputError(
                f"{self._name} names unit {wrong[0]}, and the activation of shape "
                f"{tuple(activation.shape)} has {count}; expected a number from 0 to {count - 1}"
            )
        units_first = activation.movedim(axis, 0)
        units_first[self._units] = self._change(units_first[self._units], axis)
        return activation

    def __repr__(self) -> str:
        """The call that made it."""
        return self._name


def ablate(units: Units, value: float = 0.0) -> UnitEdit:
    """Puts units out: gives them one value at every place, for every sample.

    Args:
        units: Number of a unit, or several.
        value: What they get. Their mean over a data set disturbs what follows less than 0 does.

    Example:
        >>> import cutaway, torch
        >>> model = torch.nn.Sequential(torch.nn.Identity(), torch.nn.Flatten())
        >>> with cutaway.edit(model, {"0": cutaway.ablate(1)}):
        ...     model(torch.ones(1, 3))
        tensor([[1., 0., 1.]])
    """
    return UnitEdit(f"ablate({units}, {value})", units, lambda _chosen, _axis: value)


def scale(units: Units, factor: float) -> UnitEdit:
    """Multiplies units by a factor.

    Args:
        units: Number of a unit, or several.
        factor: By what.

    Example:
        >>> import cutaway, torch
        >>> model = torch.nn.Sequential(torch.nn.Identity(), torch.nn.Flatten())
        >>> with cutaway.edit(model, {"0": cutaway.scale([0, 2], 5.0)}):
        ...     model(torch.ones(1, 3))
        tensor([[5., 1., 5.]])
    """
    return UnitEdit(f"scale({units}, {factor})", units, lambda chosen, _axis: factor * chosen)


def swap(unit: int, other: int | Shaped[Tensor, "batch ..."]) -> UnitEdit:
    """Exchanges two units, or puts a unit's activation on other inputs in the place of its own.

    Args:
        unit: Number of a unit.
        other: Number of the unit that it changes places with; or an activation of the same layer,
            as `capture` gives it, from which the unit is taken.

    Raises:
        InputError: When the network runs, where the other activation's shape is another.

    Example:
        >>> import cutaway, torch
        >>> model = torch.nn.Sequential(torch.nn.Identity(), torch.nn.Flatten())
        >>> image, other = torch.tensor([[1.0, 2.0, 3.0]]), torch.tensor([[7.0, 8.0, 9.0]])
        >>> with cutaway.edit(model, {"0": cutaway.swap(0, 2)}):
        ...     model(image)
        tensor([[3., 2., 1.]])
        >>> with cutaway.edit(model, {"0": cutaway.swap(0, other)}):
        ...     model(image)
        tensor([[7., 2., 3.]])
    """
    if isinstance(other, int):
        name = f"swap({unit}, {other})"
        return UnitEdit(name, [unit, other], lambda chosen, _axis: chosen.flip(0))
    name = f"swap({unit}, an activation of shape {tuple(other.shape)})"

    def taken(chosen: Tensor, axis: int) -> Tensor:
        values = other.movedim(axis, 0)[[unit]] if other.ndim > axis else other
        if values.shape != chosen.shape:
            shape = list(chosen.shape[1:])
            shape.insert(axis, -1)
            raise InputError(
                f"{name} is for a layer whose activation is {tuple(shape)} with units at axis "
                f"{axis}; expected one of the same layer on as many inputs"
            )
        return values

    return UnitEdit(name, unit, taken)
