"""Attributions against naive twins; what is not supported, or not installed, is named."""

import copy
import sys

import numpy as np
import pytest
import torch
from torch import nn

from cutaway.diagnosis.attribution import METHODS, attribute, spatial_layer
from cutaway.errors import InputError, MissingDependencyError


def network(seed=0):
    torch.manual_seed(seed)
    return nn.Sequential(
        nn.Conv2d(2, 4, 3),
        nn.ReLU(inplace=True),
        nn.Conv2d(4, 3, 3),
        nn.ReLU(inplace=True),
        nn.Flatten(),
        nn.Dropout(),
        nn.Linear(48, 5),
    )


@pytest.fixture
def images():
    return torch.randn(10, 2, 8, 8, generator=torch.Generator().manual_seed(0))


@pytest.fixture
def targets():
    return torch.arange(10) % 5


def score(model, image, target):
    return model(image[None])[0, target]


def test_grad_cam_weighs_each_map_by_its_mean_gradient(images, targets):
    model = network().eval()
    found = attribute(model, images, targets, "grad-cam")
    for image, target, map_ in zip(images, targets, found, strict=True):
        maps = model[:3](image[None]).detach().requires_grad_()
        (slope,) = torch.autograd.grad(model[3:](maps.clone())[0, target], maps)
        small = sum(
            slope[0, channel].mean() * maps[0, channel].detach() for channel in range(3)
        ).clamp_min(0)
        large = nn.functional.interpolate(small[None, None], (8, 8), mode="bilinear")
        torch.testing.assert_close(map_, large[0, 0], atol=1e-5, rtol=1e-4)


def test_integrated_gradients_add_up_to_the_score_that_the_image_gains(images, targets):
    model = network().eval()
    found = attribute(model, images, targets, "integrated-gradients")
    for image, target, map_ in zip(images, targets, found, strict=True):
        gained = score(model, image, target) - score(model, torch.zeros_like(image), target)
        assert float(map_.sum()) == pytest.approx(float(gained.detach()), abs=0.02)


def test_of_a_linear_network_integrated_gradients_are_weight_times_input(images, targets):
    model = nn.Sequential(nn.Flatten(), nn.Linear(128, 5))
    found = attribute(model, images, targets, "integrated-gradients")
    expected = (model[1].weight[targets].view(images.shape) * images).sum(dim=1)
    torch.testing.assert_close(found, expected.detach(), atol=1e-5, rtol=1e-4)


def test_occlusion_is_the_mean_loss_of_the_windows_over_a_pixel(images, targets):
    model = network().eval()
    found = attribute(model, images[:2], targets[:2], "occlusion")
    for image, target, map_ in zip(images, targets, found, strict=False):
        losses, counts = np.zeros((8, 8)), np.zeros((8, 8))
        for top in range(7):
            for left in range(7):
                window = np.s_[top : top + 2, left : left + 2]
                covered = image.clone()
                covered[:, top : top + 2, left : left + 2] = 0
                loss = score(model, image, target) - score(model, covered, target)
                losses[window] += float(loss.detach())
                counts[window] += 1
        np.testing.assert_allclose(map_, losses / counts, atol=1e-5)


@pytest.mark.parametrize("method", METHODS)
def test_the_network_is_left_as_it_was(images, targets, method):
    model = network().train()
    before = copy.deepcopy(model.state_dict())
    with torch.no_grad():
        attribute(model, images, targets, method)
    assert all(parameter.grad is None for parameter in model.parameters())
    assert all(module.training for module in model.modules())
    assert not any(module._forward_hooks for module in model.modules())
    torch.testing.assert_close(model.state_dict(), before, rtol=0, atol=0)


def test_the_layer_for_grad_cam_is_the_last_convolution_that_ran(images):
    assert spatial_layer(network(), images) == "2"
    pooled = nn.Sequential(nn.AvgPool2d(2), nn.ReLU(), nn.Flatten(), nn.Linear(32, 5))
    assert spatial_layer(pooled, images) == "1"

    class Unused(nn.Module):
        def __init__(self):
            super().__init__()
            self.inner, self.spare = network(), nn.Conv2d(2, 2, 3)

        def forward(self, images):
            return self.inner(images)

    assert spatial_layer(Unused(), images) == "inner.2"


def test_what_is_not_supported_is_named(images, targets):
    flat = nn.Sequential(nn.Flatten(), nn.Linear(128, 5))
    with pytest.raises(InputError, match=r"method='lime' is not supported; expected one of \('gr"):
        attribute(network(), images, targets, "lime")
    with pytest.raises(InputError, match="Sequential has none: .* Use integrated-gradients or"):
        attribute(flat, images, targets, "grad-cam")
    with pytest.raises(InputError, match="layer='conv' is not in the network; its layers are"):
        attribute(network(), images, targets, "grad-cam", "conv")
    with pytest.raises(InputError, match="layer='6' does not return"):
        attribute(network(), images, targets, "grad-cam", "6")


class Branching(nn.Module):
    def __init__(self):
        super().__init__()
        self.inner = network()

    def forward(self, images):
        return self.inner(images) if len(images) > 1 else images.sum().expand(1, 5)


def test_a_layer_that_does_not_run_for_every_image_is_named(images, targets):
    with pytest.raises(InputError, match="layer='inner.2', which does not run for some of the im"):
        attribute(Branching(), images[:9], targets[:9], "grad-cam", "inner.2")


class Detached(nn.Module):
    def __init__(self):
        super().__init__()
        self.inner = network()

    def forward(self, images):
        return self.inner(images.detach())


def test_a_network_without_gradients_is_named(images, targets):
    with pytest.raises(InputError, match="cannot be computed for Detached"):
        attribute(Detached(), images, targets, "integrated-gradients")
    assert attribute(Detached(), images, targets, "occlusion").abs().max() > 0


def test_without_captum_it_says_how_to_install_it(images, targets, monkeypatch):
    for name in [name for name in sys.modules if name.partition(".")[0] == "captum"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "captum", None)
    with pytest.raises(MissingDependencyError, match=r"pip install 'cutaway\[attribution\]'"):
        attribute(network(), images, targets, "occlusion")
