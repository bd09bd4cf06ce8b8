"""Training from a data set's name to a checkpoint that loads."""

import os
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
import torch
from PIL import Image
from torch import nn

import cutaway.progress
from cutaway.data import DataModule
from cutaway.errors import InputError
from cutaway.networks import (
    CNN,
    class_names_of,
    load_model,
    model_fingerprint,
    read_checkpoint,
    transform_of,
)
from cutaway.networks.teacher import Teacher
from cutaway.training import Recipe, train
from cutaway.training.module import Classifier

COLUMNS = ["epoch", "train_loss", "val_loss", "train_accuracy", "val_accuracy", "learning_rate"]


@pytest.fixture
def run_in(tmp_path, monkeypatch, bright_and_dark):
    """Trains two epochs in an empty working folder."""
    monkeypatch.chdir(tmp_path)

    def run(**options):
        options = {"epochs": 2, "device": "cpu", "batch_size": 32} | options
        return train(options.pop("source", bright_and_dark), **options)

    return run


def test_a_run_learns_and_leaves_whole_files(run_in, tmp_path):
    run = run_in(output="runs/two", epochs=4)
    assert run.test_accuracy > 0.9
    assert list(run.history)[: len(COLUMNS)] == COLUMNS
    norms = run.history.filter(like="gradient_norm/")
    assert "gradient_norm/block1.0" in norms
    assert (norms > 0).all(axis=None)
    assert list(run.history["epoch"]) == [1, 2, 3, 4]
    assert run.history["train_loss"].iloc[-1] < run.history["train_loss"].iloc[0]
    folder = tmp_path / "runs" / "two"
    assert sorted(os.listdir(folder)) == ["best.ckpt", "history.parquet", "last.ckpt", "run.json"]
    assert os.listdir(tmp_path) == ["runs"]
    pd.testing.assert_frame_equal(pd.read_parquet(folder / "history.parquet"), run.history)
    loaded = load_model(run.checkpoint)
    assert model_fingerprint(loaded) == model_fingerprint(run.model)


def test_the_checkpoint_has_the_networks_names_and_its_facts(run_in):
    run = run_in(output="out", epochs=1, batch_size=None)
    checkpoint = read_checkpoint(run.checkpoint)
    assert list(checkpoint.state_dict) == list(CNN().state_dict())
    assert checkpoint.hyper_parameters["network"] == {
        "name": "CNN",
        "arguments": {"in_channels": 1, "classes": 2, "image_size": [16, 16]},
    }
    assert checkpoint.hyper_parameters["recipe"] == {
        **vars(Recipe(epochs=1)),
        "batch_size": 64,
        "seed": 0,
        "precision": "float32",
    }
    assert checkpoint.class_names == class_names_of(run.model) == ("0", "1")
    assert checkpoint.transform.origin == "checkpoint"
    assert checkpoint.transform.mean == transform_of(run.model).mean
    assert checkpoint.global_step == 2


def test_the_model_is_ready_to_be_looked_into(run_in):
    run = run_in(epochs=1)
    assert run.checkpoint is None
    assert not run.model.training
    assert not any(parameter.requires_grad for parameter in run.model.parameters())
    assert all(p.is_contiguous() for p in run.model.parameters())


def test_the_best_epoch_is_kept(run_in):
    run = run_in(epochs=4, output="out", learning_rate=0.02)
    best = run.history.sort_values(["val_accuracy", "val_loss"], ascending=[False, True])
    assert read_checkpoint("out/best.ckpt").epoch == best["epoch"].iloc[0] - 1
    assert read_checkpoint("out/last.ckpt").epoch == 3


def test_one_seed_gives_equal_weights_and_another_does_not(run_in):
    first, again, other = (run_in(seed=seed) for seed in (1, 1, 2))
    assert model_fingerprint(first.model) == model_fingerprint(again.model)
    pd.testing.assert_frame_equal(first.history, again.history)
    assert model_fingerprint(first.model) != model_fingerprint(other.model)


def test_the_callers_random_state_is_left_alone(run_in):
    torch.manual_seed(5)
    expected = torch.rand(3)
    torch.manual_seed(5)
    run_in(epochs=1)
    assert torch.equal(torch.rand(3), expected)


def test_small_images_are_enlarged_aloud(run_in, capsys):
    images = np.random.default_rng(0).integers(0, 256, (40, 8, 8), dtype=np.uint8)
    run = run_in(source=(images, np.arange(40) % 4), epochs=1)
    assert run.model.image_size == (32, 32)
    assert "resized from 8x8 to 32x32" in capsys.readouterr().err


def test_the_first_image_decides_nothing(run_in, tmp_path, bright_and_dark, capsys):
    for at, (pixels, label) in enumerate(zip(*bright_and_dark, strict=True)):
        folder = tmp_path / "photos" / ("bright" if label else "dark")
        folder.mkdir(parents=True, exist_ok=True)
        Image.fromarray(pixels[:8, :8] if at == 1 else pixels).save(folder / f"{at:03}.png")
    (tmp_path / "photos" / "bright" / "000.png").write_bytes(b"")
    run = run_in(source=tmp_path / "photos", epochs=1)
    assert run.model.image_size == (16, 16)
    assert capsys.readouterr().err.count("1 of 121 images were skipped") == 1


def test_grey_images_for_a_network_of_three_channels(run_in, capsys):
    network = nn.Sequential(
        nn.Conv2d(3, 4, 3), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(4, 2)
    )
    run = run_in(network=network, epochs=1)
    assert transform_of(run.model).channels == 3
    assert "expanded from grey to RGB" in capsys.readouterr().err


def test_lazy_layers_get_their_weights(run_in):
    run = run_in(network=nn.Sequential(nn.Flatten(), nn.LazyLinear(2)), epochs=1)
    assert run.model[1].weight.shape == (2, 256)


def test_a_single_image_left_over_is_no_batch(run_in, bright_and_dark):
    network = nn.Sequential(nn.Flatten(), nn.Linear(256, 8), nn.BatchNorm1d(8), nn.Linear(8, 2))
    run_in(network=network, epochs=1, batch_size=5)  # 86 are trained on


def test_probabilities_in_place_of_logits_are_told(run_in, capsys):
    run_in(network=nn.Sequential(nn.Flatten(), nn.Linear(256, 2), nn.Softmax(dim=1)), epochs=1)
    assert "Leave the softmax out" in capsys.readouterr().err


def test_a_training_that_diverged_ends_and_says_so(run_in, capsys):
    run = run_in(epochs=5, learning_rate=1e30, output="out")
    assert len(run.history) < 5
    said = capsys.readouterr().err
    assert "The training diverged" in said
    assert "smaller learning rate than 1e+30" in said


def test_nothing_is_written_but_the_inferred_transform(run_in, capfd):
    run_in(epochs=1)
    captured = capfd.readouterr()
    assert captured.out == ""
    assert captured.err.count("\n") == 1
    assert captured.err.startswith("Input transform inferred")


def test_progress_says_every_epoch(run_in, capsys):
    cutaway.progress.show_progress()
    try:
        run_in(epochs=2)
    finally:
        cutaway.progress.show_progress(visible=False)
    said = capsys.readouterr().err
    assert "Training CNN for 2 epochs" in said
    assert "Epoch 2 of 2: loss " in said


def test_a_network_of_the_users_in_place(run_in):
    network = nn.Sequential(nn.Flatten(), nn.Linear(256, 2))
    run = run_in(network=network, output="out")
    assert run.model is network
    checkpoint = read_checkpoint("out/best.ckpt")
    assert list(checkpoint.state_dict) == ["1.weight", "1.bias"]
    assert checkpoint.hyper_parameters["network"]["name"].endswith(":Sequential")
    fresh = nn.Sequential(nn.Flatten(), nn.Linear(256, 2))
    assert class_names_of(load_model("out/best.ckpt", fresh)) == ("0", "1")


def test_a_trained_network_keeps_its_transform(run_in):
    first = run_in(epochs=1, output="first")
    model = load_model("first/best.ckpt", train=True)
    second = run_in(network=model, epochs=1)
    assert transform_of(second.model).mean == transform_of(first.model).mean
    assert transform_of(second.model).origin == "checkpoint"


def test_a_cnn_of_another_size_brings_its_size(run_in):
    assert transform_of(run_in(network=CNN(1, 2, 20), epochs=1).model).size == (20, 20)


def test_a_data_module_is_taken_as_it_is(run_in, bright_and_dark):
    data = DataModule(bright_and_dark, batch_size=48, seed=3)
    run = run_in(source=data, epochs=1, batch_size=None)
    assert data.batch_size == 48
    assert transform_of(run.model) == data.transform


def test_bfloat16_on_request(run_in):
    run = run_in(precision="bfloat16", epochs=4, output="out")
    assert run.test_accuracy > 0.9
    assert all(p.dtype == torch.float32 for p in run.model.parameters())
    assert read_checkpoint("out/best.ckpt").hyper_parameters["recipe"]["precision"] == "bfloat16"


PATIENT = Recipe(
    epochs=4,
    label_smoothing=0.0,
    dropout=0.0,
    averaging=0.9,
    teaching=0.5,
    temperature=4.0,
    shift=1,
    flip=True,
    views=2,
    validate=False,
)


def test_a_student_learns_from_a_teacher_without_validation(run_in, tmp_path):
    teacher = run_in(network=lambda: Teacher(1, 2, width=2), epochs=4, output="teacher")
    assert teacher.test_accuracy > 0.8
    run = run_in(recipe=PATIENT, epochs=None, teacher=teacher.checkpoint, output="out")
    assert run.test_accuracy > 0.9
    assert run.test_accuracy_with_flips > 0.9
    assert run.history["val_accuracy"].isna().all()
    assert read_checkpoint("out/best.ckpt").epoch == read_checkpoint("out/last.ckpt").epoch == 3
    # Both networks see the same numbers.
    assert transform_of(run.model).mean == transform_of(teacher.model).mean
    assert model_fingerprint(load_model("out/best.ckpt")) == model_fingerprint(run.model)
    assert [layer.p for layer in run.model.modules() if isinstance(layer, nn.Dropout)] == [0.2, 0.2]


def test_what_is_kept_is_the_averaged_network(run_in):
    recipe = Recipe(epochs=2, averaging=0.99)
    averaged, plain = run_in(recipe=recipe), run_in(recipe=Recipe(epochs=2))
    # The same steps were taken, and something else was kept.
    assert list(averaged.history["train_loss"]) == list(plain.history["train_loss"])
    assert list(averaged.history["val_loss"]) != list(plain.history["val_loss"])
    assert model_fingerprint(averaged.model) != model_fingerprint(plain.model)
    assert averaged.test_accuracy_with_flips is None


class StopError(Exception):
    """Ends a run in the middle."""


def stop_at(step):
    def count(self, *_):
        if self.trainer.global_step == step:
            raise StopError

    return count


@pytest.mark.parametrize("recipe", [Recipe(epochs=4), PATIENT])
def test_a_resumed_run_ends_as_an_unbroken_one(run_in, recipe, monkeypatch):
    teacher = Teacher(1, 2, width=2) if recipe.teaching else None
    whole = run_in(recipe=recipe, epochs=None, teacher=teacher, output="whole")
    steps = read_checkpoint("whole/last.ckpt").global_step
    with monkeypatch.context() as patch, pytest.raises(StopError):
        patch.setattr(Classifier, "on_train_batch_end", stop_at(steps * 5 // 8))
        run_in(recipe=recipe, epochs=None, teacher=teacher, output="broken")
    assert read_checkpoint("broken/last.ckpt").epoch == 1
    resumed = run_in(recipe=recipe, epochs=None, teacher=teacher, output="broken", resume=True)
    pd.testing.assert_frame_equal(resumed.history, whole.history)
    assert model_fingerprint(resumed.model) == model_fingerprint(whole.model)
    assert resumed.test_accuracy == whole.test_accuracy


def test_a_resumed_run_keeps_its_precision(run_in, monkeypatch):
    with monkeypatch.context() as patch, pytest.raises(StopError):
        patch.setattr(Classifier, "on_train_batch_end", stop_at(4))
        run_in(precision="bfloat16", output="out")
    run_in(output="out", resume=True)
    facts = read_checkpoint("out/last.ckpt").hyper_parameters["recipe"]
    assert facts["precision"] == "bfloat16"


def test_there_may_be_nothing_yet_to_resume(run_in):
    assert len(run_in(output="new", epochs=1, resume=True).history) == 1


def test_a_long_run_is_fused_and_equal_but_for_rounding(run_in, monkeypatch):
    images = np.random.default_rng(0).integers(0, 256, (40, 16, 16), dtype=np.uint8)
    source = (images, np.arange(40) % 2)
    short = run_in(source=source)
    monkeypatch.setattr("cutaway.training.precision._FEWEST_IMAGES", 1)
    long = run_in(source=source, precision="float32")
    assert list(long.history["train_loss"]) == pytest.approx(
        list(short.history["train_loss"]), rel=1e-3
    )


def test_to_dict_is_plain(run_in):
    values = run_in(epochs=1).to_dict()
    assert values["checkpoint"] is None
    assert values["history"][0]["epoch"] == 1


class TestWrongArguments:
    def test_output_with_something_in_it(self, run_in, tmp_path):
        (tmp_path / "out").mkdir()
        (tmp_path / "out" / "thesis.txt").write_text("mine")
        with pytest.raises(
            InputError, match="output='out' exists and is not empty.*overwrite=True"
        ):
            run_in(output="out")
        run_in(output="out", overwrite=True, epochs=1)
        assert (tmp_path / "out" / "thesis.txt").read_text() == "mine"

    def test_output_that_is_a_file(self, run_in, tmp_path):
        (tmp_path / "out").touch()
        with pytest.raises(InputError, match="output='out' is a file; expected a folder"):
            run_in(output="out")

    def test_output_below_a_file(self, run_in, tmp_path):
        (tmp_path / "file").touch()
        with pytest.raises(InputError, match="cannot be created"):
            run_in(output="file/out")

    def test_full_disk(self, run_in, tmp_path, small_files_only):
        with small_files_only(1000), pytest.raises(InputError, match="output='out' could not be w"):
            run_in(output="out", epochs=1)
        assert os.listdir(tmp_path / "out") == ["run.json"]

    @pytest.mark.parametrize(
        ("options", "message"),
        [
            ({"epochs": 0}, "epochs=0 is too few; expected 1 or more"),
            ({"learning_rate": 0.0}, "learning_rate=0.0 is no positive number; try 0.003"),
            ({"learning_rate": float("inf")}, "learning_rate=inf is no positive number"),
            ({"precision": "half"}, "precision='half' is unknown; expected one of"),
            ({"device": "gpu"}, "device='gpu'"),
            ({"batch_size": 0}, "batch_size=0"),
            ({"recipe": "slow"}, "recipe='slow' is unknown; expected a Recipe or one of"),
            ({"teacher": CNN(1, 2, 16)}, "a teacher is given, but recipe='quick' gives"),
        ],
    )
    def test_values(self, run_in, options, message):
        with pytest.raises(InputError, match=message):
            run_in(**options)

    def test_frozen_network(self, run_in):
        with pytest.raises(InputError, match="no parameter with gradients.*train=True"):
            run_in(network=load_model(CNN(1, 2, 16)))

    def test_too_few_outputs(self, run_in):
        network = nn.Sequential(nn.Flatten(), nn.Linear(256, 1))
        expected = r"network gives \(2, 1\) for 2 images; expected \(2, 2\).*: 0, 1"
        with pytest.raises(InputError, match=expected):
            run_in(network=network)

    def test_images_of_another_size(self, run_in):
        expected = (
            r"Sequential cannot take images of shape \(1, 16, 16\): RuntimeError: mat1.*size="
        )
        with pytest.raises(InputError, match=expected):
            run_in(network=nn.Sequential(nn.Flatten(), nn.Linear(784, 2)))

    def test_several_outputs_in_training(self, run_in):
        class Auxiliary(nn.Module):
            def __init__(self):
                super().__init__()
                self.fc = nn.Linear(256, 2)

            def forward(self, images):
                logits = self.fc(images.flatten(1))
                return (logits, logits) if self.training else logits

        with pytest.raises(InputError, match="Auxiliary gives a tuple in training mode"):
            run_in(network=Auxiliary())

    def test_one_class(self, run_in, bright_and_dark):
        images, labels = bright_and_dark
        with pytest.raises(InputError, match="'arrays' has one class, '0', so there is nothing"):
            run_in(source=(images, labels * 0))

    def test_images_without_labels(self, run_in, bright_and_dark):
        with pytest.raises(InputError, match="no labels"):
            run_in(source=bright_and_dark[0])


@pytest.fixture
def small_files_only():
    """Makes writing more than a few bytes to any file fail, as a full disk does."""
    import contextlib
    import resource

    @contextlib.contextmanager
    def limit(size):
        before = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
        try:
            yield
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, before)

    return limit


def test_digits_reach_97_percent(tmp_path):
    run = train("digits", epochs=6, device="cpu")
    assert run.test_accuracy >= 0.97


def test_importing_the_room_does_not_load_lightning():
    code = "import sys, cutaway.training; sys.exit('lightning' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
