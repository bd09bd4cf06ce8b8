import copy
from functools import partial

import pytest
import torch
from torch import nn

from cutaway.activations import capture
from cutaway.errors import InputError


class Counting(nn.Module):
    """Three layers, of which the last is called twice; counts what it gets to."""

    def __init__(self):
        super().__init__()
        self.first = nn.Linear(3, 3)
        self.second = nn.Sequential(nn.Linear(3, 3), nn.ReLU(inplace=True))
        self.last = nn.Linear(3, 3)
        self.reached = self.cleaned = 0

    def forward(self, x):
        try:
            x = self.second(self.first(x))
            self.reached += 1
            return self.last(self.last(x))
        finally:
            self.cleaned += 1


def test_a_pass_ends_after_the_last_wanted_layer():
    model, x = Counting(), torch.randn(2, 3)
    with capture(model) as whole:
        bare = model(x)
    with capture(model, ["first", "second"], stop=True) as acts:
        for _ in range(3):
            assert model(x) is None
            assert list(acts) == ["first", "second"]
    assert (model.reached, model.cleaned) == (1, 4)
    assert all(torch.equal(acts[address], whole[address]) for address in acts)
    assert torch.equal(model(x), bare)
    assert "forward" not in vars(model)
    assert not any(len(module._forward_hooks) for module in model.modules())


@pytest.mark.parametrize(
    ("stop", "addresses"), [(True, ["last"]), ("last", ["last"]), ("last#1", ["last", "last#1"])]
)
def test_which_call_of_a_reused_layer_is_the_last_can_be_said(stop, addresses):
    model = Counting()
    with capture(model, "last", stop=stop) as acts:
        assert model(torch.randn(2, 3)) is None
    assert list(acts) == addresses


def test_a_pass_in_which_a_wanted_layer_does_not_run_goes_to_its_end():
    model, x = Counting(), torch.randn(2, 3)
    model.spare = nn.Linear(3, 3)
    with capture(model, ["first", "spare"], stop=True) as acts:
        assert torch.equal(model(x), model.forward(x))
    assert acts.missed == ("spare",)


def test_an_error_is_never_taken_for_the_end(zoo):
    model = zoo.Failing()
    model.fails = True
    with (
        pytest.raises(RuntimeError, match="told to"),
        capture(model, ["body", "body.0"], stop="body#1"),
    ):
        model(torch.ones(1, 4))

    class Broken(nn.Module):
        def forward(self, x):
            raise ValueError("broken")

    model = nn.Sequential(Broken())
    with pytest.raises(ValueError, match="broken"), capture(model, "0", stop=True):
        model(torch.ones(1))


def test_a_network_that_calls_itself_ends_as_a_whole():
    class Recursive(nn.Module):
        def __init__(self):
            super().__init__()
            self.layer = nn.Linear(2, 2)

        def forward(self, x, depth=2):
            return 2 * self(self.layer(x), depth - 1) if depth else x

    model = Recursive()
    with capture(model, "layer", stop="layer#1") as acts:
        assert model(torch.ones(1, 2)) is None
        assert list(acts) == ["layer", "layer#1"]
        assert model(torch.ones(3, 2)) is None
    assert len(acts["layer#1"]) == 3


def test_blocks_left_in_any_order_leave_the_network_as_it_was():
    model, x = Counting(), torch.ones(1, 3)
    one, two = capture(model, "first", stop=True), capture(model, "second")
    one.__enter__()
    acts = two.__enter__()
    one.__exit__(None, None, None)
    assert isinstance(model(x), torch.Tensor)
    assert "second" in acts
    two.__exit__(None, None, None)
    assert "forward" not in vars(model)


def test_a_forward_of_the_networks_own_and_a_copy_made_inside_the_block():
    model, x = Counting(), torch.ones(1, 3)
    own = model.forward = partial(model.first)
    with capture(model, "first", stop=True):
        pass
    assert model.forward is own
    del model.forward
    with capture(model, "first", stop=True):
        twin = copy.deepcopy(model)
    assert torch.equal(twin(x), model(x))
    with capture(twin, "second", stop=True) as acts:
        assert twin(x) is None
    assert torch.equal(acts["second"], model.second(model.first(x)))
    assert isinstance(twin(x), torch.Tensor)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"stop": "frist"}, "stop='frist' is no call of a chosen layer; expected one of first,"),
        ({"stop": True, "gradients": True}, "stop ends the pass before there is anything to"),
    ],
)
def test_an_end_that_makes_no_sense_is_refused(options, message):
    with pytest.raises(InputError, match=message), capture(Counting(), **options):
        pass
