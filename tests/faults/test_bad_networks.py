"""Networks, devices and data that a Study cannot be made of: said at once, and nothing is left."""

import json
import os
import traceback

import numpy as np
import pytest
import torch
from torch import nn

from cutaway.data import InputTransform, load_data
from cutaway.errors import InputError
from cutaway.study import build_study, open_study
from tests.study.conftest import small_network

MAPS = {"pca": "pixels"}


@pytest.fixture(scope="module")
def digits():
    return load_data("digits").select(np.arange(60))


class Counting(nn.Module):
    """Counts its passes, and raises from one of them on."""

    def __init__(self, broken_from=None):
        super().__init__()
        self.network, self.passes, self.broken_from = small_network(), 0, broken_from

    def forward(self, images):
        self.passes += 1
        if self.broken_from is not None and self.passes >= self.broken_from:
            raise KeyError("told to")
        return self.network(images)


def hooks(network):
    return [
        name
        for name, module in network.named_modules()
        if module._forward_hooks or module._forward_pre_hooks or module._backward_hooks
    ]


def test_a_network_that_raises_at_once_is_named_with_its_own_line(digits, tmp_path):
    network = Counting(broken_from=1)
    with pytest.raises(
        InputError, match=r"Counting cannot take .* KeyError in .*, line \d+"
    ) as told:
        build_study(network, digits, tmp_path / "study")
    cause = told.value.__cause__
    assert isinstance(cause, KeyError)
    assert 'raise KeyError("told to")' in "".join(traceback.format_exception(cause))
    assert hooks(network) == []
    assert os.listdir(tmp_path) == []


def test_a_network_that_raises_later_raises_its_own_error(digits, tmp_path):
    network = Counting(broken_from=3)
    with pytest.raises(KeyError, match="told to") as told:
        build_study(network, digits, tmp_path / "study", maps=MAPS)
    assert told.traceback[-1].path == told.traceback[-1].path.__class__(__file__)
    assert hooks(network) == []
    assert not (tmp_path / "study").exists()
    network.broken_from = None
    assert len(build_study(network, digits, tmp_path / "study", maps=MAPS).samples) == 60


class Structured(nn.Module):
    """Layers that return a tuple, a dictionary and nothing on their way to a tensor."""

    def __init__(self):
        super().__init__()
        self.flatten, self.recurrent = nn.Flatten(), nn.LSTM(8, 12, batch_first=True)
        self.named, self.silent, self.last = Named(), Silent(), nn.Linear(12, 10)

    def forward(self, images):
        sequence, _ = self.recurrent(self.flatten(images).unflatten(1, (8, 8)))
        self.silent(sequence)
        return self.last(self.named(sequence)["last"])


class Named(nn.Module):
    def forward(self, sequence):
        return {"last": sequence[:, -1], "length": sequence.shape[1]}


class Silent(nn.Module):
    def forward(self, _sequence):
        return None


def test_layers_whose_output_is_no_tensor(digits, tmp_path):
    study = build_study(Structured(), digits, tmp_path / "study", maps=MAPS)
    layers = study.layers["layer"].tolist()
    assert layers[0] == "pixels"
    assert layers[-1] == "last"
    assert any(layer.startswith("recurrent") for layer in layers)
    assert not any(layer.startswith("silent") for layer in layers)
    assert study.report(tmp_path / "report.html").is_file()


class Branching(nn.Module):
    """A layer that runs for large batches only, as the pass sees them and a few samples do not."""

    def __init__(self):
        super().__init__()
        self.flatten, self.first = nn.Flatten(), nn.Linear(64, 12)
        self.sometimes, self.last = nn.Linear(12, 12), nn.Linear(12, 10)

    def forward(self, images):
        values = self.first(self.flatten(images))
        return self.last(self.sometimes(values) if len(values) > 20 else values)


def test_a_layer_that_runs_for_some_batches_only(digits, tmp_path):
    study = build_study(Branching(), digits, tmp_path / "study", maps={"pca": "*"})
    assert study.layers["layer"].tolist()[1:] == ["flatten", "first", "sometimes", "last"]
    sample = study.kept[0]
    assert np.isnan(study.activations("sometimes", sample)).all()
    assert np.isfinite(study.activations("first", sample)).all()
    assert study.report(tmp_path / "report.html").is_file()


class Pair(nn.Module):
    def forward(self, images):
        return images.flatten(1), None


@pytest.mark.parametrize(
    ("network", "message"),
    [
        (Pair(), "returns tuple; expected a tensor of shape .samples, classes."),
        (nn.Conv2d(1, 2, 3), r"returns \(2, 2, 6, 6\); expected a tensor of shape"),
    ],
)
def test_a_network_that_is_no_classifier(network, message, digits, tmp_path):
    with pytest.raises(InputError, match=message):
        build_study(network, digits, tmp_path / "study")


def test_a_network_without_values(digits, tmp_path):
    with torch.device("meta"):
        network = small_network()
    with pytest.raises(InputError, match="on the device 'meta'"):
        build_study(network, digits, tmp_path / "study")


def test_a_device_that_is_not_there(digits, tmp_path):
    absent = "mps" if torch.cuda.is_available() else "cuda"
    with pytest.raises(InputError, match="is not on this machine, which has .*; use device='auto'"):
        build_study(small_network(), digits, tmp_path / "study", device=absent)
    assert os.listdir(tmp_path) == []


def test_another_shape_is_said_before_the_pass(digits, tmp_path):
    network = Counting()
    larger = InputTransform(size=12, mean=(0.5,), std=(0.5,), channels=1)
    with pytest.raises(InputError, match=r"images of shape \(1, 12, 12\).*size=\.\.\., channels"):
        build_study(network, digits, tmp_path / "study", transform=larger)
    assert network.passes == 1
    assert os.listdir(tmp_path) == []


def test_size_beside_a_transform_is_refused(digits, tmp_path):
    given = InputTransform(size=8, mean=(0.3,), std=(0.37,), channels=1)
    with pytest.raises(InputError, match="size=28 and transform=.*; expected one of them"):
        build_study(small_network(), digits, tmp_path / "study", transform=given, size=28)


def test_colour_for_a_network_of_grey_is_said_before_the_pass(digits, tmp_path):
    network = Counting()
    colour = np.repeat(digits.pixels, 3, axis=3)
    with pytest.raises(InputError, match="has 3 channels and the network takes 1"):
        build_study(network, colour, tmp_path / "study")
    assert network.passes == 0


def test_another_range_is_said_before_the_pass(digits, tmp_path, capfd):
    network = Counting(broken_from=2)
    given = InputTransform(size=8, mean=(0.3,), std=(0.37,), channels=1)
    with pytest.raises(KeyError):
        build_study(network, np.float32(digits.pixels), tmp_path / "study", transform=given)
    assert (
        "Is the data scaled as the network expects, floats from 0 to 1?" in capfd.readouterr().err
    )


def test_a_study_of_a_newer_version(digits, tmp_path):
    study = build_study(small_network(), digits, tmp_path / "study", maps=MAPS)
    record = study.folder / "study.json"
    record.write_text(json.dumps({**study.record, "schema": 2}))
    with pytest.raises(InputError, match="schema version 2, .* reads up to 1; install a newer Cut"):
        open_study(study.folder)
