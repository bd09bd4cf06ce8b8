"""Report6's network, against the structure that Report6 prints and a plain forward pass."""

import jaxtyping
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.nn import functional

from cutaway.errors import InputError
from cutaway.networks import CNN
from cutaway.networks.cnn import SMALLEST_IMAGE, pooled_side, smallest_side

SHAPES = {
    "block1.0.weight": (64, 3, 5, 5),
    "block1.0.bias": (64,),
    "block1.1.weight": (64,),
    "block1.1.bias": (64,),
    "block1.1.running_mean": (64,),
    "block1.1.running_var": (64,),
    "block1.1.num_batches_tracked": (),
    "block2.0.weight": (32, 64, 5, 5),
    "block2.0.bias": (32,),
    "block2.1.weight": (32,),
    "block2.1.bias": (32,),
    "block2.1.running_mean": (32,),
    "block2.1.running_var": (32,),
    "block2.1.num_batches_tracked": (),
    "fc_layers.0.weight": (64, 800),
    "fc_layers.0.bias": (64,),
    "fc_layers.3.weight": (32, 64),
    "fc_layers.3.bias": (32,),
    "fc_layers.6.weight": (10, 32),
    "fc_layers.6.bias": (10,),
}


def plain_forward(weights, images):
    """The same network as plain functions of its weights, in float64, in eval mode."""
    w = {name: value.double() for name, value in weights.items()}
    x = images.double()
    for block in ("block1", "block2"):
        x = functional.conv2d(x, w[f"{block}.0.weight"], w[f"{block}.0.bias"])
        mean, var = w[f"{block}.1.running_mean"], w[f"{block}.1.running_var"]
        x = (x - mean[:, None, None]) / (var[:, None, None] + 1e-5).sqrt()
        x = x * w[f"{block}.1.weight"][:, None, None] + w[f"{block}.1.bias"][:, None, None]
        x = functional.max_pool2d(x.clamp(min=0), 2)
    x = x.flatten(1)
    for layer in (0, 3):
        x = (x @ w[f"fc_layers.{layer}.weight"].T + w[f"fc_layers.{layer}.bias"]).clamp(min=0)
    return x @ w["fc_layers.6.weight"].T + w["fc_layers.6.bias"]


def test_names_and_shapes_are_those_of_report6():
    assert {name: tuple(v.shape) for name, v in CNN().state_dict().items()} == SHAPES


def test_printed_structure_is_report6s():
    printed = str(CNN())
    for line in (
        "(0): Conv2d(3, 64, kernel_size=(5, 5), stride=(1, 1))",
        "(1): BatchNorm2d(64, eps=1e-05, momentum=0.1, affine=True,",
        "(3): MaxPool2d(kernel_size=2, stride=2, padding=0, dilation=1, ceil_mode=False)",
        "(0): Conv2d(64, 32, kernel_size=(5, 5), stride=(1, 1))",
        "(0): Linear(in_features=800, out_features=64, bias=True)",
        "(2): Dropout(p=0.2, inplace=False)",
        "(6): Linear(in_features=32, out_features=10, bias=True)",
    ):
        assert line in printed


def test_forward_equals_plain_twin(trained_cnn):
    model = trained_cnn(in_channels=1, classes=7, image_size=20)
    images = torch.randn(3, 1, 20, 20)
    with torch.no_grad():
        expected = plain_forward(model.state_dict(), images)
        assert torch.allclose(model(images).double(), expected, atol=1e-4, rtol=1e-4)


@settings(max_examples=20, deadline=None)
@given(
    height=st.integers(16, 40),
    width=st.integers(16, 40),
    channels=st.integers(1, 4),
    classes=st.integers(1, 12),
)
def test_any_size_gives_logits(height, width, channels, classes):
    model = CNN(channels, classes, (height, width)).eval()
    assert model(torch.zeros(2, channels, height, width)).shape == (2, classes)


@given(st.integers(1, 200))
def test_smallest_side_is_the_smallest(pooled):
    side = smallest_side(pooled)
    assert pooled_side(side) == pooled > pooled_side(side - 1)


def test_smallest_image_is_smallest_side_of_one_pixel():
    assert smallest_side(1) == SMALLEST_IMAGE


def test_sizes_that_pool_alike_are_taken():
    assert CNN(image_size=32).eval()(torch.zeros(1, 3, 35, 33)).shape == (1, 10)


def test_too_small_image_names_a_size_that_works():
    with pytest.raises(InputError, match="image_size=8 is too small: .* 16 pixels a side; resize"):
        CNN(image_size=8)


@pytest.mark.parametrize("options", [{"classes": 0}, {"in_channels": 0}])
def test_numbers_below_one_are_refused(options):
    with pytest.raises(InputError, match="=0 is too few; expected 1 or more"):
        CNN(**options)


def test_images_that_do_not_fit_say_what_would():
    expected = (
        r"images of shape \(1, 28, 28\) do not fit this CNN, which was built for \(3, 32, 32\)"
    )
    with pytest.raises(InputError, match=expected):
        CNN()(torch.zeros(1, 1, 28, 28))


def test_network_can_be_traced(monkeypatch):
    # A tracer's proxies are no tensors, which the type checks of the test run would refuse.
    monkeypatch.setattr(jaxtyping.config, "jaxtyping_disable", True)
    graph = torch.fx.symbolic_trace(CNN().eval())
    assert graph(torch.zeros(1, 3, 32, 32)).shape == (1, 10)
