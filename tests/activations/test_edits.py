import pytest
import torch
from torch import nn

from cutaway.activations import capture, edit, edit_gradients, parameter_gradients, tensor_gradients
from cutaway.errors import InputError


def test_an_ablated_unit_is_gone_from_what_follows(zoo):
    model, x = zoo.convolutional(), zoo.images()

    def ablate(activation):
        activation[:, 3] = 0
        return activation

    with torch.no_grad():
        bare = model(x)
        with edit(model, {"0.2": ablate}) as edits, capture(model, ["0.2", "0.3"]) as acts:
            changed = model(x)
        assert edits.missed == ()
        assert not acts["0.3"][:, 3].any()
        assert not torch.equal(bare, changed)
        assert torch.equal(model[3](model[1](model[0][3](acts["0.2"]))), changed)
        assert torch.equal(model(x), bare)


def test_an_edit_of_one_call_leaves_the_others(zoo):
    model = zoo.Reused()
    with edit(model, {"relu#1": lambda a: a + 5, "unused": lambda a: a}) as edits:
        with capture(model) as acts:
            model(torch.zeros(1, 6))
        assert edits.missed == ("unused",)
    assert (acts["relu#1"] >= 5).all()
    assert not (acts["relu"] >= 5).any()


def test_edits_reach_into_structured_outputs(zoo):
    model = zoo.Structured()
    with edit(model, {"pair[1][0]": torch.zeros_like, "judge": lambda a: a * 0 + 7}):
        assert torch.equal(model(torch.ones(2, 3)), torch.full((2, 3), 7.0))


@pytest.mark.parametrize(
    ("function", "got"), [(lambda a: None, "NoneType"), (lambda a: a[:1], r"shape \(1, 5\)")]
)
def test_an_edit_must_return_a_tensor_of_the_same_shape(zoo, function, got):
    model = zoo.Reused()
    with (
        pytest.raises(InputError, match=rf"the edit of 'first' returned {got}; expected a tensor"),
        edit(model, {"first": function}),
    ):
        model(torch.zeros(2, 6))


def test_an_edit_of_an_unknown_layer_says_what_there_is(zoo):
    with (
        pytest.raises(InputError, match='layers="frist" matches no layer of Reused; its layers'),
        edit(zoo.Reused(), {"frist": torch.zeros_like}),
    ):
        pass


def test_an_edited_gradient_is_what_flows_on(zoo):
    model, x = zoo.convolutional(), zoo.images().requires_grad_()
    with (
        edit_gradients(model, {"0.1": lambda gradient: 2 * gradient}) as edits,
        capture(model, None, gradients=True) as acts,
    ):
        model(x).sum().backward()
    doubled, x.grad = x.grad, None
    model(x).sum().backward()
    torch.testing.assert_close(doubled, 2 * x.grad)
    assert edits.missed == ()
    with capture(model, None, gradients=True) as plain:
        model(x).sum().backward()
    torch.testing.assert_close(acts.gradients["0.1"], 2 * plain.gradients["0.1"])
    torch.testing.assert_close(acts.gradients["0.3"], plain.gradients["0.3"])


def test_a_gradient_edit_that_no_backward_reaches_is_missed(zoo):
    model = zoo.convolutional()
    with edit_gradients(model, {"3": lambda gradient: gradient}) as edits:
        output = model(zoo.images())
        assert edits.missed == ("3",)
    output.sum().backward()
    assert edits.missed == ("3",)


def test_gradients_at_single_tensors():
    x = torch.tensor([1.0, 2.0], requires_grad=True)
    hidden = x.square()
    with tensor_gradients({"x": x, "hidden": hidden}, {"hidden": lambda g: 10 * g}) as gradients:
        hidden.sum().backward()
    assert gradients["hidden"].tolist() == [10, 10]
    assert gradients["x"].tolist() == x.grad.tolist() == [20, 40]
    hidden = x.square()
    hidden.sum().backward()
    assert gradients["x"].tolist() == [20, 40]


@pytest.mark.parametrize(
    ("tensors", "edits", "message"),
    [
        ({"x": torch.zeros(1)}, {}, "tensor 'x' does not require gradients"),
        ({"x": torch.zeros(1)}, {"y": torch.relu}, "edits names 'y'; expected one of x"),
    ],
)
def test_single_tensors_that_cannot_be_watched(tensors, edits, message):
    with pytest.raises(InputError, match=message), tensor_gradients(tensors, edits):
        pass


@pytest.mark.parametrize("frozen", [False, True])
def test_parameter_gradients(zoo, frozen):
    model = zoo.convolutional().requires_grad_(not frozen)
    with parameter_gradients(model, "*.weight", {"3.weight": torch.zeros_like}) as gradients:
        model(zoo.images()).sum().backward()
    assert set(gradients) == {"0.0.weight", "0.1.weight", "3.weight"}
    assert not gradients["3.weight"].any()
    assert gradients["0.0.weight"].any()
    assert [parameter.requires_grad for parameter in model.parameters()] == [not frozen] * 6
    assert [parameter.grad is None for parameter in model.parameters()] == [frozen] * 6


def test_parameters_that_are_not_there(zoo):
    with (
        pytest.raises(InputError, match='parameters="wait" matches no parameter of Reused'),
        parameter_gradients(zoo.Reused(), "wait"),
    ):
        pass


@pytest.mark.parametrize("address", ["relu", "relu#1", "relu#2"])
def test_gradients_of_one_call_of_a_reused_layer_are_read_and_altered_by_its_address(address):
    class Thrice(nn.Module):
        def __init__(self):
            super().__init__()
            self.relu = nn.ReLU()

        def forward(self, x):
            return self.relu(self.relu(self.relu(x) * 2) * 3)

    model, x = Thrice(), torch.rand(3, 6, requires_grad=True)
    with (
        edit_gradients(model, {address: torch.zeros_like}),
        capture(model, gradients=True) as acts,
    ):
        model(x).square().sum().backward()
    calls = ["relu", "relu#1", "relu#2"]
    reached = [bool(acts.gradients[each].any()) for each in calls]
    assert reached == [each > address for each in calls]
    assert not x.grad.any()


def test_gradients_inside_structured_outputs_are_altered_by_their_address(zoo):
    x = torch.ones(2, 3, requires_grad=True)
    model = zoo.Structured()
    with (
        edit_gradients(model, {"pair[1][0]": lambda gradient: 0 * gradient}) as edits,
        capture(model, gradients=True) as acts,
    ):
        model(x).sum().backward()
    assert edits.missed == ()
    assert torch.equal(acts.gradients["pair"], torch.full((2, 3), 3.0))
    assert not acts.gradients["pair[1][0]"].any()
    assert torch.equal(x.grad, torch.full((2, 3), 6.0))
