"""Layers that no training changed are told from those that it did."""

import numpy as np
import pytest
import torch
from scipy.stats import kstest
from torch import nn

from cutaway.networks.as_drawn import _unevenness, layers_as_drawn


def taught(network, layer, optimizer=torch.optim.AdamW, rate=0.01, steps=10):
    made = optimizer(layer.parameters(), lr=rate)
    images, labels = torch.randn(64, 40), torch.arange(64) % 10
    for _ in range(steps):
        made.zero_grad()
        nn.functional.cross_entropy(network(images), labels).backward()
        made.step()
    return network


@pytest.mark.parametrize(
    "fresh",
    [
        lambda: nn.Linear(40, 20),
        lambda: nn.Linear(40, 20).half(),
        lambda: nn.Conv2d(8, 16, 3, groups=2, bias=False),
        lambda: nn.ConvTranspose2d(8, 16, 3),
        lambda: nn.utils.parametrizations.weight_norm(nn.Linear(40, 20)),
    ],
)
def test_fresh_layers_are_as_drawn(fresh):
    for seed in range(5):
        torch.manual_seed(seed)
        assert layers_as_drawn(nn.Sequential(nn.ReLU(), fresh())) == ("1",)


@pytest.mark.parametrize("optimizer", [torch.optim.AdamW, torch.optim.SGD])
def test_only_what_the_optimizer_left_alone_is_named(optimizer):
    torch.manual_seed(0)
    network = nn.Sequential(nn.Linear(40, 32), nn.ReLU(), nn.Linear(32, 20), nn.Linear(20, 10))
    rate = 0.5 if optimizer is torch.optim.SGD else 0.01
    taught(network, network[0], optimizer, rate)
    assert layers_as_drawn(network) == ("2",)  # the last has too few weights to tell


def test_weights_that_were_drawn_otherwise_are_not_named():
    torch.manual_seed(0)
    layer = nn.Linear(40, 20)
    for draw in (nn.init.xavier_uniform_, nn.init.kaiming_normal_, nn.init.trunc_normal_):
        draw(layer.weight)
        assert layers_as_drawn(layer) == ()
    with torch.device("meta"):
        assert layers_as_drawn(nn.Linear(40, 20)) == ()


def test_unevenness_is_the_distance_of_kolmogorov_and_smirnov():
    values = np.random.default_rng(0).uniform(-1, 1, 700).astype(np.float32)
    for each in (values, values**3):
        expected = kstest(each, "uniform", args=(-1, 2)).statistic
        assert _unevenness(each) == pytest.approx(expected, abs=1e-6)


def test_quantized_weights_were_not_drawn():
    layer = nn.Linear(100, 10)
    layer.weight = nn.Parameter(torch.ones(10, 100, dtype=torch.int8), requires_grad=False)
    assert layers_as_drawn(layer) == ()
