"""How units vary together: the naive table, batches, layers that are left out."""

import numpy as np
import pytest
import torch
from torch import nn

from cutaway.activations import capture
from cutaway.activations.covariance import unit_covariances


def network():
    torch.manual_seed(0)
    return nn.Sequential(
        nn.Conv2d(1, 5, 3), nn.BatchNorm2d(5), nn.ReLU(), nn.Flatten(), nn.Linear(180, 7)
    )


def test_covariances_are_those_of_every_position_and_sample():
    model, images = network().eval(), torch.randn(9, 1, 8, 8)
    with torch.no_grad(), capture(model) as activations:
        model(images)
    found = unit_covariances(model, images.split(4))
    for address, axis in {"0": 1, "2": 1, "4": 1}.items():
        rows = activations[address].movedim(axis, -1).flatten(0, -2).double().numpy()
        assert found[address].observations == len(rows)
        np.testing.assert_allclose(
            found[address].covariance, np.cov(rows, rowvar=False, bias=True), atol=1e-5
        )


def test_how_samples_are_grouped_hardly_matters():
    model, images = network(), torch.randn(9, 1, 8, 8)
    one, other = (unit_covariances(model, images.split(size)) for size in (9, 2))
    for address in one:
        np.testing.assert_allclose(one[address].covariance, other[address].covariance, atol=1e-4)


def test_large_maps_are_looked_at_here_and_there():
    found = unit_covariances(nn.Sequential(nn.Identity()), [torch.randn(2, 3, 140, 70)])
    assert found["0"].observations < 2 * 300


def test_tokens_count_features_as_units():
    found = unit_covariances(nn.Sequential(nn.Linear(4, 6)), [torch.randn(5, 11, 4)])
    assert found["0"].covariance.shape == (6, 6)
    assert found["0"].observations == 55


def test_very_wide_layers_are_left_out():
    model = nn.Sequential(nn.Flatten(), nn.Linear(3000, 2))
    assert list(unit_covariances(model, [torch.randn(4, 3, 1000)])) == ["1"]


def test_the_network_is_as_it_was():
    model = network().train()
    before = {name: value.clone() for name, value in model.state_dict().items()}
    unit_covariances(model, [torch.randn(4, 1, 8, 8)])
    assert model.training
    for name, value in model.state_dict().items():
        assert torch.equal(value, before[name])


def test_a_layer_whose_width_varies_has_no_covariance():
    class Odd(nn.Module):
        def __init__(self):
            super().__init__()
            self.pick = nn.Identity()

        def forward(self, images):
            return self.pick(images[:, : len(images)])

    assert unit_covariances(Odd(), [torch.randn(3, 6), torch.randn(2, 6)]) == {}


@pytest.mark.parametrize("values", [torch.zeros(4, 6, dtype=torch.int64), torch.zeros(4, 0)])
def test_what_holds_no_real_numbers_is_left_out(values):
    assert unit_covariances(nn.Sequential(nn.Identity()), [values]) == {}
