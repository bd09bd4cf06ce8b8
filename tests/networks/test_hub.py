"""Published weights by the hub's own library, from a hub on this machine."""

import json
import os
import subprocess
import sys

import pytest
import safetensors.torch
import torch

from cutaway.errors import InputError
from cutaway.networks import ResNet, initial_network, model_fingerprint
from cutaway.networks.hub import PUBLISHED, published_weights
from cutaway.networks.resnet import DEPTHS
from tests.data.hub_server import hub

SCRIPT = """
import json, sys
import numpy as np
from cutaway.errors import InputError
from cutaway.networks import initial_network, model_fingerprint, transform_of

def run(name, trained):
    try:
        if trained:
            from cutaway.training import train

            images = np.random.default_rng(0).integers(0, 256, (40, 16, 16, 3), dtype=np.uint8)
            options = {"epochs": 1, "device": "cpu", "freeze": "backbone"}
            model = train((images, np.arange(40) % 2), name, pretrained="hub", **options).model
        else:
            model = initial_network(name, "hub")
        transform = transform_of(model)
        return [model_fingerprint(model), list(transform.size), transform.origin, model.classes]
    except InputError as error:
        return str(error)

print(json.dumps([run(*asked) for asked in json.loads(sys.argv[1])]))
"""


def narrow(name):
    """As published, but narrow: a few thousand numbers."""
    torch.manual_seed(0)
    network = ResNet(name, width=2, classes=7)
    network.bn1.running_mean += 1
    return network


@pytest.fixture
def published(tmp_path):
    """The folder of a hub with two models, one of them damaged, and its address."""
    root = tmp_path / "hub"
    for name in ("resnet18", "resnet34"):
        folder = root / PUBLISHED[name]
        folder.mkdir(parents=True)
        safetensors.torch.save_file(narrow(name).state_dict(), folder / "model.safetensors")
        stated = {"input_size": [3, 24, 20], "mean": [0.5] * 3, "std": [0.2] * 3}
        (folder / "config.json").write_text(json.dumps({"pretrained_cfg": stated}))
    damaged = root / PUBLISHED["resnet34"] / "model.safetensors"
    damaged.write_bytes(damaged.read_bytes()[:-100])
    with hub(root) as address:
        yield address


def ask(address, home, *asked, **variables):
    command = [sys.executable, "-c", SCRIPT, json.dumps(asked)]
    given = {"HF_ENDPOINT": address, "HF_HOME": str(home), "HF_HUB_DISABLE_XET": "1"} | variables
    environment = {k: v for k, v in os.environ.items() if not k.startswith("HF_")} | given
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1]), done.stderr


def test_weights_come_with_their_input_and_stay_in_the_cache(published, tmp_path):
    asked = (("resnet18", False), ("resnet18", True), ("resnet34", False), ("resnet50", False))
    (plain, tuned, damaged, missing), said = ask(published, tmp_path / "home", *asked)
    fingerprint, *known = plain
    assert fingerprint == model_fingerprint(narrow("resnet18"))
    assert known == [[24, 20], "model", 7]
    assert tuned[1:] == [[24, 20], "model", 7]
    assert tuned[0] != fingerprint
    assert (
        "enlarged from 16x16 to 20x24, which the weights expect: each costs about 2 times" in said
    )
    assert "fc, a Linear from 16 features to 7 classes, by one to 2" in said
    assert "model.safetensors' is cut off or damaged" in damaged
    assert missing.startswith(
        "the weights of 'resnet50' cannot be had from 'timm/resnet50.tv_in1k'"
    )

    offline = {"HF_HUB_OFFLINE": "1"}
    (again,), _ = ask("http://127.0.0.1:1", tmp_path / "home", asked[0], **offline)
    assert again == plain


@pytest.mark.parametrize("variables", [{"HF_HUB_OFFLINE": "1"}, {}])
def test_offline_and_without_a_cache_the_error_says_what_to_do(tmp_path, variables):
    address = "http://127.0.0.1:1"
    (error,), _ = ask(address, tmp_path / "home", ("resnet18", False), **variables)
    assert error.startswith("the weights of 'resnet18' cannot be had from 'timm/resnet18.tv_in1k'")
    assert "check the network, or download model.safetensors elsewhere and give the file" in error
    assert "\n" not in error


def test_every_depth_has_published_weights():
    assert list(PUBLISHED) == list(DEPTHS)


@pytest.mark.parametrize("network", [None, "package:network", lambda: None])
def test_what_the_hub_has_no_weights_for(network):
    with pytest.raises(InputError, match="pretrained='hub' with network=.*expected one of"):
        initial_network(network, "hub")


def test_an_unknown_name():
    with pytest.raises(InputError, match="no published weights are known for 'resnet20'; expected"):
        published_weights("resnet20")
