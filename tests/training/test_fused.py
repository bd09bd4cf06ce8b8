"""The fused blocks against torch's own modules, run one by one."""

import copy

import numba
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from cutaway.networks import CNN
from cutaway.training.fused import fused_blocks, normalize_rectify_pool


def block(channels, seed=0):
    torch.manual_seed(seed)
    norm = nn.BatchNorm2d(channels)
    nn.init.normal_(norm.weight)
    nn.init.normal_(norm.bias)
    return nn.Sequential(nn.Conv2d(3, channels, 3), norm, nn.ReLU(), nn.MaxPool2d(2))


def naive(maps, norm, by_outputs):
    """The same in plain double precision, window by window; gradients by torch."""
    maps = maps.detach().double().requires_grad_()
    weight, bias = (p.detach().double().requires_grad_() for p in (norm.weight, norm.bias))
    mean = maps.mean(dim=(0, 2, 3), keepdim=True)
    variance = ((maps - mean) ** 2).mean(dim=(0, 2, 3), keepdim=True)
    normal = (maps - mean) / (variance + norm.eps).sqrt()
    positive = (normal * weight[:, None, None] + bias[:, None, None]).clamp(min=0)
    corners = [positive[:, :, row::2, column::2] for row in (0, 1) for column in (0, 1)]
    outputs = torch.stack(corners).amax(dim=0)
    (outputs * by_outputs.double()).sum().backward()
    return outputs, maps.grad, weight.grad, bias.grad, mean.flatten(), variance.flatten()


def without_ties(samples, channels, height, width):
    """Maps whose windows have four different values, exact in bfloat16: the choice is no matter."""
    ranks = torch.rand(samples, channels, height, width, 4).argsort(dim=-1)
    values = ranks + 4 * torch.randint(-20, 20, (samples, channels, height, width, 1))
    windows = values.reshape(samples, channels, height, width, 2, 2).transpose(3, 4) / 16 + 1
    maps = windows.reshape(samples, channels, 2 * height, 2 * width)
    return maps.contiguous(memory_format=torch.channels_last)


@settings(max_examples=25)
@given(
    samples=st.integers(1, 5),
    height=st.integers(1, 4),
    width=st.integers(1, 4),
    channels=st.integers(1, 19),
    low=st.booleans(),
    seed=st.integers(0, 1000),
)
def test_outputs_gradients_and_statistics_equal_the_naive_twin(
    samples, height, width, channels, low, seed
):
    norm = block(channels, seed)[1]
    dtype = torch.bfloat16 if low else torch.float32
    maps = without_ties(samples, channels, height, width).to(dtype)
    by_outputs = torch.randn(samples, channels, height, width).to(dtype)
    expected = naive(maps, norm, by_outputs)
    inputs = maps.clone(memory_format=torch.preserve_format).requires_grad_()
    outputs = normalize_rectify_pool(inputs, norm)
    outputs.backward(by_outputs)
    found = (outputs, inputs.grad, norm.weight.grad, norm.bias.grad)
    tolerance = 0.02 if low else 1e-4
    for ours, twin in zip(found, expected, strict=False):
        scale = float(twin.detach().abs().max()) + 1e-3
        torch.testing.assert_close(ours.double(), twin, rtol=0, atol=tolerance * scale)
    assert outputs.dtype == inputs.grad.dtype == dtype
    count = samples * height * width * 4
    torch.testing.assert_close(norm.running_mean.double(), 0.1 * expected[4].detach())
    unbiased = expected[5].detach() * count / (count - 1)
    torch.testing.assert_close(norm.running_var.double(), 0.9 + 0.1 * unbiased)
    assert int(norm.num_batches_tracked) == 1


def test_values_far_from_zero_keep_their_variance():
    norm = nn.BatchNorm2d(2)
    maps = torch.randn(8, 2, 4, 4).add_(50)
    expected = naive(maps, norm, torch.zeros(8, 2, 2, 2))[0]
    outputs = normalize_rectify_pool(maps.requires_grad_(), norm)
    torch.testing.assert_close(outputs.double(), expected, rtol=1e-3, atol=1e-3)


def gradients(network, images):
    network.zero_grad()
    network(images).square().mean().backward()
    return [parameter.grad for parameter in network.parameters()]


def test_a_network_trains_as_without():
    torch.manual_seed(0)
    plain = CNN(1, 3, 16).to(memory_format=torch.channels_last)
    for part in plain.fc_layers:
        if isinstance(part, nn.Dropout):
            part.p = 0.0
    fused = copy.deepcopy(plain)
    images = torch.randn(16, 1, 16, 16)
    with fused_blocks(fused) as blocks:
        assert blocks == 2
        pairs = zip(gradients(plain, images), gradients(fused, images), strict=True)
        for expected, found in pairs:
            torch.testing.assert_close(found, expected, rtol=1e-3, atol=1e-5)
    for expected, found in zip(plain.buffers(), fused.buffers(), strict=True):
        torch.testing.assert_close(found, expected)


def test_afterwards_the_network_is_as_before():
    network = CNN(1, 2, 16)
    names = [name for name, _ in network.named_modules()]
    with fused_blocks(network):
        assert [name for name, _ in network.named_modules()] == names
        assert list(network.state_dict()) == list(CNN(1, 2, 16).state_dict())
    assert all("forward" not in vars(module) for module in network.modules())


def test_it_takes_as_many_threads_as_torch():
    before, of_torch = numba.get_num_threads(), torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        with fused_blocks(CNN(1, 2, 16)):
            assert numba.get_num_threads() == 1
    finally:
        torch.set_num_threads(of_torch)
    assert numba.get_num_threads() == before


def test_odd_maps_and_eval_mode_go_through_the_modules():
    plain = block(4)
    fused = copy.deepcopy(plain)
    with fused_blocks(fused):
        odd = torch.randn(2, 3, 9, 10)
        assert torch.equal(fused(odd), plain(odd))
        even = torch.randn(2, 3, 10, 10)
        assert torch.equal(fused.eval()(even), plain.eval()(even))


@pytest.mark.parametrize(
    "change",
    [
        lambda parts: parts[1].register_forward_hook(lambda *_: None),
        lambda parts: setattr(parts[3], "kernel_size", 3),
        lambda parts: setattr(parts[3], "padding", 1),
        lambda parts: parts.append(nn.ReLU()),
        lambda parts: parts.__setitem__(1, nn.BatchNorm2d(4, affine=False)),
        lambda parts: parts.__setitem__(2, nn.GELU()),
    ],
)
def test_other_blocks_are_left_alone(change):
    parts = block(4)
    change(parts)
    with fused_blocks(parts) as blocks:
        assert blocks == 0
