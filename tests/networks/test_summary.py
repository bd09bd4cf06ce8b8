"""The table of a network's layers."""

import json

import torch
from torch import nn

from cutaway.networks import CNN, summarize


class Twice(nn.Module):
    def __init__(self):
        super().__init__()
        self.shift = nn.Parameter(torch.zeros(3))
        self.first = nn.Linear(3, 3)
        self.again = self.first
        self.unused = nn.Linear(3, 1)
        self.tied = nn.Linear(3, 3)
        self.tied.weight = self.first.weight

    def forward(self, images):
        return self.tied(self.first(self.first(images + self.shift)))


def test_shapes_and_parameters_of_report6s_network():
    summary = summarize(CNN(), (3, 32, 32))
    rows = {entry.layer: (entry.type, entry.shape, entry.parameters) for entry in summary.layers}
    assert rows["block1.0"] == ("Conv2d", (64, 28, 28), 64 * 75 + 64)
    assert rows["block2.3"] == ("MaxPool2d", (32, 5, 5), 0)
    assert rows["fc_layers.6"] == ("Linear", (10,), 330)
    assert summary.parameters == sum(p.numel() for p in CNN().parameters())
    assert sum(row[2] for row in rows.values()) == summary.parameters


def test_shared_unused_and_direct_parameters():
    summary = summarize(Twice(), (3,))
    rows = {entry.layer: (entry.shape, entry.parameters) for entry in summary.layers}
    assert rows == {
        "": ((3,), 3),
        "first": ((3,), 12),
        "unused": (None, 4),
        "tied": ((3,), 3),
    }
    assert summary.parameters == 22
    assert "did not run" in str(summary)


def test_model_is_left_as_it_was():
    model = CNN()
    model.block1.eval()
    modes = [module.training for module in model.modules()]
    state = {name: value.clone() for name, value in model.state_dict().items()}
    summarize(model, (3, 32, 32))
    assert [module.training for module in model.modules()] == modes
    assert all(torch.equal(state[n], v) for n, v in model.state_dict().items())
    assert not any(module._forward_hooks for module in model.modules())


def test_dictionary_is_plain_json():
    summary = summarize(CNN(), (3, 32, 32))
    assert json.loads(json.dumps(summary.to_dict())) == summary.to_dict()


def test_html_escapes_names():
    model = nn.Sequential()
    model.add_module("<img src=x onerror=alert(1)>", nn.Identity())
    page = summarize(model, (2,))._repr_html_()
    assert "<img" not in page
    assert "&lt;img src=x onerror=alert(1)&gt;" in page
