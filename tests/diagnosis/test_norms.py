"""Shift and spread of a BatchNorm layer's input, held to the input itself."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from cutaway.diagnosis.norms import norm_fit


def layer_of(seed, channels=5):
    torch.manual_seed(seed)
    layer = nn.BatchNorm1d(channels, eps=0.0).eval()
    for tensor in (layer.running_mean, layer.weight.data, layer.bias.data):
        tensor.normal_()
    layer.running_var.uniform_(0.5, 2)
    return layer


@given(st.integers(0, 99), st.floats(-4, 4), st.floats(0.1, 5))
def test_it_is_what_the_input_was_moved_and_stretched_by(seed, shift, spread):
    layer = layer_of(seed)
    drawn = np.random.default_rng(seed).normal(size=(200, 5))
    standard = (drawn - drawn.mean(axis=0)) / drawn.std(axis=0)
    remembered = layer.running_var.sqrt().numpy(), layer.running_mean.numpy()
    inputs = (standard * spread + shift) * remembered[0] + remembered[1]
    with torch.no_grad():
        outputs = layer(torch.from_numpy(inputs.astype(np.float32))).double().numpy()
    scale, offset = (value.detach().double().numpy() for value in (layer.weight, layer.bias))
    found = norm_fit(outputs.mean(axis=0), outputs.std(axis=0), scale, offset)
    assert found == pytest.approx((abs(shift), spread), rel=1e-3, abs=1e-3)


def test_a_channel_that_is_switched_off_says_nothing():
    ones = np.ones(3)
    assert norm_fit(ones, ones, np.array([1.0, 1.0, 1e-9]), np.zeros(3)) == (1.0, 1.0)
    assert norm_fit(np.full(3, np.nan), ones, ones, np.zeros(3)) is None
