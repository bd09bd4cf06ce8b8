"""timm is optional: what happens without it, and with a library that acts it."""

import sys
import types

import pytest
import torch
from torch import nn

from cutaway.errors import InputError, MissingDependencyError
from cutaway.networks import load_model, transform_of


@pytest.fixture
def acted_timm(monkeypatch):
    """A module with timm's three functions that are used, as timm 1.0 has them."""

    def create_model(name, *, pretrained):
        if name == "offline":
            raise OSError("no route to the hub")
        model = nn.Linear(3, 2)
        nn.init.constant_(model.weight, 4.0)
        model.pretrained_cfg = {
            "input_size": (3, 224, 192),
            "mean": (0.485, 0.456, 0.406),
            "std": (0.229, 0.224, 0.225),
        }
        return model

    timm = types.ModuleType("timm")
    timm.create_model = create_model
    timm.is_model = lambda name: name in {"resnet18", "offline"}
    timm.list_models = lambda pattern="*": ["resnet18", "resnet34"]
    monkeypatch.setitem(sys.modules, "timm", timm)


def test_without_timm(monkeypatch):
    monkeypatch.setitem(sys.modules, "timm", None)
    with pytest.raises(
        MissingDependencyError, match=r"'timm:resnet18' needs timm.*cutaway\[timm\]"
    ):
        load_model("timm:resnet18")


def test_its_transform_is_the_models_own(acted_timm):
    transform = transform_of(load_model("timm:resnet18"))
    assert (transform.size, transform.channels, transform.origin) == ((224, 192), 3, "model")
    assert transform.mean == pytest.approx((0.485, 0.456, 0.406))


def test_unknown_name(acted_timm):
    with pytest.raises(InputError, match="timm has no model 'resnet'; it has resnet18, resnet34"):
        load_model("timm:resnet")


def test_weights_that_cannot_be_had(acted_timm):
    with pytest.raises(InputError, match=r"its weights cannot be had \(no route to the hub\)"):
        load_model("timm:offline")


def test_a_model_with_another_configuration_has_no_transform():
    model = nn.Linear(2, 2)
    model.pretrained_cfg = {"url": "x"}
    assert transform_of(model) is None
    assert torch.is_tensor(model.weight)
