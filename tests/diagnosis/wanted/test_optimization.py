"""Images by optimization find what units with a known wish want, and change nothing."""

import copy

import numpy as np
import pytest
import torch
from torch import nn

from cutaway.diagnosis import unit_images
from cutaway.diagnosis.attacks import PixelRange
from cutaway.errors import InputError

PIXELS = PixelRange((-2.0,), (2.0,))


def template_network():
    """Two neurons, one that wants a bright upper half, one that wants a bright left half."""
    model = nn.Sequential(nn.Flatten(), nn.Linear(64, 2), nn.ReLU())
    upper, left = -torch.ones(8, 8), -torch.ones(8, 8)
    upper[:4], left[:, :4] = 1, 1
    model[1].weight.data = torch.stack([upper.flatten(), left.flatten()]) / 64
    model[1].bias.data.zero_()
    return model


def test_units_get_what_they_want():
    model = template_network()
    found = unit_images(model, "1", [1, 0], PIXELS, (8, 8), steps=60)
    images = found.images[..., 0]
    assert images[0][:, :4].mean() > images[0][:, 4:].mean() + 0.4
    assert images[1][:4].mean() > images[1][4:].mean() + 0.4
    inputs = torch.from_numpy(images)[:, None] * 4 - 2
    expected = model[:2](inputs)[[0, 1], [1, 0]]
    np.testing.assert_allclose(found.reached, expected.detach(), atol=1e-5)


def test_a_channel_gets_the_edges_that_its_filter_looks_for():
    model = nn.Sequential(nn.Conv2d(1, 2, 3, padding=1, bias=False), nn.ReLU())
    model[0].weight.data[:] = torch.tensor([[-1.0, 0, 1]] * 3)
    model[0].weight.data[1] = model[0].weight.data[1].transpose(1, 2).clone()
    found = unit_images(model, "0", [0, 1], PIXELS, (16, 16), steps=60).images[..., 0]
    across, down = (np.abs(np.diff(found, axis=axis)).mean(axis=(1, 2)) for axis in (2, 1))
    assert across[0] > 1.5 * down[0]
    assert down[1] > 1.5 * across[1]


def test_more_steps_reach_higher():
    torch.manual_seed(0)
    model = nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.ReLU(), nn.Conv2d(4, 3, 3))
    pixels = PixelRange((-2.0,) * 3, (2.0,) * 3)
    few, many = (
        unit_images(model, "3", [0, 1, 2], pixels, (12, 12), steps=steps).reached
        for steps in (1, 40)
    )
    assert (many > few).all()


def test_a_seed_gives_equal_images_and_the_network_is_left_as_it_was():
    model = nn.Sequential(nn.Conv2d(1, 4, 3), nn.BatchNorm2d(4), nn.Dropout(), nn.Flatten())
    model.train()
    before, generator = copy.deepcopy(model.state_dict()), torch.get_rng_state()
    with torch.no_grad():
        first, again, other = (
            unit_images(model, "0", [0, 2], PIXELS, (8, 8), steps=3, seed=seed).images
            for seed in (0, 0, 1)
        )
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, other)
    assert all(parameter.grad is None for parameter in model.parameters())
    assert all(module.training for module in model.modules())
    assert not any(module._forward_hooks for module in model.modules())
    torch.testing.assert_close(model.state_dict(), before, rtol=0, atol=0)
    torch.testing.assert_close(torch.get_rng_state(), generator, rtol=0, atol=0)


class Detached(nn.Module):
    def __init__(self):
        super().__init__()
        self.inner = nn.Conv2d(1, 2, 3)

    def forward(self, images):
        return self.inner(images.detach()).detach()


def test_bad_input_is_named():
    model = template_network()
    with pytest.raises(InputError, match=r"units=\[0, 2\] are not all in layer '1'; .* 0 to 1"):
        unit_images(model, "1", [0, 2], PIXELS, (8, 8), steps=1)
    with pytest.raises(InputError, match="steps=0, 1 units; expected 1 or more of each"):
        unit_images(model, "1", [0], PIXELS, (8, 8), steps=0)
    with pytest.raises(InputError, match='"7"'):
        unit_images(model, "7", [0], PIXELS, (8, 8), steps=1)
    with pytest.raises(InputError, match="no gradient of the layer's output reaches the image"):
        unit_images(Detached(), "inner", [0], PIXELS, (8, 8), steps=1)
