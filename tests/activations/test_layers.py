import pytest
import torch
from torch import nn

from cutaway.activations import named_layers, select_layers
from cutaway.errors import InputError


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.block1 = nn.Sequential(nn.Conv2d(3, 4, 3), nn.ReLU())
        self.block2 = nn.Sequential(nn.Conv2d(4, 4, 3), nn.ReLU())
        self.head = nn.Linear(4, 2)


NAMES = ("block1", "block1.0", "block1.1", "block2", "block2.0", "block2.1", "head")


@pytest.mark.parametrize(
    ("layers", "chosen"),
    [
        ("*", NAMES),
        (None, ("block1.0", "block1.1", "block2.0", "block2.1", "head")),
        ("block*", NAMES[:-1]),
        ("head", ("head",)),
        (["head", "block1.?"], ("block1.0", "block1.1", "head")),
        (nn.Conv2d, ("block1.0", "block2.0")),
        ([nn.Linear, "block2"], ("block2", "head")),
        (
            lambda name, module: name.endswith("1") and isinstance(module, nn.ReLU),
            ("block1.1", "block2.1"),
        ),
    ],
)
def test_layers_are_chosen_in_the_order_of_the_network(layers, chosen):
    assert select_layers(Net(), layers) == chosen


def test_a_pattern_without_match_says_what_there_is_and_what_was_meant():
    with pytest.raises(InputError) as error:
        select_layers(Net(), "blok*")
    assert str(error.value) == (
        'layers="blok*" matches no layer of Net; its layers are block1, block1.0, block1.1, '
        'block2, block2.0, block2.1, head; did you mean "block*"?'
    )


@pytest.mark.parametrize(
    ("layers", "message"),
    [
        ("haed", 'did you mean "head"?'),
        ("blokc2.*", 'did you mean "block2.*"?'),
        ("head#1", 'did you mean "head"?'),
        (["head", "nothing"], 'layers="nothing" matches no layer of Net'),
        (nn.LSTM, "block2.1, head, of type Conv2d, Linear, ReLU, Sequential"),
        ([], "layers=[] chooses nothing; expected a glob"),
        ([3], "layers holds 3, of type int; expected a glob"),
    ],
)
def test_a_wrong_choice_is_a_clear_error(layers, message):
    with pytest.raises(InputError) as error:
        select_layers(Net(), layers)
    assert message in str(error.value)


def test_a_large_network_lists_its_first_layers_only():
    model = nn.Sequential(*(nn.ReLU() for _ in range(200)))
    with pytest.raises(InputError, match=r"28, 29, \.\.\.$"):
        select_layers(model, "conv")


def test_a_network_without_children_is_its_own_layer():
    assert select_layers(nn.Linear(2, 3)) == ("Linear",)
    assert select_layers(nn.Linear(2, 3), "*") == ("Linear",)


def test_a_shared_module_has_its_first_name():
    shared = nn.Linear(2, 2)
    model = nn.ModuleDict({"encoder": shared, "decoder": shared})
    assert select_layers(model, "*") == ("encoder",)


def test_weights_own_modules_are_no_layers():
    model = nn.Sequential(nn.utils.parametrizations.weight_norm(nn.Linear(2, 2)), nn.ReLU())
    assert select_layers(model) == select_layers(model, "*") == ("0", "1")


def test_attention_is_a_leaf():
    model = nn.TransformerEncoderLayer(8, 2, batch_first=True)
    assert "self_attn" in select_layers(model)
    assert "self_attn.out_proj" not in select_layers(model)


def test_names_do_not_show_that_a_network_is_compiled():
    model = nn.Sequential(nn.Linear(2, 2), torch.compile(nn.Sequential(nn.ReLU()), backend="eager"))
    assert list(named_layers(torch.compile(model, backend="eager"))) == ["0", "1", "1.0"]


@pytest.mark.parametrize("name", ["layer#1", "layer[0]"])
def test_a_name_that_is_another_layers_address_is_refused(name):
    model = nn.ModuleDict({"layer": nn.ReLU(), name: nn.ReLU()})
    with pytest.raises(InputError, match=r"is named as calls of layer 'layer' are addressed"):
        select_layers(model)
    assert select_layers(model, "layer") == ("layer",)


def test_attention_alone_is_its_own_layer():
    assert select_layers(nn.MultiheadAttention(8, 2)) == ("MultiheadAttention",)
