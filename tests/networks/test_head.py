"""Finding and replacing the layer that names the classes."""

import pytest
import torch
from torch import nn

from cutaway.errors import InputError
from cutaway.networks import CNN, ResNet
from cutaway.networks.head import find_head, head_outputs, replace_head
from cutaway.networks.teacher import Teacher


class Attention(nn.Module):
    """Its head is neither last by definition nor the only Linear of so many outputs."""

    def __init__(self):
        super().__init__()
        self.norm = nn.BatchNorm1d(6)
        self.head = nn.Linear(6, 4, bias=False)
        self.project = nn.Linear(12, 6)
        self.auxiliary = nn.Linear(12, 4)

    def forward(self, images):
        return self.head(self.norm(self.project(images.flatten(1))))


class Convolutional(nn.Module):
    """The classifier is a convolution, as in SqueezeNet."""

    def __init__(self):
        super().__init__()
        self.features = nn.Conv2d(3, 8, 3)
        self.classifier = nn.Sequential(nn.Dropout(), nn.Conv2d(8, 7, 1), nn.ReLU())

    def forward(self, images):
        return self.classifier(self.features(images)).mean(dim=(2, 3))


@pytest.mark.parametrize(
    ("network", "images", "name"),
    [
        (ResNet(width=2), torch.zeros(2, 3, 32, 32), "fc"),
        (CNN(1, 5, 16), torch.zeros(2, 1, 16, 16), "fc_layers.6"),
        (Teacher(1, 5, width=2), torch.zeros(2, 1, 8, 8), "head"),
        (Attention(), torch.zeros(2, 3, 2, 2), "head"),
        (Convolutional(), torch.zeros(2, 3, 8, 8), "classifier.1"),
    ],
)
def test_the_head_is_replaced_and_all_else_stays(network, images, name):
    network.train()
    before = {key: value.clone() for key, value in network.state_dict().items()}
    assert find_head(network, images) == name
    assert network.training
    assert f"{name}, a " in replace_head(network, name, 11)
    assert head_outputs(network, name) == 11
    assert network.eval()(images).shape == (2, 11)
    after = network.state_dict()
    assert set(after) == set(before)
    kept = [key for key in before if not key.startswith(f"{name}.")]
    assert all(torch.equal(before[key], after[key]) for key in kept)


def test_the_configuration_of_timm_comes_first():
    network = Attention()
    network.pretrained_cfg = {"classifier": "auxiliary"}
    assert find_head(network, torch.zeros(2, 3, 2, 2)) == "auxiliary"
    network.pretrained_cfg = {"classifier": ("head", "auxiliary")}
    assert find_head(network, torch.zeros(2, 3, 2, 2)) == "head"


def test_type_and_mode_are_those_of_the_old_head():
    network = nn.Sequential(nn.Flatten(), nn.Linear(4, 3, bias=False)).double().eval()
    replace_head(network, "1", 2)
    assert network[1].weight.dtype == torch.float64
    assert network[1].bias is None
    assert not network[1].training


@pytest.mark.parametrize(
    "network",
    [nn.Linear(4, 3), nn.Flatten(), nn.Sequential(nn.Linear(4, 3), nn.Unflatten(1, (3, 1)))],
)
def test_a_network_without_a_head(network):
    with pytest.raises(InputError, match="ends in no Linear and no 1x1 Conv2d"):
        find_head(network, torch.zeros(2, 4))
