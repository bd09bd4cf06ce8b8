"""Distances layer by layer, against a plain computation."""

import numpy as np
import torch
from torch import nn

from cutaway.diagnosis.attacks import relative_distances
from cutaway.diagnosis.attacks.parting import random_change
from tests.diagnosis.attacks.conftest import curved


def test_distances_are_those_of_a_plain_computation(images):
    model, changed = curved().train(), images + 0.1
    found = relative_distances(model, images, changed, ["0", "2", "5"])
    assert list(found) == ["0", "2", "5"]
    model.eval()
    for layer, depth in (("0", 1), ("2", 3), ("5", 6)):
        with torch.no_grad():
            clean, other = model[:depth](images), model[:depth](changed)
        expected = [float((b - a).norm() / a.norm()) for a, b in zip(clean, other, strict=True)]
        np.testing.assert_allclose(found[layer], expected, rtol=1e-5)


def test_a_reused_layer_has_an_address_a_call():
    relu = nn.ReLU()
    model = nn.Sequential(nn.Flatten(), relu, nn.Linear(36, 36), relu)
    images = torch.rand(2, 1, 6, 6)
    found = relative_distances(model, images, images + 1, ["1"])
    assert list(found) == ["1", "1#1"]


def test_silence_is_no_distance_and_waking_is_an_infinite_one():
    model = nn.Sequential(nn.Flatten(), nn.ReLU())
    silent = -torch.ones(2, 1, 2, 2)
    woken = silent.clone()
    woken[1] = 1
    assert relative_distances(model, silent, woken, ["1"])["1"].tolist() == [0, np.inf]


def test_noise_is_as_large_as_the_change_and_its_seed_counts(images):
    changed = images + torch.linspace(0, 1, 12).view(-1, 1, 1, 1)
    noisy = random_change(images, changed, seed=1)
    sizes = [(each - images).flatten(1).norm(dim=1) for each in (changed, noisy)]
    torch.testing.assert_close(*sizes)
    torch.testing.assert_close(noisy, random_change(images, changed, seed=1), rtol=0, atol=0)
    assert not torch.equal(noisy, random_change(images, changed, seed=2))
