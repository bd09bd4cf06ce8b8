"""Frozen means frozen: bytes of parameters and statistics, in every mode, over resumed runs."""

import numpy as np
import pandas as pd
import pytest
import torch
from torch import nn

from cutaway.errors import InputError
from cutaway.networks import ResNet, load_model, model_fingerprint, read_checkpoint
from cutaway.training import Recipe, train
from cutaway.training.freezing import frozen_layers
from cutaway.training.module import Classifier


@pytest.fixture
def pretrained(tmp_path, bright_and_dark):
    """The checkpoint of a narrow ResNet that was trained on two classes."""
    torch.manual_seed(0)
    network = ResNet("resnet18", in_channels=1, classes=2, width=4, stem="small")
    run = train(
        bright_and_dark, network, epochs=2, device="cpu", batch_size=32, output=tmp_path / "first"
    )
    return run.checkpoint


@pytest.fixture
def four_classes():
    rng = np.random.default_rng(1)
    labels = np.arange(120) % 4
    return (rng.integers(0, 60, (120, 16, 16)) + labels[:, None, None] * 60).astype(
        np.uint8
    ), labels


@pytest.fixture
def fine_tune(tmp_path, pretrained, four_classes, monkeypatch):
    """Trains on with the backbone frozen; gives the run and a note of every step's bytes."""
    monkeypatch.chdir(tmp_path)
    seen = []
    original = Classifier.training_step

    def step(self, batch, number):
        loss = original(self, batch, number)
        seen.append((self.current_epoch + 1, backbone_bytes(self.network), loss.requires_grad))
        return loss

    monkeypatch.setattr(Classifier, "training_step", step)

    def run(**options):
        seen.clear()
        options = {"epochs": 4, "device": "cpu", "batch_size": 32, "freeze": "backbone"} | options
        options.setdefault("pretrained", pretrained)
        return train(four_classes, **options), list(seen)

    return run


def backbone_bytes(network):
    return {
        name: value.detach().contiguous().numpy().tobytes()
        for name, value in network.state_dict().items()
        if not name.startswith("fc.")
    }


def changed(before, after):
    return {name for name in before if before[name] != after[name]}


def test_the_backbone_stays_bit_by_bit(fine_tune, pretrained):
    run, seen = fine_tune(output="out")
    before = backbone_bytes(load_model(pretrained))
    assert len(seen) == 4 * 3
    assert all(not changed(before, bytes_then) for _, bytes_then, _ in seen)
    assert not changed(before, backbone_bytes(run.model))
    for file in ("best.ckpt", "last.ckpt"):
        assert not changed(before, backbone_bytes(load_model(f"out/{file}")))
    # And the head did learn.
    assert run.history["train_loss"].iloc[-1] < run.history["train_loss"].iloc[0]


@pytest.mark.parametrize("averaging", [0.0, 0.9])
def test_until_the_epoch_that_sets_it_free(fine_tune, pretrained, averaging):
    recipe = Recipe(epochs=4, averaging=averaging)
    run, seen = fine_tune(unfreeze_at=3, recipe=recipe, epochs=None, output="out")
    before = backbone_bytes(load_model(pretrained))
    frozen = [bytes_then for epoch, bytes_then, _ in seen if epoch < 3]
    assert len(frozen) == 2 * 3
    assert not any(changed(before, bytes_then) for bytes_then in frozen)
    # With the first step of the third epoch statistics move, with the next one weights do too.
    free = [changed(before, bytes_then) for epoch, bytes_then, _ in seen if epoch == 3]
    statistics = ("running_mean", "running_var", "num_batches_tracked")
    assert free[0] == {name for name in before if name.endswith(statistics)}
    last = backbone_bytes(load_model("out/last.ckpt"))
    assert changed(before, last) == set(before)
    assert run.model.fc.out_features == 4


def test_the_optimizer_takes_up_what_is_set_free(fine_tune):
    fine_tune(unfreeze_at=3, output="out")
    states = torch.load("out/last.ckpt", weights_only=True)["optimizer_states"][0]
    network = ResNet("resnet18", in_channels=1, classes=4, width=4, stem="small")
    steps = [int(state["step"]) for state in states["state"].values()]
    # Three steps an epoch: the head took all, the rest those of the third and fourth epoch.
    assert sorted(set(steps)) == [6, 12]
    assert steps.count(12) == 2
    assert len(steps) == len(list(network.parameters()))


def test_what_is_frozen_is_not_in_the_optimizers_state(fine_tune):
    fine_tune(output="out")
    states = torch.load("out/last.ckpt", weights_only=True)["optimizer_states"][0]
    assert len(states["state"]) == 2


def test_modes_and_gradients_are_left_as_they_were_found(fine_tune, monkeypatch):
    ended = {}

    def look(self):
        modes = {name: module.training for name, module in self.network.named_modules()}
        ended.update(modes=modes, grads=[p.requires_grad for p in self.network.parameters()])

    monkeypatch.setattr(Classifier, "on_fit_end", look)
    fine_tune(epochs=1)
    assert all(ended["modes"].values())
    assert all(ended["grads"])


class StopError(Exception):
    """Ends a run in the middle."""


@pytest.mark.parametrize("unfreeze_at", [2, 3])
@pytest.mark.parametrize("stopped_in", [2, 3])
def test_a_resumed_run_ends_as_an_unbroken_one(fine_tune, monkeypatch, unfreeze_at, stopped_in):
    """Killed before, at, and after the epoch that sets the backbone free."""
    whole, _ = fine_tune(unfreeze_at=unfreeze_at, output="whole")

    def stop(self, *_):
        if self.trainer.global_step == stopped_in * 3 + 1:
            raise StopError

    with monkeypatch.context() as patch, pytest.raises(StopError):
        patch.setattr(Classifier, "on_train_batch_end", stop)
        fine_tune(unfreeze_at=unfreeze_at, output="broken")
    assert read_checkpoint("broken/last.ckpt").epoch == stopped_in - 1
    resumed, seen = fine_tune(unfreeze_at=unfreeze_at, output="broken", resume=True)
    assert {epoch for epoch, _, _ in seen} == set(range(stopped_in + 1, 5))
    pd.testing.assert_frame_equal(resumed.history, whole.history)
    assert model_fingerprint(resumed.model) == model_fingerprint(whole.model)
    last = [backbone_bytes(load_model(f"{run}/last.ckpt")) for run in ("whole", "broken")]
    assert not changed(*last)


def test_a_resumed_run_keeps_the_backbone(fine_tune, monkeypatch, pretrained):
    def stop(self, *_):
        if self.trainer.global_step == 4:
            raise StopError

    with monkeypatch.context() as patch, pytest.raises(StopError):
        patch.setattr(Classifier, "on_train_batch_end", stop)
        fine_tune(output="out")
    run, seen = fine_tune(output="out", resume=True)
    before = backbone_bytes(load_model(pretrained))
    assert seen
    assert not any(changed(before, bytes_then) for _, bytes_then, _ in seen)
    assert not changed(before, backbone_bytes(run.model))


class TestChoice:
    def test_some_layers_by_name(self, fine_tune, pretrained):
        run, _ = fine_tune(freeze="conv1, bn1,layer[12]", epochs=2)
        differing = changed(backbone_bytes(load_model(pretrained)), backbone_bytes(run.model))
        assert {name.partition(".")[0] for name in differing} == {"layer3", "layer4"}

    def test_a_shared_parameter_learns(self):
        tied = nn.Linear(4, 4)
        network = nn.Sequential(nn.Linear(4, 4), nn.ReLU(), tied)
        network[0].weight = tied.weight
        from cutaway.training.freezing import Freezing

        freezing = Freezing(network, frozen_layers(network, "backbone", "2"))
        freezing._set(frozen=True)
        assert tied.weight.requires_grad
        assert not network[0].bias.requires_grad
        assert not network[0].training
        assert tied.training

    @pytest.mark.parametrize(
        ("freeze", "message"),
        [
            ("layer9", "freeze='layer9' matches no layer of ResNet; .*'layer"),
            ("", "freeze='' matches no layer of ResNet; expected 'backbone', or names of layers"),
            ("*", r"freeze='\*' leaves no layer of ResNet to learn"),
        ],
    )
    def test_names_of_nothing(self, freeze, message):
        with pytest.raises(InputError, match=message):
            frozen_layers(ResNet(width=2), freeze, "fc")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"unfreeze_at": 1}, "unfreeze_at=1 is no epoch after the first of 4; expected 2 to 4"),
        ({"unfreeze_at": 5}, "unfreeze_at=5 is no epoch"),
        ({"unfreeze_at": 2, "freeze": None}, "unfreeze_at=2 needs freeze; try freeze='backbone'"),
        ({"pretrained": None}, "freeze='backbone' would keep random weights"),
        ({"pretrained": None, "network": "resnet18"}, "would keep random weights; expected pre"),
    ],
)
def test_wrong_arguments(fine_tune, options, message):
    with pytest.raises(InputError, match=message):
        fine_tune(**options)
