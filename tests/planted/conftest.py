"""Small networks that were really trained on digits, and what a real build finds in them."""

import copy
from collections import OrderedDict
from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import nn

from cutaway.data import InputTransform, load_data
from cutaway.study import build_study

MAPS = {"pca": "pixels"}
STUDIED, REFERENCE = 200, 200


def small_network(channels=1, hidden=32, classes=10):
    return nn.Sequential(
        OrderedDict(
            conv1=nn.Conv2d(channels, 12, 3, padding=1),
            bn1=nn.BatchNorm2d(12),
            relu1=nn.ReLU(),
            pool=nn.MaxPool2d(2),
            conv2=nn.Conv2d(12, 20, 3, padding=1),
            bn2=nn.BatchNorm2d(20),
            relu2=nn.ReLU(),
            shrink=nn.AvgPool2d(2),
            flatten=nn.Flatten(),
            fc1=nn.Linear(80, hidden),
            bn3=nn.BatchNorm1d(hidden),
            relu3=nn.ReLU(),
            fc2=nn.Linear(hidden, classes),
        )
    )


def train(network, images, transform, epochs=14):
    """Adam with a falling learning rate: some seconds on one core."""
    torch.manual_seed(0)
    inputs, labels = transform(images.tensor()), torch.from_numpy(np.array(images.labels))
    optimizer = torch.optim.AdamW(network.parameters(), 2e-3, weight_decay=0.01)
    steps = epochs * -(-len(inputs) // 64)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 1e-2, total_steps=steps)
    network.train()
    for _ in range(epochs):
        for rows in torch.randperm(len(inputs)).split(64):
            optimizer.zero_grad()
            nn.functional.cross_entropy(network(inputs[rows]), labels[rows]).backward()
            optimizer.step()
            schedule.step()
    return network.eval()


def transform_of(images):
    """What the networks here are trained with."""
    values = images.tensor()
    return InputTransform(
        size=images.pixels.shape[1:3],
        mean=tuple(values.mean(dim=(0, 2, 3)).tolist()),
        std=tuple(values.std(dim=(0, 2, 3)).tolist()),
        channels=images.channels,
    )


def coloured(images):
    """The same digits in colours that depend on the image and not on its class."""
    draws = np.random.default_rng(len(images)).uniform(0.3, 1, size=(len(images), 1, 1, 3))
    return replace(images, pixels=(images.pixels * draws).astype(np.uint8))


@pytest.fixture(scope="session")
def learned():
    return load_data("digits", split="train")


@pytest.fixture(scope="session")
def new():
    return load_data("digits", split="test").select(range(STUDIED))


@pytest.fixture(scope="session")
def transform(learned):
    return transform_of(learned)


@pytest.fixture(scope="session")
def trained(learned, transform):
    torch.manual_seed(0)
    return train(small_network(), learned, transform)


@pytest.fixture
def network(trained):
    """A copy of the trained network to plant a fault in."""
    return copy.deepcopy(trained)


@pytest.fixture
def found(new, learned, transform, tmp_path):
    """Builds a Study of a network and gives its findings, the data and the network changed."""

    def build(network, data=None, reference=None, given=None, history=None):
        study = build_study(
            network,
            new if data is None else data,
            tmp_path / "planted.study",
            reference=learned.select(range(REFERENCE)) if reference is None else reference,
            transform=given or transform,
            maps=MAPS,
            history=history,
            device="cpu",
            overwrite=True,
        )
        return study.findings

    return build


def of_kind(findings, kind):
    return [finding for finding in findings if finding.kind == kind]


def alarms(findings):
    """Kinds of what is said to want mending."""
    return sorted({finding.kind for finding in findings if finding.severity != "note"})


FACTS = {"accuracy", "separation", "confused classes", "confident errors", "label errors"}
"""Notes that any healthy network may have: they answer questions and claim no fault."""
