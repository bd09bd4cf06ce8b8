"""`cutaway describe` with a folder: every picture that there is something for, and plain JSON."""

import json

import numpy as np
import pytest
from PIL import Image

from cutaway.commands.describe import as_json, describe_source, in_words
from cutaway.errors import InputError


def names(folder):
    return {path.name for path in folder.iterdir()}


def save(folder, count, seed, copies=()):
    """A folder of noise images in two classes; `copies` are saved into it as well."""
    rng = np.random.default_rng(seed)
    for at in range(count):
        target = folder / ("cat" if at % 2 else "dog")
        target.mkdir(parents=True, exist_ok=True)
        pixels = rng.integers(0, 200, (12, 12, 3)).astype(np.uint8)
        Image.fromarray(pixels).save(target / f"{at:03}.png")
    for at, pixels in enumerate(copies):
        Image.fromarray(pixels).save(folder / "cat" / f"copy{at}.png")


@pytest.fixture
def photos(tmp_path):
    save(tmp_path / "photos" / "train", 60, seed=0)
    with Image.open(tmp_path / "photos" / "train" / "cat" / "001.png") as picture:
        first = np.asarray(picture)
    save(tmp_path / "photos" / "test", 40, seed=1, copies=[first, first + np.uint8(9)])
    return tmp_path / "photos"


@pytest.mark.parametrize("streaming", [False, True])
def test_a_folder_with_a_reference(photos, tmp_path, streaming):
    output = tmp_path / "out"
    found = describe_source(
        str(photos), split="test", reference="train", streaming=streaming, output=output
    )
    assert names(output) == {
        "description.json",
        "samples.png",
        "image.png",
        "mean_images.png",
        "maps.png",
        "class_balance.png",
        "complexity.png",
        "near_duplicates.png",
        "shared.png",
    }
    written = json.loads((output / "description.json").read_text())
    assert written == json.loads(json.dumps(as_json(*found)))
    assert [one["exact"] for one in written["shared"]] == [True, False]
    assert "1 images exactly and 1 nearly" in in_words(*found)
    for file in output.glob("*.png"):
        with Image.open(file) as picture:
            assert picture.width > 200


def test_what_lies_there_is_kept_unless_it_is_an_earlier_description(photos, tmp_path):
    output = tmp_path / "out"
    describe_source(str(photos), split="train", limit=30, output=output)
    with pytest.raises(InputError, match="exists already"):
        describe_source(str(photos), split="train", output=output)
    describe_source(str(photos), split="train", limit=24, output=output, overwrite=True)
    assert json.loads((output / "description.json").read_text())["samples"] == 24
    (tmp_path / "mine").mkdir()
    with pytest.raises(InputError, match="exists already"):
        describe_source(str(photos), output=tmp_path / "mine", overwrite=True)


def test_facts_alone_are_quick_and_complexity_is_asked_for():
    assert describe_source("digits")[1] is None
    summary, found = describe_source("digits", limit=200, complexity=True, near=False)
    assert summary.near_duplicates is None
    assert as_json(summary, found)["complexity"]["samples"] == 200
