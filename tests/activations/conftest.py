"""Small networks that do what real ones do to hooks."""

from dataclasses import dataclass
from types import SimpleNamespace

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional


class Reused(nn.Module):
    """One ReLU called three times, a Linear that never runs, an in-place operation between."""

    def __init__(self):
        super().__init__()
        self.first = nn.Linear(6, 5)
        self.second = nn.Linear(5, 4)
        self.unused = nn.Linear(4, 4)
        self.relu = nn.ReLU(inplace=True)

    def forward(self, x):
        x = self.relu(self.first(x))
        x = self.relu(self.second(x))
        return self.relu(functional.leaky_relu_(x - 0.1))


@dataclass
class Verdict:
    logits: Tensor
    label: str


class Structured(nn.Module):
    """Layers that return a tuple, a mapping, a dataclass and None."""

    class Pair(nn.Module):
        def forward(self, x, *, scale):
            return x * scale, (x + 1, None)

    class Named(nn.Module):
        def forward(self, x):
            return {"hidden": x * 3, "name": "b"}

    class Judge(nn.Module):
        def forward(self, x):
            return Verdict(x - 1, "cat")

    class Silent(nn.Module):
        def forward(self, x):
            return None

    def __init__(self):
        super().__init__()
        self.pair = self.Pair()
        self.named = self.Named()
        self.judge = self.Judge()
        self.silent = self.Silent()

    def forward(self, x):
        left, (right, _) = self.pair(x, scale=2)
        self.silent(x)
        return self.judge(self.named(left + right)["hidden"]).logits


class Failing(nn.Module):
    """Raises inside forward when it is told to."""

    def __init__(self):
        super().__init__()
        self.body = nn.Sequential(nn.Linear(4, 4), nn.Dropout(0.5), nn.ReLU(inplace=True))
        self.fails = False

    def forward(self, x):
        x = self.body(x)
        if self.fails:
            raise RuntimeError("told to")
        return x


def convolutional():
    return nn.Sequential(
        nn.Sequential(
            nn.Conv2d(3, 8, 3), nn.BatchNorm2d(8), nn.ReLU(inplace=True), nn.MaxPool2d(2)
        ),
        nn.Flatten(),
        nn.Dropout(0.2),
        nn.Linear(8 * 7 * 7, 10),
    ).eval()


def images(count=6, seed=0):
    return torch.rand(count, 3, 16, 16, generator=torch.Generator().manual_seed(seed))


@pytest.fixture
def zoo():
    return SimpleNamespace(
        Reused=Reused,
        Structured=Structured,
        Failing=Failing,
        convolutional=convolutional,
        images=images,
    )
