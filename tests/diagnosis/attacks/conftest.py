"""Small classifiers whose boundaries are known, or that are cheap to ask; foolbox as an oracle."""

import warnings

import pytest
import torch
from torch import nn

from cutaway.diagnosis.attacks import PixelRange

WIDE = PixelRange((-100.0,), (100.0,))
UNIT = PixelRange((0.0,), (1.0,))


def linear(classes=3, features=4, seed=0):
    torch.manual_seed(seed)
    return nn.Sequential(nn.Flatten(), nn.Linear(features, classes))


def curved(seed=0):
    torch.manual_seed(seed)
    return nn.Sequential(
        nn.Conv2d(1, 4, 3, padding=1),
        nn.BatchNorm2d(4),
        nn.ReLU(),
        nn.Flatten(),
        nn.Dropout(0.5),
        nn.Linear(144, 5),
    )


@pytest.fixture
def images():
    return torch.rand(12, 1, 6, 6, generator=torch.Generator().manual_seed(1))


@pytest.fixture(scope="session")
def foolbox():
    with warnings.catch_warnings():
        # It imports from a name that scipy has moved.
        warnings.simplefilter("ignore")
        import foolbox
    return foolbox
