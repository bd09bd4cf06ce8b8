"""A small Study of real digits by a small untrained network, built once."""

import numpy as np
import pytest
import torch
from torch import nn

from cutaway.data import load_data
from cutaway.study import build_study


def small_network(seed=0):
    torch.manual_seed(seed)
    return nn.Sequential(
        nn.Conv2d(1, 6, 3),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Linear(54, 16),
        nn.ReLU(),
        nn.Linear(16, 10),
    )


@pytest.fixture(scope="session")
def digits():
    return load_data("digits").select(np.arange(0, 150))


@pytest.fixture(scope="session")
def training_digits():
    return load_data("digits").select(np.arange(150, 350))


@pytest.fixture(scope="session")
def study(digits, training_digits, tmp_path_factory):
    path = tmp_path_factory.mktemp("studies") / "digits.study"
    return build_study(small_network(), digits, path, reference=training_digits)


@pytest.fixture(scope="session")
def deep_study(digits, training_digits, tmp_path_factory):
    path = tmp_path_factory.mktemp("studies") / "deep.study"
    maps = {"pca": "pixels"}
    network = small_network()
    return build_study(network, digits, path, reference=training_digits, maps=maps, deep=True)
