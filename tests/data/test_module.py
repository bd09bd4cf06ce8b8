"""DataModule: splits as published or made, normalization, Lightning itself."""

import lightning
import numpy as np
import pytest
import torch
from PIL import Image
from torch import nn

from cutaway.data import DataModule, InputTransform, load_data
from cutaway.errors import InputError


def noise(count, **options):
    pixels = np.random.default_rng(0).integers(0, 256, (count, 6, 6, 3)).astype(np.uint8)
    return DataModule((pixels, np.arange(count) % 3), **options)


def sources(dataset):
    return set(dataset.images.sources)


def test_digits_keep_their_fixed_test_split(capsys):
    module = DataModule("digits", seed=1, image_size=32)
    module.prepare_data()
    module.setup()
    assert [len(d) for d in (module.train_dataset, module.val_dataset, module.test_dataset)] == [
        1294,
        144,
        359,
    ]
    assert module.test_dataset.images.fingerprint == load_data("digits", split="test").fingerprint
    assert module.class_names == tuple("0123456789")
    image, label = module.train_dataset[0]
    assert image.shape == (1, 32, 32)
    assert isinstance(label, int)
    assert module.transform.origin == "inferred"
    assert capsys.readouterr().err.count("Input transform inferred") == 1


def test_parts_are_disjoint_whole_and_the_test_part_does_not_follow_the_seed():
    first, second = noise(60), noise(60, seed=1)
    for module in (first, second):
        module.setup()
        parts = [
            sources(d) for d in (module.train_dataset, module.val_dataset, module.test_dataset)
        ]
        assert [len(part) for part in parts] == [43, 5, 12]
        assert len(set.union(*parts)) == 60
    assert sources(first.test_dataset) == sources(second.test_dataset)
    assert sources(first.val_dataset) != sources(second.val_dataset)
    assert first.class_names == ("0", "1", "2")


def test_normalization_is_measured_on_the_training_part():
    module = noise(60)
    module.setup()
    inputs = torch.stack([image for image, _ in module.train_dataset])
    assert inputs.mean(dim=(0, 2, 3)) == pytest.approx([0, 0, 0], abs=1e-5)
    assert inputs.std(dim=(0, 2, 3), correction=0) == pytest.approx([1, 1, 1], abs=1e-5)


def test_without_validation_all_is_trained_on():
    module = noise(60, validate=False)
    module.setup()
    assert (len(module.train_dataset), len(module.test_dataset)) == (48, 12)
    assert module.val_dataset is None
    assert module.val_dataloader() == []


def test_views_change_training_images_alone():
    module = noise(60, shift=1, flip=True, views=2, batch_size=60)
    module.setup()
    plain_module = noise(60)
    plain_module.setup()
    assert plain_module.views is None
    assert (module.views.samples, module.views.period) == (43, 2)
    plain = module.train_dataset.batch(range(43))[0].sort(dim=0).values
    first, second = (next(iter(module.train_dataloader()))[0] for _ in range(2))
    assert torch.equal(first, second)
    assert not torch.equal(first.sort(dim=0).values, plain)
    assert torch.equal(
        next(iter(module.val_dataloader()))[0], module.val_dataset.batch(range(5))[0]
    )


def test_targets_come_with_the_training_batches():
    module = noise(60, batch_size=60)
    module.setup()
    module.targets = lambda number: torch.arange(43.0)[:, None] + number
    _, _, targets = next(iter(module.train_dataloader()))
    assert sorted(targets[:, 0].tolist()) == list(range(43))


def test_a_given_transform_is_used(capsys):
    transform = InputTransform(size=8, mean=(0.1,) * 3, std=(0.2,) * 3, channels=3)
    module = noise(30, transform=transform)
    module.setup("fit")
    module.setup("test")
    assert module.transform is transform
    assert module.train_dataset[0][0].shape == (3, 8, 8)
    assert "inferred" not in capsys.readouterr().err


def test_a_published_validation_split_serves_as_test_where_there_is_none(tmp_path, capsys):
    for split, count in (("train", 20), ("val", 4)):
        for at in range(count):
            folder = tmp_path / split / str(at % 2)
            folder.mkdir(parents=True, exist_ok=True)
            Image.new("L", (4, 4), at).save(folder / f"{at}.png")
    module = DataModule(tmp_path)
    module.setup()
    assert len(module.test_dataset) == 4
    assert (len(module.train_dataset), len(module.val_dataset)) == (18, 2)
    assert "the validation split serves as one" in capsys.readouterr().err


@pytest.mark.data
@pytest.mark.parametrize(("name", "validation"), [("mnist", 50), ("cifar10", 60)])
def test_shares_are_those_of_report6(data_folder, name, validation):
    module = DataModule(name, limit=600)
    module.setup()
    assert len(module.val_dataset) == validation
    assert len(module.train_dataset) == 600 - validation
    assert len(module.test_dataset) == 600
    assert module.test_dataset.images.split == "test"


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"batch_size": 0}, "batch_size=0; expected at least 1"),
        ({"seed": -1}, "seed=-1; expected at least 0"),
        ({"shift": -1}, "shift=-1; expected at least 0"),
        ({"views": 0}, "views=0; expected at least 1"),
        (
            {
                "image_size": 8,
                "transform": InputTransform(size=8, mean=(0.0,), std=(1.0,), channels=1),
            },
            "expected one of the two",
        ),
    ],
)
def test_options_that_do_not_fit(options, words):
    with pytest.raises(InputError, match=words):
        DataModule("digits", **options)


def test_data_that_cannot_be_learned_from():
    pixels = np.zeros((9, 4, 4), np.uint8)
    with pytest.raises(InputError, match="'arrays' has no labels, and training needs them"):
        DataModule(pixels).setup()
    with pytest.raises(InputError, match=r"too few to hold out a test part; expected at least 3"):
        DataModule((pixels[:1], [0])).setup()
    with pytest.raises(InputError, match="too few to hold out a validation part"):
        DataModule((pixels[:2], [0, 0])).setup()


class Linear(lightning.LightningModule):
    def __init__(self):
        super().__init__()
        self.network = nn.Sequential(nn.Flatten(), nn.Linear(64, 10))
        self.first_labels = []

    def training_step(self, batch, index):
        images, labels = batch
        if index == 0:
            self.first_labels.append(labels.tolist())
        return nn.functional.cross_entropy(self.network(images), labels)

    def validation_step(self, batch, index):
        images, labels = batch
        self.log("accuracy", (self.network(images).argmax(1) == labels).float().mean())

    def test_step(self, batch, index):
        self.validation_step(batch, index)

    def configure_optimizers(self):
        return torch.optim.Adam(self.parameters(), 0.01)


# Lightning itself uses what torch and Python have deprecated, and advises on hardware.
@pytest.mark.filterwarnings("ignore")
def test_lightning_trains_on_it_with_a_new_order_each_epoch(tmp_path):
    def fit():
        torch.manual_seed(0)
        model = Linear()
        trainer = lightning.Trainer(
            max_epochs=2,
            accelerator="cpu",
            logger=False,
            enable_checkpointing=False,
            enable_progress_bar=False,
            enable_model_summary=False,
            default_root_dir=tmp_path,
        )
        module = DataModule("digits", seed=5)
        trainer.fit(model, module)
        return model, trainer.test(model, module, verbose=False)[0]["accuracy"]

    model, accuracy = fit()
    assert accuracy > 0.7
    orders = model.first_labels
    assert len({tuple(order) for order in orders}) == 2
    again, _ = fit()
    assert again.first_labels == orders
    assert torch.equal(again.network[1].weight, model.network[1].weight)


def test_before_setup_it_says_what_is_missing():
    data = DataModule("digits")
    for name in ("train_dataset", "transform", "class_names"):
        with pytest.raises(AttributeError, match=f"no '{name}'; it is there after setup"):
            getattr(data, name)
    assert not hasattr(data, "anything")
