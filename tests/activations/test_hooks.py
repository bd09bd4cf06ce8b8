import copy
import gc
import weakref
from collections import OrderedDict
from contextlib import nullcontext

import pytest
import torch
from torch import nn
from torch.utils.checkpoint import checkpoint

from cutaway.activations import AddressError, capture, edit, scale
from cutaway.errors import InputError


def hooks_of(model):
    kinds = ("_forward_hooks", "_forward_pre_hooks", "_backward_hooks", "_backward_pre_hooks")
    return [len(getattr(module, kind)) for module in model.modules() for kind in kinds]


def test_each_call_of_a_reused_layer_has_its_address_and_value(zoo):
    model, x = zoo.Reused(), torch.randn(3, 6)
    with capture(model) as acts, torch.no_grad():
        output = model(x)
    assert list(acts) == ["first", "relu", "second", "relu#1", "relu#2"]
    assert acts.missed == ("unused",)
    first = model.first(x)
    second = model.second(first.relu())
    assert torch.equal(acts["first"], first)
    assert torch.equal(acts["second"], second)
    assert torch.equal(acts["relu#1"], second.relu())
    assert torch.equal(acts["relu#2"], output)
    assert not any(tensor.requires_grad for tensor in acts.values())


def test_a_further_pass_replaces_the_one_before(zoo):
    model = zoo.Reused()
    with capture(model) as acts:
        model(torch.zeros(2, 6))
        model(torch.ones(5, 6))
        assert {len(tensor) for tensor in acts.values()} == {5}
        assert list(acts) == ["first", "relu", "second", "relu#1", "relu#2"]
        model.first(torch.zeros(1, 6))
    assert len(acts["first#1"]) == 1


def test_a_layer_that_runs_for_some_batches_is_missed_in_the_others_and_edited_where_it_runs():
    class Branching(nn.Module):
        def __init__(self):
            super().__init__()
            self.always, self.sometimes = nn.Identity(), nn.Linear(2, 2)

        def forward(self, x):
            x = self.always(x)
            return self.sometimes(x) if x.sum() > 0 else x

    model, x = Branching(), torch.ones(1, 2)
    with capture(model) as acts, edit(model, {"sometimes": scale(0, 2.0)}) as edits:
        for batch in (-x, x, -x):
            output = model(batch)
            runs = bool(batch.sum() > 0)
            assert list(acts) == (["always", "sometimes"] if runs else ["always"])
            assert acts.missed == (() if runs else ("sometimes",))
            if runs:
                bare = model.sometimes.weight @ x[0] + model.sometimes.bias
                torch.testing.assert_close(output[0], bare * torch.tensor([2.0, 1.0]))
                assert torch.equal(acts["sometimes"], output)
    assert edits.missed == ()
    with capture(model, ["always", "sometimes"], stop=True) as acts:
        assert torch.equal(model(-x), -x)
        assert model(x) is None


def test_structured_outputs_and_keyword_arguments(zoo):
    x = torch.ones(2, 3)
    model = zoo.Structured()
    with capture(model, inputs=True) as acts:
        model(x)
    assert list(acts) == ["pair", "pair[1][0]", "named", "judge"]
    assert acts.missed == ()
    assert torch.equal(acts["pair[1][0]"], x + 1)
    assert torch.equal(acts["judge"], 12 * x - 1)
    assert torch.equal(acts.inputs["named"], 4 * x)


def test_inputs_by_number_and_by_keyword():
    class Attending(nn.Module):
        def forward(self, x, pair, *, mask=None):
            return x

    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.attn = Attending()

        def forward(self, x, mask):
            return self.attn(self.attn(x, (x + 1, x + 2), mask=mask), None)

    model = Net()
    with capture(model, inputs=True) as acts:
        model(torch.zeros(1), mask=torch.ones(1))
    values = {address: value.item() for address, value in acts.inputs.items()}
    expected = {"attn": 0, "attn[1][0]": 1, "attn[1][1]": 2, "attn[mask]": 1, "attn#1": 0}
    assert values == expected


def test_a_module_at_two_places_is_chosen_by_either_name():
    shared = nn.Linear(2, 2)
    model = nn.Sequential(OrderedDict(encoder=shared, act=nn.ReLU(), decoder=shared))
    with capture(model, "dec*") as acts:
        model(torch.ones(1, 2))
    assert list(acts) == ["encoder", "encoder#1"]
    with pytest.raises(AddressError, match="it is the same module as 'encoder', whose address"):
        acts["decoder"]


def test_a_pass_broken_off_by_ctrl_c_does_not_shift_the_addresses_of_the_next():
    class Interrupted(nn.Module):
        def __init__(self):
            super().__init__()
            self.layer = nn.Linear(2, 2)
            self.interrupted = True

        def forward(self, x):
            x = self.layer(x)
            if self.interrupted:
                raise KeyboardInterrupt
            return x

    model = Interrupted()
    with capture(model) as acts:
        with pytest.raises(KeyboardInterrupt):
            model(torch.ones(1, 2))
        model.interrupted = False
        model(torch.ones(5, 2))
    assert list(acts) == ["layer"]
    assert len(acts["layer"]) == 5


def test_weights_that_are_computed_for_each_call():
    x = torch.randn(2, 4)
    with pytest.warns(FutureWarning, match="weight_norm"):
        old = nn.utils.weight_norm(nn.Linear(4, 4))
    new = nn.utils.parametrizations.weight_norm(nn.Linear(4, 4))
    model = nn.Sequential(old, new, nn.utils.parametrizations.spectral_norm(nn.Linear(4, 2)))
    before = copy.deepcopy(model.state_dict())
    bare = model(x)
    after = copy.deepcopy(model.state_dict())
    model.load_state_dict(before)
    with capture(model, gradients=True) as acts:
        assert torch.equal(model(x), bare)
    assert list(acts) == ["0", "1", "2"]
    assert all(torch.equal(value, after[name]) for name, value in model.state_dict().items())


@pytest.mark.parametrize("grad", [False, True])
def test_attention_that_torch_would_fuse(grad):
    layer = nn.TransformerEncoderLayer(16, 4, 32, batch_first=True)
    model = nn.TransformerEncoder(layer, 2, enable_nested_tensor=False).eval()
    x = torch.randn(3, 5, 16)
    with torch.set_grad_enabled(grad):
        bare = model(x)
        with capture(model, None) as acts:
            assert torch.equal(model(x), bare)
    assert "layers.1.self_attn" in acts
    assert acts.missed == ()
    attention = nn.MultiheadAttention(16, 4).eval()
    with torch.no_grad(), capture(attention) as acts:
        output, weights = attention(x, x, x)
    assert torch.equal(acts["MultiheadAttention"], output)
    assert torch.equal(acts["MultiheadAttention[1]"], weights)


@pytest.mark.parametrize("way", ["wrapped", "in place", "a part", "a function", "inside the block"])
def test_whatever_is_compiled_is_captured(zoo, way):
    model, x = zoo.convolutional(), zoo.images()
    call = model
    if way == "wrapped":
        call = torch.compile(model, backend="eager")
    elif way == "in place":
        model.compile(backend="eager")
    elif way == "a part":
        model[0] = torch.compile(model[0], backend="eager")
    elif way == "a function":
        call = torch.compile(lambda images: +model(images), backend="eager")
    with torch.no_grad():
        bare = call(x)
        with capture(model, None) as acts:
            if way == "inside the block":
                call = torch.compile(model, backend="eager")
            assert torch.equal(call(x), bare)
    assert list(acts) == ["0.0", "0.1", "0.2", "0.3", "1", "2", "3"]
    assert torch.equal(acts["3"], bare)


@pytest.mark.parametrize(
    ("address", "reason"),
    [
        ("relu#3", "the layer ran, and returned no tensor there"),
        ("unused", "the layer was chosen and did not run"),
        ("third", "no such layer was chosen; there is first, relu, second, relu#1, relu#2"),
    ],
)
def test_an_empty_address_says_why(zoo, address, reason):
    model = zoo.Reused()
    with capture(model) as acts:
        model(torch.zeros(1, 6))
    with pytest.raises(AddressError) as error:
        acts[address]
    assert str(error.value).startswith(f"no activation at {address!r}: {reason}")
    assert address not in acts
    with pytest.raises(KeyError, match="or capture was not given inputs=True"):
        acts.inputs["first"]
    with pytest.raises(KeyError, match="or capture was not given gradients=True"):
        acts.gradients["first"]


def test_inputs_are_those_before_the_layer_wrote_over_them(zoo):
    model, x = zoo.Reused(), torch.randn(3, 6)
    with capture(model, nn.ReLU, inputs=True) as acts:
        model(x)
    assert torch.equal(acts.inputs["relu"], model.first(x))
    assert list(acts.inputs) == ["relu", "relu#1", "relu#2"]


def test_a_container_shares_its_last_childs_copy_unless_it_was_written_over():
    class Doubling(nn.Module):
        def __init__(self):
            super().__init__()
            self.inner = nn.Linear(2, 2)

        def forward(self, x):
            return self.inner(x).mul_(2)

    x = torch.ones(1, 2)
    model = nn.Sequential(nn.Sequential(nn.Linear(2, 2)), Doubling())
    with torch.no_grad(), capture(model) as acts:
        model(x)
    assert acts["0"] is acts["0.0"]
    assert torch.equal(acts["1"], 2 * acts["1.inner"])


@pytest.mark.parametrize("layers", ["*", None, nn.ReLU])
@pytest.mark.parametrize("options", [{}, {"inputs": True}, {"reduce": torch.sum}])
def test_the_hooked_pass_is_the_bare_one_bit_for_bit(zoo, layers, options):
    model, x = zoo.convolutional(), zoo.images()
    for grad in (False, True):
        with torch.set_grad_enabled(grad):
            bare = model(x)
            with capture(model, layers, **options):
                assert torch.equal(model(x), bare)


def test_training_draws_the_same_random_numbers(zoo):
    model, x = zoo.Failing().train(), torch.randn(64, 4)
    torch.manual_seed(3)
    bare = model(x)
    state = torch.get_rng_state()
    torch.manual_seed(3)
    with capture(model, inputs=True, gradients=True):
        assert torch.equal(model(x), bare)
    assert torch.equal(torch.get_rng_state(), state)


def test_nothing_stays_after_1000_uses_of_which_half_fail(zoo):
    model = zoo.Failing()
    model.body[1].eval()  # what draws random numbers draws them hooked or not
    model.body[0].weight.requires_grad_(False)
    before = state_of(model)
    sizes = []
    for use in range(1000):
        model.fails = use % 2 == 1
        options = {"gradients": True} if use % 3 else {"inputs": True, "operations": "*"}
        with (
            nullcontext() if not model.fails else pytest.raises(RuntimeError, match="told to"),
            capture(model, **options) as acts,
        ):
            model(torch.ones(1, 4)).sum().backward()
        assert {"body.0", "body.1", "body.2", "body"} <= set(acts)
        model.zero_grad()
        if use % 300 == 99:
            gc.collect()
            sizes.append(len(gc.get_objects()))
    model.fails = False
    assert state_of(model) == before
    assert max(sizes) - min(sizes) < 50


def state_of(model):
    return {
        "random": torch.get_rng_state().tolist(),
        "modes": [module.training for module in model.modules()],
        "gradient flags": [parameter.requires_grad for parameter in model.parameters()],
        "gradient mode": torch.is_grad_enabled(),
        "hooks": hooks_of(model),
        "attributes": [sorted(vars(module)) for module in model.modules()],
        "values": [value.tolist() for value in model.state_dict().values()],
    }


def test_a_failed_pass_does_not_shift_the_addresses_of_the_next(zoo):
    model = zoo.Failing()
    with capture(model) as acts:
        model.fails = True
        with pytest.raises(RuntimeError, match="told to"):
            model(torch.ones(1, 4))
        model.fails = False
        model(torch.ones(2, 4))
    assert list(acts) == ["body.0", "body.1", "body.2", "body"]
    assert {len(tensor) for tensor in acts.values()} == {2}


def test_a_call_that_fails_and_is_caught_counts_as_a_call():
    class Retrying(nn.Module):
        def __init__(self):
            super().__init__()
            self.layer = nn.Linear(2, 2)

        def forward(self, x):
            try:
                return self.layer(x[:, :1])
            except RuntimeError:
                return self.layer(x)

    model = Retrying()
    with capture(model, inputs=True) as acts:
        model(torch.ones(1, 2))
    assert list(acts) == ["layer#1"]
    assert list(acts.inputs) == ["layer", "layer#1"]


def test_nothing_is_kept_alive(zoo):
    model = zoo.convolutional()
    gone = weakref.ref(model)
    with capture(model, gradients=True, inputs=True) as acts:
        output = model(zoo.images())
        kept = weakref.ref(output)
        output.sum().backward()
    del model, output
    gc.collect()
    assert gone() is None
    assert kept() is None
    tensor = weakref.ref(acts["3"])
    del acts
    assert tensor() is None


def test_repeated_use_leaves_no_objects_behind(zoo):
    model, x = zoo.convolutional(), zoo.images()

    def objects_after(uses):
        for _ in range(uses):
            with capture(model, inputs=True, gradients=True) as acts:
                model(x).sum().backward()
        del acts
        model.zero_grad(set_to_none=True)
        gc.collect()
        return len(gc.get_objects())

    before = objects_after(2)
    assert objects_after(20) <= before + 5


def test_a_block_that_is_never_left_takes_its_hooks_along(zoo):
    model = zoo.Reused()
    before = hooks_of(model)
    block = capture(model)
    acts = block.__enter__()
    assert hooks_of(model) != before
    del block, acts
    gc.collect()
    assert hooks_of(model) == before


def test_a_copy_made_inside_the_block_records_nothing_after_it(zoo):
    model = zoo.Reused()
    with capture(model) as acts:
        model(torch.zeros(1, 6))
        twin = copy.deepcopy(model)
    twin(torch.zeros(4, 6))
    assert {len(tensor) for tensor in acts.values()} == {1}
    assert acts.missed == ("unused",)


def test_captures_nest(zoo):
    model, x = zoo.Reused(), torch.randn(2, 6)
    with capture(model, "first") as outer, capture(model, nn.ReLU) as inner:
        model(x)
    assert list(outer) == ["first"]
    assert list(inner) == ["relu", "relu#1", "relu#2"]


def test_a_single_layer_and_a_shared_one():
    alone = nn.Linear(2, 3)
    with capture(alone) as acts:
        output = alone(torch.ones(1, 2))
    assert torch.equal(acts["Linear"], output)
    shared = nn.Linear(2, 2)
    model = nn.Sequential(shared, nn.ReLU(), shared)
    with capture(model, nn.Linear) as acts:
        model(torch.ones(1, 2))
    assert list(acts) == ["0", "0#1"]


def test_a_network_that_calls_itself_makes_one_pass():
    class Recursive(nn.Module):
        def __init__(self):
            super().__init__()
            self.layer = nn.Linear(2, 2)

        def forward(self, x, depth=2):
            x = self.layer(x)
            return self(x, depth - 1) if depth else x

    model = Recursive()
    with capture(model) as acts:
        model(torch.ones(1, 2))
    assert list(acts) == ["layer", "layer#1", "layer#2"]


def test_a_layer_that_calls_itself_counts_from_the_outermost():
    class Nested(nn.Module):
        def forward(self, x, depth=1):
            return self(x, depth - 1) + 1 if depth else x

    model = nn.Sequential(Nested())
    with capture(model, inputs=True) as acts:
        model(torch.zeros(1))
    assert acts["0"] == 1
    assert acts["0#1"] == 0
    assert set(acts) == set(acts.inputs)


def test_torchscript_as_a_whole_is_refused():
    with pytest.warns(DeprecationWarning, match="torch.jit"):
        script = torch.jit.script(nn.Sequential(nn.ReLU()))
    with pytest.raises(InputError, match="TorchScript"), capture(script):
        pass


@pytest.mark.parametrize("frozen", [False, True])
def test_gradients_are_those_that_autograd_gives(zoo, frozen):
    model, x = zoo.convolutional().requires_grad_(not frozen), zoo.images()
    with capture(model, None, gradients=True) as acts:
        model(x).square().sum().backward()
    stages = list(model[0]) + list(model)[1:]
    values, value = [], x.requires_grad_()
    for stage in stages:
        value = stage(value.clone())
        values.append(value)
    expected = torch.autograd.grad(value.square().sum(), values)
    assert set(acts.gradients) == set(acts)
    for address, gradient in zip(acts, expected, strict=True):
        torch.testing.assert_close(acts.gradients[address], gradient)
    assert [parameter.grad is None for parameter in model.parameters()] == [frozen] * 6


def test_gradients_need_a_pass_that_can_have_them(zoo):
    model = zoo.convolutional()
    with (
        torch.no_grad(),
        pytest.raises(InputError, match=r"outside torch\.no_grad\(\)"),
        capture(model, gradients=True),
    ):
        model(zoo.images())


def test_no_gradient_is_recorded_after_the_block(zoo):
    model = zoo.convolutional()
    with capture(model, gradients=True) as acts:
        output = model(zoo.images())
    output.sum().backward()
    assert len(acts.gradients) == 0
    with pytest.raises(AddressError, match="no backward pass inside the block reached it"):
        acts.gradients["3"]


def test_checkpointing_runs_layers_again_and_makes_no_call_of_it():
    class Checkpointed(nn.Module):
        def __init__(self):
            super().__init__()
            self.layer = nn.Linear(2, 2)

        def forward(self, x):
            return checkpoint(self.layer, x, use_reentrant=False)

    model = Checkpointed()
    with capture(model, gradients=True) as acts:
        model(torch.ones(3, 2)).sum().backward()
    assert list(acts) == ["layer"]
    assert torch.equal(acts.gradients["layer"], torch.ones(3, 2))


def test_a_reducer_runs_in_the_hook_and_its_result_is_no_view(zoo):
    model, x = zoo.Reused(), torch.randn(3, 6)
    with capture(model, "first", reduce=lambda activation: activation[:1]) as acts:
        model(x)
    assert torch.equal(acts["first"], model.first(x)[:1])
    assert acts["first"].untyped_storage().nbytes() == 5 * 4


def test_inference_mode_autocast_and_channels_last(zoo):
    model, x = zoo.convolutional(), zoo.images()
    with torch.inference_mode(), capture(model) as acts:
        model(x)
    assert not acts["0.0"].requires_grad
    with torch.no_grad(), torch.autocast("cpu", torch.bfloat16), capture(model) as acts:
        bare = model(x)
    assert acts["3"].dtype == torch.bfloat16
    assert torch.equal(acts["3"], bare)
    with torch.no_grad(), capture(model) as acts:
        bare = model(x.to(memory_format=torch.channels_last))
    assert torch.equal(acts["3"], bare)
    assert acts["0.0"].is_contiguous(memory_format=torch.channels_last)


def test_gradients_under_autocast(zoo):
    model, x = zoo.convolutional(), zoo.images()

    def step():
        with torch.autocast("cpu", torch.bfloat16):
            model(x).float().square().sum().backward()
        gradients = [parameter.grad for parameter in model.parameters()]
        model.zero_grad()
        return gradients

    bare = step()
    with capture(model, None, gradients=True) as acts:
        hooked = step()
    assert all(torch.equal(*pair) for pair in zip(bare, hooked, strict=True))
    assert acts.gradients["3"].dtype == torch.bfloat16


def test_an_edit_is_seen_by_captures_on_either_side_of_it(zoo):
    model = zoo.Reused()
    zero = {"first": torch.zeros_like}
    with capture(model, "first") as outer, edit(model, zero), capture(model, "first") as inner:
        model(torch.ones(1, 6))
    assert not outer["first"].any()
    assert not inner["first"].any()


def test_it_shows_what_it_holds(zoo):
    with capture(zoo.Reused(), "first") as acts:
        pass
    assert repr(acts) == "0 captured activations"
    model = zoo.Reused()
    with capture(model, "first") as acts:
        model(torch.zeros(2, 6))
    assert repr(acts) == "1 captured activations\n  first: (2, 5)"


def test_complex_activations_have_gradients_and_whole_numbers_none():
    class Spectrum(nn.Module):
        def forward(self, x):
            return torch.fft.fft(x), x.argmax(dim=1)

    model, x = nn.Sequential(Spectrum()), torch.randn(2, 4, requires_grad=True)
    with capture(model, gradients=True) as acts:
        model(x)[0].abs().sum().backward()
    assert list(acts) == ["0", "0[1]"]
    assert list(acts.gradients) == ["0"]
    assert acts.gradients["0"].is_complex()


def test_the_packed_sequences_of_recurrent_layers():
    class Recurrent(nn.Module):
        def __init__(self):
            super().__init__()
            self.lstm = nn.LSTM(3, 4, batch_first=True)

        def forward(self, x):
            packed = nn.utils.rnn.pack_padded_sequence(x, [3, 2], batch_first=True)
            output, _ = self.lstm(packed)
            return nn.utils.rnn.pad_packed_sequence(output, batch_first=True)[0]

    model, x = Recurrent(), torch.randn(2, 3, 3)
    bare = model(x)
    with capture(model, gradients=True, inputs=True) as acts:
        output = model(x)
        output.sum().backward()
    assert torch.equal(output, bare)
    assert list(acts) == ["lstm", "lstm[0][1]", "lstm[1][0]", "lstm[1][1]"]
    assert acts["lstm"].shape == acts.gradients["lstm"].shape == (5, 4)
    assert list(acts.inputs) == ["lstm", "lstm[0][1]"]
