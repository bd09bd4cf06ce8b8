from collections import namedtuple
from dataclasses import dataclass

import pytest
import torch

from cutaway.activations.structure import addressed, replaced


@dataclass
class Output:
    logits: torch.Tensor
    loss: None = None


Pair = namedtuple("Pair", ["left", "right"])  # noqa: PYI024 (the plain kind is what is tested)


@pytest.mark.parametrize(
    ("value", "addresses"),
    [
        (torch.zeros(1), ["x"]),
        (None, []),
        ("text", []),
        ((None, torch.zeros(1)), ["x"]),
        ([torch.zeros(1), (torch.zeros(1), 3)], ["x", "x[1][0]"]),
        ({"a": torch.zeros(1), "b": torch.zeros(1)}, ["x", "x[b]"]),
        (Output(torch.zeros(1)), ["x"]),
        (Pair(torch.zeros(1), torch.zeros(1)), ["x", "x[1]"]),
        (Output, []),
    ],
)
def test_the_first_tensor_has_the_address_itself(value, addresses):
    assert [address for address, _, _ in addressed("x", value)] == addresses


def test_a_structure_that_holds_itself_ends():
    value = [torch.zeros(1)]
    value.append(value)
    assert len(addressed("x", value)) == 1


@pytest.mark.parametrize(
    "value",
    [
        torch.zeros(1),
        (None, torch.zeros(1), "kept"),
        [torch.zeros(1), (torch.zeros(1), 3)],
        {"a": 3, "b": [torch.zeros(1)]},
        Output(torch.zeros(1)),
        Pair(torch.zeros(1), torch.zeros(1)),
        torch.zeros(2, 2).max(dim=1),
    ],
)
def test_each_tensor_can_be_replaced_and_nothing_else_changes(value):
    found = addressed("x", value)
    for place, path, _ in found:
        new = replaced(value, path, torch.ones(5))
        assert type(new) is type(value) or isinstance(value, torch.Tensor)
        for other_place, _, other in addressed("x", new):
            old = next(each for name, _, each in found if name == other_place)
            assert other.shape == (5,) if other_place == place else other is old
    assert all(
        now is before for (*_, now), (*_, before) in zip(addressed("x", value), found, strict=True)
    )
