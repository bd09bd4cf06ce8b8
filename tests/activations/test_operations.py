import pytest
import torch
from torch import nn
from torch.nn import functional

from cutaway.activations import AddressError, capture, edit


class Residual(nn.Module):
    """A block whose sum and ReLU are no modules."""

    def __init__(self):
        super().__init__()
        self.linear = nn.Linear(3, 3)

    def forward(self, x):
        y = functional.relu(self.linear(x))
        y = functional.relu(y + x) * 1.5
        y -= 1
        return y.max(dim=1, keepdim=True)


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.block = Residual()

    def forward(self, x):
        first, _ = self.block(x)
        second, _ = self.block(x * 2)
        return first.add_(second)


def test_values_that_no_layer_returns_are_captured_beside_layers():
    torch.manual_seed(0)
    model, x = Net(), torch.randn(2, 3)
    bare = model(x)
    with capture(model, operations=["*/relu*", "/add", "*/max"]) as acts:
        assert torch.equal(model(x), bare)
    hidden = model.block.linear(x).relu()
    assert torch.equal(acts["block/relu"], hidden)
    assert torch.equal(acts["block/relu#1"], (hidden + x).relu())
    assert torch.equal(acts["block#1/relu"], model.block.linear(x * 2).relu())
    assert torch.equal(acts["/add"], bare)
    assert torch.equal(acts["block/max[1]"], (hidden + x).relu().max(1, keepdim=True)[1])
    assert "block.linear" in acts
    assert acts.missed == ()


def test_what_was_in_place_afterwards_is_as_it_was_then():
    model, x = Net(), torch.randn(2, 3)
    with capture(model, [], operations="block/*") as acts:
        model(x)
    assert list(acts) == [
        "block/relu", "block/add", "block/relu#1", "block/mul", "block/sub", "block/max",
        "block/max[1]",
    ]  # fmt: skip
    assert torch.equal(acts["block/mul"] - 1, acts["block/sub"])


def test_their_gradients_have_the_same_addresses():
    model, x = Net(), torch.randn(2, 3)
    with capture(model, operations="*/relu", gradients=True) as acts:
        output = model(x)
        output.sum().backward()
    assert {"block/relu", "block#1/relu", "block.linear"} <= set(acts.gradients)
    expected = acts.gradients["block/relu"] * (acts["block/relu"] > 0)
    assert torch.equal(acts.gradients["block.linear"], expected)


def test_what_observers_compute_is_no_operation_of_the_network():
    model, x = Net(), torch.randn(2, 3)
    double = {"block": lambda activation: (activation * 2).clone()}
    with edit(model, double), capture(model, operations="*", inputs=True) as acts:
        model(x)
    names = {address.rpartition("/")[2].partition("#")[0] for address in acts if "/" in address}
    assert names == {"linear", "relu", "add", "mul", "sub", "max", "max[1]"}


def test_operations_that_did_not_run_are_missed_in_each_pass_anew():
    model = nn.Sequential(Residual())
    with capture(model, operations=["*/tanh", "*/relu"]) as acts:
        model(torch.randn(2, 3))
        assert acts.missed == ("*/tanh",)
        with pytest.raises(RuntimeError):
            model(torch.randn(2, 5))
        assert acts.missed == ("*/tanh", "*/relu")
        model(torch.randn(2, 3))
    assert acts.missed == ("*/tanh",)
    with pytest.raises(AddressError, match="no such operation was chosen and ran"):
        acts["0/tanh"]
