"""The loss of distillation against plain maths."""

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from cutaway.training.distillation import distillation_loss


def probabilities(row, temperature):
    powers = [math.exp(value / temperature) for value in row]
    return [power / sum(powers) for power in powers]


def plain_loss(logits, taught, temperature):
    total = 0.0
    for ours, theirs in zip(logits.double().tolist(), taught.double().tolist(), strict=True):
        p, q = probabilities(theirs, temperature), probabilities(ours, temperature)
        total += sum(a * math.log(a / b) for a, b in zip(p, q, strict=True))
    return total / len(logits) * temperature**2


@given(st.integers(1, 6), st.integers(2, 5), st.floats(0.5, 8), st.integers(0, 1000))
def test_loss_equals_plain_twin(samples, classes, temperature, seed):
    generator = torch.Generator().manual_seed(seed)
    logits, taught = 2 * torch.randn(2, samples, classes, generator=generator)
    loss = float(distillation_loss(logits, taught, temperature))
    assert loss == pytest.approx(plain_loss(logits, taught, temperature), rel=1e-4, abs=1e-4)


@given(st.floats(0.5, 8), st.floats(-50, 50), st.integers(0, 1000))
def test_it_is_never_negative_and_nothing_where_answers_agree(temperature, constant, seed):
    generator = torch.Generator().manual_seed(seed)
    logits, taught = torch.randn(2, 4, 3, generator=generator)
    assert distillation_loss(logits, taught, temperature) > -1e-5
    agreeing = distillation_loss(taught + constant, taught, temperature)
    assert float(agreeing) == pytest.approx(0, abs=1e-3)


def test_its_gradient_vanishes_at_the_teachers_answers():
    taught = torch.randn(4, 3)
    logits = taught.clone().requires_grad_()
    distillation_loss(logits, taught, 3.0).backward()
    assert float(logits.grad.abs().max()) < 1e-6
