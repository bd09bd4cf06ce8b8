"""What a user meets at the shell: the network's own lines, one clear message, an exit code."""

import json
import shutil

import pytest

from cutaway.cli import main
from cutaway.study import open_study

NETWORKS = """
import torch
from torch import nn


def linear():
    torch.manual_seed(0)
    return nn.Sequential(nn.Flatten(), nn.Linear(64, 12), nn.ReLU(), nn.Linear(12, 10))


class Raising(nn.Module):
    def __init__(self, first):
        super().__init__()
        self.network, self.passes, self.first = linear(), 0, first

    def forward(self, images):
        self.passes += 1
        if self.passes >= self.first:
            self.give_up()
        return self.network(images)

    def give_up(self):
        raise KeyError("told to")


def raising_at_once():
    return Raising(1)


def raising_later():
    return Raising(3)


def raising_when_made():
    raise RuntimeError("no such weights")


class Words(nn.Module):
    def forward(self, images):
        return "words"


class Speaking(nn.Module):
    def __init__(self):
        super().__init__()
        self.words, self.last = Words(), linear()

    def forward(self, images):
        self.words(images)
        return self.last(images)


class Logarithm(nn.Module):
    def forward(self, images):
        return torch.log(images - 100)


def not_a_number():
    network = linear()
    network[2] = Logarithm()
    return network


def larger():
    return nn.Sequential(nn.Flatten(), nn.Linear(784, 10))
"""


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    folder = tmp_path_factory.mktemp("commands")
    (folder / "networks_of_a_user.py").write_text(NETWORKS)
    return folder


@pytest.fixture
def cutaway(place, monkeypatch, capfd):
    """Runs a command as the shell does; gives its exit code, output and errors."""

    def run(*words):
        monkeypatch.chdir(place)
        monkeypatch.setattr("sys.argv", ["cutaway", *map(str, words)])
        with pytest.raises(SystemExit) as ended:
            main()
        return ended.value.code, *capfd.readouterr()

    return run


def study(cutaway, network, *options):
    words = ("study", f"networks_of_a_user:{network}", "digits", "--limit", 40)
    return cutaway(*words, "--map", "pca=pixels", "-o", f"{network}.study", *options)


@pytest.mark.parametrize(
    ("network", "last", "message"),
    [
        ("raising_at_once", "give_up", "model Raising cannot take images of shape (1, 8, 8): Key"),
        ("raising_later", "give_up", "KeyError in "),
        ("raising_when_made", "raising_when_made", "RuntimeError in "),
    ],
)
def test_a_network_that_raises_is_told_by_its_own_lines(cutaway, place, network, last, message):
    code, out, told = study(cutaway, network)
    assert (code, out) == (2, "")
    lines = told.splitlines()
    files = [line for line in lines if line.startswith('  File "')]
    assert files
    assert all("networks_of_a_user.py" in line for line in files)
    assert files[-1].endswith(f"in {last}")
    assert lines[-1].startswith(f"cutaway: {message}")
    assert "Traceback" not in told
    assert not (place / f"{network}.study").exists()


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("linear", "--device", "mps"), "device='mps' is not on this machine"),
        (("larger",), "cannot take images of shape (1, 8, 8)"),
        (("linear", "--layers", "conv*"), "matches no layer of Sequential"),
    ],
)
def test_what_does_not_fit_is_one_message_before_the_pass(cutaway, place, words, message):
    code, out, told = study(cutaway, *words)
    assert (code, out) == (2, "")
    assert told.splitlines()[-1].startswith("cutaway: ")
    assert message in told.splitlines()[-1]
    assert "Capturing" not in told
    assert "File" not in told
    assert [path.name for path in place.glob("*.study")] == []


def test_the_size_that_a_network_takes_can_be_said(cutaway, place):
    _, _, told = study(cutaway, "larger")
    assert told.rstrip().endswith("or at the shell --size")
    assert study(cutaway, "larger", "--size", 28)[0] == 0
    assert open_study(place / "larger.study").record["transform"]["size"] == [28, 28]
    shutil.rmtree(place / "larger.study")


def test_a_layer_whose_output_is_no_tensor_is_left_out_aloud(cutaway, place):
    code, _, told = study(cutaway, "Speaking")
    assert code == 0
    assert "Layer 'words' is left out: it returns no tensor." in told
    assert "words" not in open_study(place / "Speaking.study").layers["layer"].tolist()
    shutil.rmtree(place / "Speaking.study")


def test_values_that_are_no_numbers_are_a_finding_also_of_a_deep_study(cutaway, place):
    code, out, told = study(cutaway, "not_a_number", "--deep")
    assert code == 0
    assert "Layer '2' of Sequential is the first to give NaN" in told
    assert out.splitlines()[1] == "- Layer 2 puts out values that are not finite"
    assert "no image can be sought for units of '3'" in told
    built = open_study(place / "not_a_number.study")
    assert built.findings[0].layer == "2"
    assert "unit_images" in built.record
    shutil.rmtree(built.folder)


@pytest.fixture(scope="module")
def deep(place):
    """A deep Study of a network without places, which Grad-CAM cannot explain."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(place)
        words = "study networks_of_a_user:linear digits --limit 40 --map pca=pixels --deep -o deep"
        patch.setattr("sys.argv", ["cutaway", *words.split()])
        with pytest.raises(SystemExit):
            main()
    yield place / "deep"
    shutil.rmtree(place / "deep")


def test_an_attribution_that_is_not_supported_is_said_and_the_others_are_drawn(
    cutaway, deep, tmp_path
):
    (finding,) = [found for found in open_study(deep).findings if found.kind == "left out"]
    assert finding.text.startswith("Grad-CAM needs a layer that keeps places")
    assert cutaway("figure", deep, "attribution", "-o", tmp_path / "others.png")[0] == 0
    code, _, told = cutaway("figure", deep, "attribution", "--layer", "conv")
    assert code == 2
    assert told.startswith("cutaway: layer='conv'")


@pytest.mark.parametrize("command", ["report", "figure", "explore", "compare"])
def test_a_study_of_a_newer_version_is_refused_by_every_command(cutaway, deep, tmp_path, command):
    newer = tmp_path / "newer"
    newer.mkdir()
    (newer / "study.json").write_text(json.dumps({**open_study(deep).record, "schema": 99}))
    code, out, told = cutaway(command, newer, *([deep] if command == "compare" else []))
    assert (code, out) == (2, "")
    assert told.startswith(f"cutaway: study {str(newer)!r} has schema version 99")
    assert told.count("\n") == 1
