"""Norms of gradients at layers: one sample at a time as a twin, and a network left as it was."""

import math

import pytest
import torch
from torch import nn
from torch.nn import functional

from cutaway.activations.gradient_norms import gradient_norms


def network():
    torch.manual_seed(0)
    return nn.Sequential(
        nn.Conv2d(1, 3, 3), nn.BatchNorm2d(3), nn.ReLU(), nn.Flatten(), nn.Linear(108, 4)
    )


@pytest.fixture
def batch():
    torch.manual_seed(1)
    return torch.randn(6, 1, 8, 8), torch.tensor([0, 1, 2, 3, 0, 1])


def naive_output_norms(model, images, labels):
    model.eval()
    totals = [0.0] * len(model)
    for image, label in zip(images, labels, strict=True):
        values, kept = image[None], []
        for layer in model:
            values = layer(values)
            values.retain_grad()
            kept.append(values)
        functional.cross_entropy(values, label[None]).backward()
        for number, each in enumerate(kept):
            totals[number] += float(each.grad.norm()) / len(images)
    return totals


def test_norms_are_those_of_one_sample_after_the_other(batch):
    found = gradient_norms(network(), [batch])
    assert list(found) == ["0", "1", "2", "3", "4"]
    expected = naive_output_norms(network(), *batch)
    assert [each.norm for each in found.values()] == pytest.approx(expected, rel=1e-4)


def test_norms_at_parameters_are_those_of_the_mean_loss(batch):
    model = network().eval()
    functional.cross_entropy(model(batch[0]), batch[1]).backward()
    found = gradient_norms(network(), [batch])
    for number in (0, 1, 4):
        own = torch.cat([parameter.grad.flatten() for parameter in model[number].parameters()])
        assert found[str(number)].parameters == pytest.approx(float(own.norm()), rel=1e-4)
    assert math.isnan(found["2"].parameters)


def test_batches_add_up(batch):
    whole = gradient_norms(network(), [batch])
    parts = gradient_norms(network(), [(batch[0][:4], batch[1][:4]), (batch[0][4:], batch[1][4:])])
    for address, each in whole.items():
        assert parts[address].norm == pytest.approx(each.norm, rel=1e-5)
        assert parts[address].parameters == pytest.approx(each.parameters, rel=1e-5, nan_ok=True)


def test_the_network_is_left_as_it_was(batch):
    model = network().train()
    model[0].requires_grad_(False)
    model[4].weight.grad = torch.ones_like(model[4].weight)
    with torch.no_grad():
        found = gradient_norms(model, [batch])
    assert found["0"].parameters > 0
    assert model.training
    assert not model[0].weight.requires_grad
    assert model[0].weight.grad is None
    assert torch.equal(model[4].weight.grad, torch.ones_like(model[4].weight))
    assert model[1].num_batches_tracked == 0


def test_what_no_gradient_reaches_is_left_out(batch):
    class Cut(nn.Module):
        def __init__(self):
            super().__init__()
            self.before = nn.Linear(64, 64)
            self.after = nn.Linear(64, 4)

        def forward(self, images):
            return self.after(self.before(images.flatten(1)).detach())

    assert list(gradient_norms(Cut(), [batch])) == ["after"]
