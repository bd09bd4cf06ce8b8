"""Loss, optimizer and tallies against plain twins."""

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from cutaway.errors import InputError
from cutaway.networks import CNN
from cutaway.training.recipe import Recipe, Tally, evaluate


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


@pytest.mark.parametrize("setting", [{"weight_decay": -1.0}, {"label_smoothing": 1.0}])
def test_settings_out_of_range(setting):
    with pytest.raises(InputError, match=next(iter(setting))):
        Recipe(**setting)


def test_tally_does_not_depend_on_batches():
    logits, labels = torch.randn(10, 3), torch.arange(10) % 3
    whole, parts = Tally(), Tally()
    whole.add(logits, labels)
    for start in (0, 4, 9):
        stop = {0: 4, 4: 9, 9: 10}[start]
        parts.add(logits[start:stop], labels[start:stop])
    assert parts.accuracy == whole.accuracy == int((logits.argmax(1) == labels).sum()) / 10
    assert parts.loss == pytest.approx(whole.loss)
    assert whole.loss == pytest.approx(plain_loss(logits, labels, 0.0), abs=1e-5)


def test_empty_tally_is_nan():
    assert math.isnan(Tally().loss)
    assert math.isnan(Tally().accuracy)


@pytest.mark.parametrize("training", [True, False])
def test_evaluate_keeps_the_mode(training):
    network = CNN(1, 2, 16).train(training)
    evaluate(network, [(torch.zeros(2, 1, 16, 16), torch.tensor([0, 1]))], torch.device("cpu"))
    assert network.training is training
    assert int(network.block1[1].num_batches_tracked) == 0
