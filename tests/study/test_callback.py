"""Studies after chosen epochs: aligned with each other, and without a trace in the training."""

import numpy as np
import pytest
from lightning.pytorch import LightningModule, Trainer
from torch import nn, optim, utils

from cutaway.data import DataModule, InputTransform
from cutaway.errors import InputError
from cutaway.maps.alignment import procrustes
from cutaway.networks import model_fingerprint, remember
from cutaway.study import StudyCallback, build_study, open_study
from cutaway.training import Recipe, train

MAPS = {"pca": ["pixels", "block2.3", "fc_layers.3"]}


def trained(folder=None, epochs=(1, 3)):
    data = DataModule("digits", limit=300, image_size=16, batch_size=32)
    watching = [] if folder is None else [StudyCallback(folder, epochs, maps=MAPS)]
    return train(data, recipe=Recipe(epochs=3, averaging=0.9), device="cpu", callbacks=watching)


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    folder = tmp_path_factory.mktemp("runs") / "studies"
    return trained(), trained(folder), folder


def test_the_training_is_left_as_it_was(runs):
    alone, watched, _ = runs
    assert model_fingerprint(watched.model) == model_fingerprint(alone.model)
    assert watched.history.equals(alone.history)


def test_there_is_one_for_each_chosen_epoch(runs):
    _, watched, folder = runs
    assert sorted(path.name for path in folder.iterdir()) == ["epoch-001.study", "epoch-003.study"]
    first, last = (open_study(path) for path in sorted(folder.iterdir()))
    assert len(first.samples) == len(last.samples) == 30
    right = last.samples["predicted"] == last.samples["label"]
    assert right.mean() == pytest.approx(watched.history["val_accuracy"].iloc[-1])


def test_maps_are_turned_onto_those_of_the_study_before(runs):
    *_, folder = runs
    studies = [open_study(path) for path in sorted(folder.iterdir())]
    for layer in MAPS["pca"]:
        before, after = (study.map(layer, "pca")[["x", "y"]].to_numpy() for study in studies)
        # Nothing is left to turn, and pixels have not moved at all.
        turn = procrustes(after, before, scale=False).rotation
        np.testing.assert_allclose(turn, np.eye(2), atol=1e-3)
        moved = np.abs(after - before).max()
        assert moved < 1e-3 if layer == "pixels" else moved > 1e-2


class Plain(LightningModule):
    """A user's own training, of which Cutaway knows nothing."""

    def __init__(self, network):
        super().__init__()
        self.network = network

    def training_step(self, batch, _):
        images, labels = batch
        return nn.functional.cross_entropy(self.network(images), labels)

    def configure_optimizers(self):
        return optim.SGD(self.parameters(), lr=0.1)


def fit(tmp_path, watching):
    network = nn.Sequential(nn.Flatten(), nn.Linear(64, 8), nn.ReLU(), nn.Linear(8, 10))
    transform = InputTransform(size=8, mean=(0.3,), std=(0.4,), channels=1, origin="given")
    remember(network, transform=transform)
    data = DataModule("digits", limit=60, transform=transform, validate=False)
    data.setup()
    pairs = [data.train_dataset[index] for index in range(len(data.train_dataset))]
    trainer = Trainer(
        max_epochs=1,
        accelerator="cpu",
        callbacks=[watching],
        logger=False,
        enable_checkpointing=False,
        enable_progress_bar=False,
        enable_model_summary=False,
    )
    trainer.fit(Plain(network), utils.data.DataLoader(pairs, batch_size=8))
    return data.test_dataset.images


def test_an_epoch_that_never_comes_is_refused_before_the_first(tmp_path):
    with pytest.raises(InputError, match=r"epochs=\[1, 5\] .*beyond the last of 3; .* 1 to 3"):
        trained(tmp_path / "studies", epochs=[1, 5])
    assert not (tmp_path / "studies").exists()


@pytest.mark.filterwarnings("ignore:.*does not have many workers", "ignore:.*treespec, LeafSpec")
@pytest.mark.filterwarnings("ignore:.*val_dataloader", "ignore:The `srun` command")
class TestInATrainingOfTheUsers:
    def test_the_samples_are_given(self, tmp_path):
        images = DataModule("digits", limit=60, validate=False)
        images.setup()
        shown = images.test_dataset.images
        fit(tmp_path, StudyCallback(tmp_path / "s", [1], shown, limit=5, maps={"pca": "1"}))
        assert len(open_study(tmp_path / "s" / "epoch-001.study").samples) == 5

    def test_without_samples_it_says_so(self, tmp_path):
        with pytest.raises(InputError, match="data=None, and the trainer has no DataModule"):
            fit(tmp_path, StudyCallback(tmp_path / "s", [1]))


def test_epochs_count_from_1(tmp_path):
    with pytest.raises(InputError, match=r"epochs=\[0\] has none to study; expected some from 1"):
        StudyCallback(tmp_path, [0])


def test_a_study_of_other_samples_is_refused(runs, tmp_path):
    _, watched, folder = runs
    with pytest.raises(InputError, match="is a Study of other samples than data"):
        build_study(watched.model, "digits", tmp_path / "s", aligned_to=folder / "epoch-001.study")
