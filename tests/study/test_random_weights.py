"""A Study says where the weights of its network are random, wholly or in part."""

import numpy as np
import pytest
import torch

from cutaway.networks import ResNet, initial_network, load_model
from cutaway.study import build_study
from cutaway.training import train


@pytest.fixture
def networks(tmp_path):
    """A trained narrow ResNet, its file, and one with a block less."""
    torch.manual_seed(0)
    network = ResNet("resnet18", in_channels=1, classes=10, width=2, stem="small")
    network.train()(torch.randn(16, 1, 8, 8))
    state = network.state_dict()
    torch.save(state, tmp_path / "whole.pth")
    part = {name: value for name, value in state.items() if not name.startswith("layer1.1.")}
    torch.save(part, tmp_path / "part.pth")
    return tmp_path


def findings(model, digits, path):
    maps = {"pca": "pixels"}
    study = build_study(model, digits, path, layers=["bn1", "layer1.1.bn1", "fc"], maps=maps)
    return [found for found in study.findings if found.kind == "random weights"]


def narrow():
    return ResNet("resnet18", in_channels=1, classes=10, width=2, stem="small")


def test_a_bare_network(networks, digits):
    (found,) = findings(narrow(), digits, networks / "a.study")
    assert (found.severity, found.title) == ("problem", "The network's weights are random")


def test_a_whole_one(networks, digits):
    assert findings(load_model(networks / "whole.pth"), digits, networks / "a.study") == []


def test_a_file_that_fits_in_part(networks, digits):
    network = initial_network(narrow, networks / "part.pth")
    (found,) = findings(network, digits, networks / "a.study")
    assert found.severity == "problem"
    assert found.title == "10 entries of the network's state are random"
    assert "layer1.1.conv1.weight (2, 2, 3, 3)" in found.text


def test_a_file_that_was_fitted_by_other_means(networks, digits):
    network = narrow()
    network.load_state_dict(torch.load(networks / "part.pth", weights_only=True), strict=False)
    (found,) = findings(network, digits, networks / "a.study")
    assert (found.severity, found.layer) == ("warning", "layer1.1.bn1")
    assert found.title == "2 BatchNorm layers never saw a batch"


@pytest.mark.parametrize(("unfreeze_at", "random"), [(None, 10), (2, 0)])
def test_what_stays_frozen_is_remembered_by_the_checkpoint(networks, digits, unfreeze_at, random):
    images = np.asarray(digits.pixels), digits.labels
    run = train(
        images,
        narrow,
        pretrained=networks / "part.pth",
        freeze="backbone",
        unfreeze_at=unfreeze_at,
        epochs=2,
        device="cpu",
        output=networks / "run",
    )
    found = findings(str(networks / "run" / "last.ckpt"), digits, networks / "a.study")
    assert [entry.title for entry in found] == (
        [f"{random} entries of the network's state are random"] if random else []
    )
    assert run.checkpoint is not None
