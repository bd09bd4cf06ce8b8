"""Where the tensors of a file and the state of a network differ."""

from collections.abc import Mapping
from dataclasses import dataclass

from torch import Tensor, nn

_LISTED = 6


@dataclass(frozen=True)
class Differences:
    """Entries that a network and a file do not share, each with its shapes, in words.

    Attributes:
        missing: What the network has and the file has not.
        foreign: What the file has and the network has not.
        reshaped: What both have, of another shape or kind of number.
    """

    missing: tuple[str, ...]
    foreign: tuple[str, ...]
    reshaped: tuple[str, ...]

    @property
    def unmatched(self) -> tuple[str, ...]:
        """Entries of the network that cannot be taken from the file."""
        return (*self.missing, *self.reshaped)

    def in_words(self) -> str:
        """The first few of each kind, or "" where nothing differs.

        Example:
            >>> Differences(("bias (1,)",), (), ()).in_words()
            'missing bias (1,)'
        """
        kinds = (
            ("missing", self.missing),
            ("not of this network", self.foreign),
            ("of another shape", self.reshaped),
        )
        return "; ".join(f"{what} {listed(names)}" for what, names in kinds if names)


def differences(network: nn.Module, found: Mapping[str, Tensor]) -> Differences:
    """Compares names, shapes and kinds of numbers.

    Args:
        network: May be on the device "meta"; its values are not looked at.
        found: Tensors under the network's own names, see `match_names`.

    Example:
        >>> import torch
        >>> differences(nn.Linear(2, 1), {"weight": torch.ones(2, 2)}).reshaped
        ('weight (2, 2), expected (1, 2)',)
    """
    expected = network.state_dict()
    # Files of torch before 0.4.1 do not count batches; no output depends on that count.
    missing = [n for n in expected if n not in found and not n.endswith("num_batches_tracked")]
    both = [name for name in expected if name in found]
    return Differences(
        missing=tuple(f"{name} {tuple(expected[name].shape)}" for name in missing),
        foreign=tuple(f"{n} {tuple(found[n].shape)}" for n in found if n not in expected),
        reshaped=tuple(
            f"{name} {_form(found[name], expected[name])}, expected "
            f"{_form(expected[name], found[name])}"
            for name in both
            if not fits(found[name], expected[name])
        ),
    )


def fits(found: Tensor, expected: Tensor) -> bool:
    """Whether a tensor can take another's place: the same shape, and real numbers for such.

    Example:
        >>> import torch
        >>> fits(torch.ones(2, dtype=torch.float16), torch.ones(2))
        True
    """
    return found.shape == expected.shape and _of_one_kind(found, expected)


def listed(names: tuple[str, ...]) -> str:
    """The first few names, and how many more there are.

    Example:
        >>> listed(("a", "b"))
        'a, b'
    """
    more = f" and {len(names) - _LISTED} more" if len(names) > _LISTED else ""
    return f"{', '.join(names[:_LISTED])}{more}"


def _of_one_kind(one: Tensor, other: Tensor) -> bool:
    return one.is_floating_point() == other.is_floating_point() and not one.is_complex()


def _form(tensor: Tensor, other: Tensor) -> str:
    """The shape, and the type of number where that is what differs."""
    kind = "" if _of_one_kind(tensor, other) and not other.is_complex() else f" {tensor.dtype}"
    return f"{tuple(tensor.shape)}{kind}"
