"""Networks of others on a user's classes: heads, sizes, and what is said of both."""

import os
import subprocess
import sys
import types

import numpy as np
import pytest
import safetensors.torch
import torch
from torch import nn

from cutaway.data import DataModule
from cutaway.errors import InputError
from cutaway.networks import CNN, ResNet, class_names_of, load_model, read_checkpoint, transform_of
from cutaway.training import train


class Theirs(nn.Module):
    """A user's module, whose head has a name of its own."""

    def __init__(self, classes=9):
        super().__init__()
        self.body = nn.Sequential(nn.Conv2d(3, 6, 3), nn.BatchNorm2d(6), nn.ReLU())
        self.answers = nn.Linear(6, classes)

    def forward(self, images):
        return self.answers(self.body(images).mean(dim=(2, 3)))


@pytest.fixture
def colours():
    """Red, green and blue images of 12x12 pixels."""
    rng = np.random.default_rng(0)
    labels = np.arange(90) % 3
    images = rng.integers(0, 100, (90, 12, 12, 3))
    images[np.arange(90), :, :, labels] += 120
    return images.astype(np.uint8), labels


@pytest.fixture
def run_in(tmp_path, monkeypatch, colours):
    monkeypatch.chdir(tmp_path)

    def run(*args, **options):
        return train(colours, *args, **{"epochs": 1, "device": "cpu", "batch_size": 32} | options)

    return run


@pytest.fixture
def acted_timm(monkeypatch):
    """A module with timm's functions that are used, whose network brings its configuration."""
    made = []

    def create_model(name, *, pretrained):
        made.append((name, pretrained))
        model = Theirs()
        nn.init.constant_(model.body[1].running_mean, 0.1)
        model.pretrained_cfg = {
            "input_size": (3, 20, 16),
            "mean": (0.4, 0.5, 0.6),
            "std": (0.2, 0.2, 0.3),
            "classifier": "answers",
        }
        return model

    timm = types.ModuleType("timm")
    timm.create_model = create_model
    timm.is_model = lambda name: name == "tiny"
    timm.list_models = lambda pattern="*": ["tiny"]
    monkeypatch.setitem(sys.modules, "timm", timm)
    return made


class TestHead:
    def test_of_timm(self, run_in, acted_timm, capsys):
        run = run_in("timm:tiny", output="out")
        assert acted_timm == [("tiny", True)]
        assert run.model.answers.out_features == 3
        transform = transform_of(run.model)
        assert (transform.size, transform.mean) == ((20, 16), (0.4, 0.5, 0.6))
        said = capsys.readouterr().err
        assert (
            "Replaced in Theirs: answers, a Linear from 6 features to 9 classes, by one to 3"
            in said
        )
        assert "enlarged from 12x12 to 16x20, which the weights expect" in said
        assert read_checkpoint("out/best.ckpt").hyper_parameters["network"]["name"] == "timm:tiny"

    def test_of_timm_with_a_file_nothing_is_downloaded(self, run_in, acted_timm, tmp_path):
        theirs = Theirs()
        theirs.body[1].running_var += 1
        torch.save(theirs.state_dict(), tmp_path / "theirs.pth")
        run = run_in("timm:tiny", pretrained="theirs.pth", freeze="backbone")
        assert acted_timm == [("tiny", False)]
        assert torch.equal(run.model.body[0].weight, theirs.body[0].weight)
        assert transform_of(run.model).size == (20, 16)

    def test_of_a_users_function(self, run_in, tmp_path, capsys):
        theirs = Theirs()
        theirs.body[1].running_var += 1
        safetensors.torch.save_file(theirs.state_dict(), tmp_path / "theirs.safetensors")
        run = run_in(Theirs, pretrained="theirs.safetensors", freeze="backbone")
        assert run.model.answers.out_features == 3
        assert torch.equal(run.model.body[0].weight, theirs.body[0].weight)
        assert "answers, a Linear from 6 features to 9 classes" in capsys.readouterr().err

    def test_of_report6s_network(self, run_in, colours):
        first = train((colours[0], colours[1] % 2), epochs=1, device="cpu", output="first")
        run = run_in(pretrained="first/best.ckpt", freeze="backbone")
        assert isinstance(run.model, CNN)
        assert run.model.fc_layers[6].out_features == 3
        assert torch.equal(run.model.block1[0].weight, first.model.block1[0].weight)
        assert transform_of(run.model).mean == transform_of(first.model).mean
        assert transform_of(run.model).size == (32, 32)

    def test_of_the_same_classes_stays(self, run_in, capsys):
        first = run_in(output="first")
        run = run_in(pretrained="first/best.ckpt", freeze="block1,block2", learning_rate=1e-9)
        assert "Replaced" not in capsys.readouterr().err
        torch.testing.assert_close(run.model.fc_layers[6].weight, first.model.fc_layers[6].weight)
        assert class_names_of(run.model) == class_names_of(first.model)

    def test_a_users_module_without_a_wish_is_left_alone(self, run_in, capsys):
        network = Theirs(classes=3)
        head = network.answers
        assert run_in(network).model.answers is head
        assert run_in(network.train().requires_grad_(), freeze="body").model.answers is head
        assert "Replaced" not in capsys.readouterr().err

    def test_a_data_module_of_another_transform_is_told(self, colours, acted_timm, capsys):
        data = DataModule(colours, batch_size=32)
        assert train(data, "timm:tiny", epochs=1, device="cpu").model.answers.out_features == 3
        said = capsys.readouterr().err
        assert "The DataModule makes images of 12x12 with mean (" in said
        assert "the weights expect 16x20 with mean (0.4, 0.5, 0.6)" in said

    def test_images_of_other_channels(self, run_in, tmp_path):
        grey = ResNet("resnet18", in_channels=1, width=2, stem="small").state_dict()
        torch.save(grey, tmp_path / "grey.pth")
        with pytest.raises(InputError, match="has 3 channels and the network takes 1"):
            run_in(pretrained="grey.pth")

    def test_images_of_another_size(self, run_in):
        network = nn.Sequential(nn.Flatten(), nn.Linear(784, 3))
        expected = r"Sequential does not take images of shape \(3, 12, 12\) \(.*DataModule"
        with pytest.raises(InputError, match=expected):
            run_in(network, freeze="0")

    def test_where_there_is_none(self, run_in):
        network = nn.Sequential(nn.Flatten(), nn.Linear(432, 3), nn.Unflatten(1, (3, 1)))
        with pytest.raises(InputError, match="ends in no Linear and no 1x1 Conv2d"):
            run_in(network, freeze="backbone")


class TestFromNothing:
    def test_a_resnet_of_small_images_keeps_their_pixels_aloud(self, run_in, capsys):
        run = run_in("resnet18")
        assert isinstance(run.model, ResNet)
        assert (run.model.stem, run.model.classes, run.model.in_channels) == ("small", 3, 3)
        said = capsys.readouterr().err
        assert "resnet18 starts from random weights, with the stem 'small' (3x3 convolution" in said

    def test_a_resnet_of_large_images(self, tmp_path, capsys):
        images = np.random.default_rng(0).integers(0, 256, (12, 80, 72), dtype=np.uint8)
        run = train((images, np.arange(12) % 2), "resnet18", epochs=1, device="cpu")
        assert (run.model.stem, run.model.in_channels) == ("imagenet", 1)
        assert "the stem 'imagenet' (7x7 convolution, stride 2) for images of 72x80" in (
            capsys.readouterr().err
        )

    def test_frozen_random_weights_of_a_users_network_are_told(self, run_in, capsys):
        run_in(Theirs(), freeze="backbone")
        said = capsys.readouterr().err
        assert "freeze='backbone' keeps random weights: those of the network were never tr" in said


def test_frozen_entries_that_no_file_gave_are_told(run_in, tmp_path, capsys):
    state = Theirs().state_dict()
    state["body.1.running_var"] += 1
    del state["body.1.weight"]
    torch.save(state, tmp_path / "part.pth")
    run_in(Theirs, pretrained="part.pth", freeze="backbone", output="out")
    assert "Frozen with random weights, since no file gave them: body.1.weight (6,)" in (
        capsys.readouterr().err
    )
    assert read_checkpoint("out/best.ckpt").unmatched == ("body.1.weight (6,)",)
    run_in(Theirs, pretrained="part.pth", output="free")
    assert read_checkpoint("free/best.ckpt").unmatched == ()


def test_the_command(tmp_path, run_in):
    """`cutaway train SOURCE --network resnet18 --pretrained FILE --freeze ... --unfreeze-at 3`."""
    torch.manual_seed(0)
    network = ResNet("resnet18", in_channels=1, classes=9, width=2, stem="small")
    network.train()(torch.randn(8, 1, 16, 16))
    safetensors.torch.save_file(network.state_dict(), tmp_path / "weights.safetensors")
    words = ["train", "digits", "--network", "resnet18", "--pretrained", "weights.safetensors"]
    words += ["--freeze", "backbone", "--unfreeze-at", "3", "--epochs", "2", "-o", "run"]
    command = [sys.executable, "-m", "cutaway", *words, "--learning-rate", "0.01"]
    environment = {**os.environ, "CUDA_VISIBLE_DEVICES": ""}

    def call(*further):
        return subprocess.run(
            [*command, *further],
            env=environment,
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
        )

    wrong = call()
    assert wrong.returncode == 2
    assert "unfreeze_at=3 is no epoch after the first of 2" in wrong.stderr
    command[command.index("--unfreeze-at") + 1] = "2"
    done = call()
    assert done.returncode == 0, done.stderr
    assert (
        "Replaced in ResNet: fc, a Linear from 16 features to 9 classes, by one to 10"
        in done.stderr
    )
    assert "Epoch 2: " in done.stderr
    assert "frozen layers learn from here on" in done.stderr
    assert load_model(tmp_path / "run" / "best.ckpt").classes == 10
