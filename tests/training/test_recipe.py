"""Loss, optimizer and schedule against plain twins."""

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from cutaway.errors import InputError
from cutaway.networks import CNN
from cutaway.training.distillation import distillation_loss
from cutaway.training.recipe import RECIPES, Recipe


def plain_loss(logits, labels, smoothing):
    """Cross-entropy against (1 - s) at the label and s spread over all classes."""
    total = 0.0
    for row, label in zip(logits.double().tolist(), labels.tolist(), strict=True):
        log_sum = math.log(sum(math.exp(value) for value in row))
        for column, value in enumerate(row):
            target = smoothing / len(row) + (1 - smoothing) * (column == label)
            total -= target * (value - log_sum)
    return total / len(labels)


@given(st.integers(1, 8), st.integers(2, 5), st.floats(0, 0.9), st.integers(0, 1000))
def test_loss_equals_plain_twin(samples, classes, smoothing, seed):
    generator = torch.Generator().manual_seed(seed)
    logits = torch.randn(samples, classes, generator=generator)
    labels = torch.randint(0, classes, (samples,), generator=generator)
    loss = Recipe(label_smoothing=smoothing).loss(logits, labels)
    assert float(loss) == pytest.approx(plain_loss(logits, labels, smoothing), abs=1e-5)


@given(st.floats(0, 1), st.floats(0.5, 8), st.integers(0, 1000))
def test_a_teacher_takes_its_share_of_the_loss(teaching, temperature, seed):
    generator = torch.Generator().manual_seed(seed)
    logits, taught = torch.randn(2, 6, 3, generator=generator)
    labels = torch.arange(6) % 3
    recipe = Recipe(teaching=teaching, temperature=temperature)
    plain = recipe.loss(logits, labels)
    distance = distillation_loss(logits, taught, temperature)
    expected = (1 - teaching) * float(plain) + teaching * float(distance)
    assert float(recipe.loss(logits, labels, taught)) == pytest.approx(expected, abs=1e-5)


def test_recipes_have_names():
    assert RECIPES["quick"] == Recipe()
    assert RECIPES["patient"].epochs <= 100
    assert not RECIPES["patient"].validate


def test_biases_and_scales_are_not_decayed():
    network = CNN(1, 2, 16)
    decayed, free = Recipe().optimizer(network).param_groups
    assert (decayed["weight_decay"], free["weight_decay"]) == (0.05, 0.0)
    assert all(parameter.ndim > 1 for parameter in decayed["params"])
    assert len(decayed["params"]) + len(free["params"]) == len(list(network.parameters()))


def test_frozen_parameters_are_left_out():
    network = nn.Sequential(nn.Linear(2, 2).requires_grad_(requires_grad=False), nn.Linear(2, 2))
    groups = Recipe().optimizer(network).param_groups
    assert sum(len(group["params"]) for group in groups) == 2


def test_one_cycle_peaks_at_the_learning_rate_and_ends_near_nothing():
    recipe = Recipe(learning_rate=0.1)
    optimizer = recipe.optimizer(nn.Linear(2, 2))
    schedule = recipe.schedule(optimizer, 100)
    rates = []
    for _ in range(100):
        rates.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        schedule.step() if len(rates) < 100 else None
    assert max(rates) == pytest.approx(0.1)
    assert rates.index(max(rates)) == 29
    assert rates[-1] < 1e-6


@pytest.mark.parametrize(
    "setting",
    [
        {"weight_decay": -1.0},
        {"label_smoothing": 1.0},
        {"dropout": 1.0},
        {"averaging": -0.1},
        {"warm_up": 0.0},
        {"teaching": 1.1},
        {"temperature": 0.0},
    ],
)
def test_settings_out_of_range(setting):
    with pytest.raises(InputError, match=next(iter(setting))):
        Recipe(**setting)
