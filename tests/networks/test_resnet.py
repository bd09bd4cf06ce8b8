"""ResNets with torchvision's names."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn
from torch.nn import functional

from cutaway.errors import InputError
from cutaway.networks import ResNet
from cutaway.networks.resnet import DEPTHS, Depth, depth_name, resnet_arguments
from tests.networks.torchvision_names import state_shapes

# Parameters as torchvision's documentation states them for its weights.
PUBLISHED = {
    "resnet18": (2, 11_689_512),
    "resnet34": (2, 21_797_672),
    "resnet50": (3, 25_557_032),
    "resnet101": (3, 44_549_160),
    "resnet152": (3, 60_192_808),
}


@pytest.mark.parametrize("name", PUBLISHED)
def test_names_shapes_and_size_are_torchvisions(name):
    convolutions, parameters = PUBLISHED[name]
    with torch.device("meta"):
        network = ResNet(name)
    shapes = {key: tuple(value.shape) for key, value in network.state_dict().items()}
    assert shapes == state_shapes(convolutions, DEPTHS[name].blocks)
    assert sum(value.numel() for value in network.parameters()) == parameters


def naive_forward(state, images, blocks, convolutions):
    """ResNet in eval mode written out in functions of its state."""

    def normed(maps, name):
        mean, var = state[f"{name}.running_mean"], state[f"{name}.running_var"]
        weight, bias = state[f"{name}.weight"], state[f"{name}.bias"]
        return functional.batch_norm(maps, mean, var, weight, bias)

    def convolved(maps, name, stride=1):
        weight = state[f"{name}.weight"]
        return functional.conv2d(maps, weight, stride=stride, padding=weight.shape[-1] // 2)

    maps = normed(convolved(images, "conv1", 2), "bn1").relu()
    maps = functional.max_pool2d(maps, 3, 2, 1)
    for stage, count in enumerate(blocks, 1):
        for number in range(count):
            name = f"layer{stage}.{number}"
            stride = 2 if stage > 1 and number == 0 else 1
            strided = 1 if convolutions == 2 else 2
            inner = maps
            for place in range(1, convolutions + 1):
                step = stride if place == strided else 1
                inner = normed(convolved(inner, f"{name}.conv{place}", step), f"{name}.bn{place}")
                inner = inner.relu() if place < convolutions else inner
            if f"{name}.downsample.0.weight" in state:
                maps = normed(
                    convolved(maps, f"{name}.downsample.0", stride), f"{name}.downsample.1"
                )
            maps = (inner + maps).relu()
    return functional.linear(maps.mean(dim=(2, 3)), state["fc.weight"], state["fc.bias"])


@pytest.mark.parametrize(("bottleneck", "convolutions"), [(False, 2), (True, 3)])
def test_it_computes_what_its_naive_twin_does(bottleneck, convolutions):
    torch.manual_seed(0)
    network = ResNet(Depth(bottleneck, (1, 2, 1, 2)), width=4, classes=5)
    images = torch.randn(3, 3, 40, 36)
    network.train()(images)
    network.eval()
    naive = naive_forward(network.state_dict(), images, (1, 2, 1, 2), convolutions)
    torch.testing.assert_close(network(images), naive)


def test_the_small_stem_keeps_the_pixels():
    network = ResNet("resnet18", width=4, stem="small", classes=3)
    seen = {}
    network.layer1.register_forward_pre_hook(lambda _, given: seen.update(before=given[0].shape))
    network.layer4.register_forward_hook(lambda _, __, out: seen.update(after=out.shape))
    assert network(torch.zeros(2, 3, 32, 32)).shape == (2, 3)
    assert seen["before"][2:] == (32, 32)
    assert seen["after"][2:] == (4, 4)
    assert isinstance(network.maxpool, nn.Identity)


@given(
    bottleneck=st.booleans(),
    blocks=st.tuples(*[st.integers(1, 3)] * 4),
    width=st.integers(1, 6),
    classes=st.integers(1, 12),
    channels=st.sampled_from([1, 3]),
    stem=st.sampled_from(["imagenet", "small"]),
)
@settings(max_examples=25, deadline=None)
def test_any_resnet_is_known_by_its_shapes(bottleneck, blocks, width, classes, channels, stem):
    arguments = {
        "depth": Depth(bottleneck, blocks),
        "in_channels": channels,
        "classes": classes,
        "width": width,
        "stem": stem,
    }
    with torch.device("meta"):
        state = ResNet(**arguments).state_dict()
    assert resnet_arguments(state) == arguments


@pytest.mark.parametrize("gone", ["conv1.weight", "layer2.0.conv1.weight", "layer4.1.conv1.weight"])
def test_what_is_no_resnet_is_not_known(gone):
    state = ResNet(width=2).state_dict()
    del state[gone]
    # Of a stage with one block less the shapes still are a network's.
    expected = gone.startswith("layer4")
    assert (resnet_arguments(state) is not None) == expected


def test_depths_have_names():
    assert [depth_name(depth) for depth in DEPTHS.values()] == list(DEPTHS)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"depth": "resnet20"}, "depth='resnet20' is unknown; expected a Depth or one of"),
        ({"stem": "tiny"}, r"stem='tiny' is unknown; expected one of \['imagenet', 'small'\]"),
        ({"classes": 0}, "classes=0 is too few"),
        ({"width": 0}, "width=0 is too few"),
        ({"in_channels": 0}, "in_channels=0 is too few"),
    ],
)
def test_wrong_arguments(arguments, message):
    with pytest.raises(InputError, match=message):
        ResNet(**arguments)
