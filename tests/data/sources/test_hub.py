"""Sets of the hub by their own library: on a local copy in its layout, and where no hub is."""

import datasets
import numpy as np
import pytest

from cutaway.data import load_data
from cutaway.data.sources.hub import HubSet
from cutaway.errors import InputError


@pytest.fixture
def published(tmp_path, monkeypatch):
    """A set "owner/pets" that `datasets` finds without a network, and a cache of its own."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(datasets.config, "HF_DATASETS_CACHE", tmp_path / "cache")
    monkeypatch.setattr(datasets.config, "HF_HUB_OFFLINE", True)
    features = datasets.Features(
        {"img": datasets.Image(), "label": datasets.ClassLabel(names=["cat", "dog"])}
    )
    for split, count in (("train", 6), ("test", 2)):
        rows = {
            "img": [np.full((4, 4), at, np.uint8) for at in range(count)],
            "label": [at % 2 for at in range(count)],
        }
        folder = tmp_path / "owner" / "pets" / "data"
        folder.mkdir(parents=True, exist_ok=True)
        file = folder / f"{split}-00000-of-00001.parquet"
        datasets.Dataset.from_dict(rows, features=features).to_parquet(file)
    return HubSet("owner/pets")


def test_a_set_is_read_with_its_class_names(published, capfd):
    published.prepare()
    assert published.splits() == ("train", "test")
    images = published.load(None, None)
    assert (images.split, images.class_names) == ("train", ("cat", "dog"))
    assert images.pixels[:, 0, 0, 0].tolist() == [0, 1, 2, 3, 4, 5]
    assert images.labels.tolist() == [0, 1, 0, 1, 0, 1]
    assert published.load("test", 1).sources == ("owner/pets/test/0",)
    with pytest.raises(InputError, match=r"its splits are \['train', 'test'\]"):
        published.load("validation", None)
    assert capfd.readouterr().err == ""
    assert datasets.is_progress_bar_enabled()


def test_an_unknown_set_is_told_at_once(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(datasets.config, "HF_HUB_OFFLINE", True)
    with pytest.raises(InputError) as caught:
        load_data("nobody/nothing")
    message = str(caught.value)
    assert "data set 'nobody/nothing' cannot be had from the Hugging Face hub" in message
    assert "There is no such file or folder either" in message
    assert "Check the connection" in message


def test_gated_sets_and_configurations_are_explained():
    pets = HubSet("owner/pets")
    gated = datasets.exceptions.DatasetNotFoundError("'owner/pets' is a gated dataset on the Hub.")
    assert "log in by `hf auth login`" in pets._in_words(gated)
    several = ValueError("Config name is missing. Please pick one among ['a', 'b']")
    assert "Choose a configuration by 'owner/pets:NAME'" in pets._in_words(several)
