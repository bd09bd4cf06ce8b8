"""Folders of images: classes, splits, limits, faults."""

import numpy as np
import pytest
from PIL import Image

from cutaway.data import load_data
from cutaway.errors import InputError


def put(folder, *names, value=0, size=(4, 4)):
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.new("L", size, value).save(path)


def test_sub_folders_are_classes_in_sorted_order(tmp_path):
    put(tmp_path / "pets", "dog/1.png", "cat/2.jpg", "cat/deep/1.PNG", "cat/.hidden.png")
    images = load_data(tmp_path / "pets")
    assert images.class_names == ("cat", "dog")
    assert images.sources == ("cat/2.jpg", "cat/deep/1.PNG", "dog/1.png")
    assert images.labels.tolist() == [0, 0, 1]
    assert (images.name, images.split) == ("pets", None)


@pytest.mark.parametrize("streaming", [False, True])
def test_copies_in_hidden_folders_are_no_images_of_the_set(tmp_path, streaming):
    put(tmp_path / "pets", "cat/1.png", "dog/1.png", "dog/.ipynb_checkpoints/1-checkpoint.png")
    put(tmp_path / "pets", "dog/__MACOSX/1.png", "cow/.thumbnails/1.png")
    data = load_data(tmp_path / "pets", streaming=streaming)
    images = next(iter(data)) if streaming else data
    assert images.sources == ("cat/1.png", "dog/1.png")
    assert images.class_names == ("cat", "dog")


def test_a_flat_folder_has_no_labels(tmp_path):
    put(tmp_path, "b.png", "a.png")
    images = load_data(str(tmp_path))
    assert (images.sources, images.labels, images.class_names) == (("a.png", "b.png"), None, None)


def test_a_class_missing_in_one_split_shifts_no_numbers(tmp_path):
    put(tmp_path, "train/a/1.png", "train/b/1.png", "train/c/1.png", "val/a/1.png", "test/c/1.png")
    assert load_data(tmp_path).split == "train"
    test = load_data(tmp_path, split="test")
    assert test.labels.tolist() == [2]
    assert test.class_names == ("a", "b", "c")
    assert test.sources == ("test/c/1.png",)
    assert load_data(tmp_path, split="validation").split == "validation"
    assert load_data(tmp_path, split="val").split == "validation"
    with pytest.raises(InputError, match="split='tset' is not in .*did you mean 'test'"):
        load_data(tmp_path, split="tset")


def test_limit_is_spread_over_the_classes_and_nothing_more_is_decoded(tmp_path):
    put(tmp_path, *(f"{name}/{at}.png" for name in "abc" for at in range(5)))
    (tmp_path / "a" / "4.png").write_bytes(b"junk")
    images = load_data(tmp_path, limit=7)
    assert np.bincount(images.labels).tolist() == [3, 2, 2]
    assert images.skipped == ()
    assert len(load_data(tmp_path, limit=99)) == 14


def test_images_beside_class_folders_are_named(tmp_path):
    put(tmp_path, "a/1.png", "stray.png")
    images = load_data(tmp_path)
    assert len(images) == 1
    assert images.skipped[0].source == "stray.png"
    assert images.skipped[0].reason == "outside the class folders"


def test_names_that_no_format_takes_are_made_printable(tmp_path):
    put(tmp_path, "<img src=x onerror=alert(1)>/1.png")
    (tmp_path / "<img src=x onerror=alert(1)>" / "1.png").rename(
        tmp_path / "<img src=x onerror=alert(1)>" / "\udcff.png"
    )
    images = load_data(tmp_path)
    assert images.class_names == ("<img src=x onerror=alert(1)>",)
    images.sources[0].encode()


@pytest.mark.parametrize("names", [[], ["notes.txt"], ["a/notes.txt"]])
def test_a_folder_without_images_is_an_error(tmp_path, names):
    for name in names:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("x")
    with pytest.raises(InputError, match="holds no images .* and no .parquet files"):
        load_data(tmp_path)


def test_one_image_of_one_class(tmp_path):
    put(tmp_path, "only/1.png")
    assert len(load_data(tmp_path)) == 1
