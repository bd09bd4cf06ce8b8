import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from cutaway.activations import ablate, capture, edit, edit_gradients, scale, swap
from cutaway.activations.units import UnitEdit
from cutaway.errors import InputError


class Tokens(nn.Module):
    """A convolution's maps (batch, 4, 2, 2), tokens (batch, 4, 5), a vector (batch, 3)."""

    def __init__(self):
        super().__init__()
        torch.manual_seed(0)
        self.conv = nn.Conv2d(1, 4, 3)
        self.embed = nn.Linear(4, 5)
        self.head = nn.Linear(5, 3)

    def forward(self, x):
        tokens = self.conv(x).flatten(2).transpose(1, 2)
        return self.head(self.embed(tokens).mean(dim=1))


@pytest.fixture
def pair():
    return Tokens().eval(), torch.randn(2, 1, 4, 4, generator=torch.Generator().manual_seed(0))


@pytest.mark.parametrize(("layer", "axis"), [("conv", 1), ("embed", 2), ("head", 1)])
@pytest.mark.parametrize("unit", [1, -1])
def test_units_are_those_that_the_layer_counts(pair, layer, axis, unit):
    model, x = pair
    with torch.no_grad(), capture(model) as bare:
        model(x)
    for change, expected in [
        (ablate(unit, 7.0), lambda own: torch.full_like(own, 7.0)),
        (scale(unit, -2.0), lambda own: -2 * own),
        (swap(unit, 0), lambda _own: bare[layer].select(axis, 0)),
        (swap(unit, bare[layer] + 1), lambda own: own + 1),
    ]:
        with torch.no_grad(), edit(model, {layer: change}), capture(model) as acts:
            model(x)
        own = bare[layer].select(axis, unit)
        assert torch.equal(acts[layer].select(axis, unit), expected(own)), change
        count = acts[layer].shape[axis]
        rest = torch.tensor([each for each in range(1, count) if each != unit % count])
        assert torch.equal(
            acts[layer].index_select(axis, rest), bare[layer].index_select(axis, rest)
        )


def test_a_units_gradient_is_put_out_too(pair):
    model, x = pair
    with edit_gradients(model, {"conv": ablate(2)}), capture(model, gradients=True) as acts:
        model(x).sum().backward()
    assert not acts.gradients["conv"][:, 2].any()
    assert acts.gradients["conv"][:, [0, 1, 3]].all()
    assert not model.conv.weight.grad[2].any()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            ablate([0, 4]),
            r"ablate\(\[0, 4\], 0.0\) names unit 4, and the activation of shape .* 0 to 3",
        ),
        (swap(-5, 0), r"swap\(-5, 0\) names unit -5"),
        (swap(0, torch.zeros(2, 3, 2, 2)), None),
        (swap(0, torch.zeros(3, 4, 2, 2)), r"is for a layer whose activation is \(2, -1, 2, 2\)"),
        (swap(0, torch.zeros(3)), r"is for a layer whose activation is"),
    ],
)
def test_units_that_are_not_there(pair, change, message):
    model, x = pair
    with edit(model, {"conv": change}):
        if message is None:
            model(x)
            return
        with pytest.raises(InputError, match=message):
            model(x)


def test_an_edit_shows_the_call_that_made_it():
    edits = [ablate(3), scale([0, 1], 2.0), swap(1, 2), swap(0, torch.zeros(1, 2))]
    assert [repr(each) for each in edits] == [
        "ablate(3, 0.0)",
        "scale([0, 1], 2.0)",
        "swap(1, 2)",
        "swap(0, an activation of shape (1, 2))",
    ]


@given(st.integers(0, 4), st.integers(0, 4), st.integers(1, 3))
def test_swapping_twice_and_scaling_there_and_back_change_nothing(one, other, axis):
    activation = torch.arange(2 * 5**3, dtype=torch.float32).reshape(2, 5, 5, 5)
    pairs = [(swap(one, other), swap(one, other)), (scale(one, 4.0), scale(one, 0.25))]
    for there, back in pairs:
        assert isinstance(there, UnitEdit)
        assert torch.equal(back(there(activation.clone(), axis), axis), activation)
