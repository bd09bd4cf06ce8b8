"""The hash of a model, against a plain twin."""

import hashlib

import pytest
import torch
from torch import nn

from cutaway.networks import CNN, model_fingerprint


def plain_fingerprint(model):
    text = b""
    for name, tensor in model.state_dict().items():
        header = f"{name}|{tensor.dtype}|{tuple(tensor.shape)}\n"
        text += header.encode() + tensor.contiguous().numpy().tobytes()
    return hashlib.sha256(text).hexdigest()


def test_equals_plain_twin():
    model = CNN(1, 2, 16)
    assert model_fingerprint(model) == plain_fingerprint(model)


def test_memory_layout_and_mode_do_not_matter():
    model = CNN(1, 2, 16)
    before = model_fingerprint(model)
    assert model_fingerprint(model.to(memory_format=torch.channels_last).eval()) == before


@pytest.mark.parametrize("change", ["value", "type", "name", "order"])
def test_every_change_is_seen(change):
    model = nn.Sequential(nn.Linear(2, 2), nn.Linear(2, 2))
    before = model_fingerprint(model)
    if change == "value":
        model[0].weight.data[0, 0] += 1e-6
    elif change == "type":
        model = model.double()
    elif change == "name":
        model = nn.Sequential(nn.Identity(), *model)
    else:
        model = nn.Sequential(model[1], model[0])
    assert model_fingerprint(model) != before


def test_bfloat16_has_a_fingerprint():
    assert len(model_fingerprint(nn.Linear(2, 2).bfloat16())) == 64
