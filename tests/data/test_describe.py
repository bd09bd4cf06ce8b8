"""Summary: its figures, its JSON, its words."""

import json

import numpy as np
import pytest

from cutaway.data import Images, Skipped, Summary, describe, load_data


def pets(labels=(0, 0, 0, 2), names=("cat", "dog", "<b>fox</b>")):
    pixels = np.zeros((4, 3, 5, 3), np.uint8)
    pixels[:, 0, 0, 0] = [1, 2, 1, 1]
    return Images(
        pixels,
        np.array(labels),
        names,
        "pets",
        "train",
        tuple("abcd"),
        (Skipped("bad.png", "damaged"),),
        ("1 of 5 images were skipped: bad.png (damaged)",),
    )


def test_figures():
    summary = describe(pets())
    assert (summary.samples, summary.height, summary.width, summary.channels) == (4, 3, 5, 3)
    assert (summary.mode, summary.dtype, summary.minimum, summary.maximum) == ("RGB", "uint8", 0, 2)
    assert summary.classes == (("cat", 3), ("dog", 0), ("<b>fox</b>", 1))
    assert summary.imbalance == 3
    assert summary.empty_classes == ("dog",)
    assert summary.duplicates == (("a", "c", "d"),)
    assert summary.label_conflicts == (("a", "c", "d"),)


def test_json_round_trip():
    values = describe(pets()).to_dict()
    assert json.loads(json.dumps(values)) == values
    assert values["skipped"] == [{"source": "bad.png", "reason": "damaged"}]
    assert values["classes"][1] == {"name": "dog", "samples": 0}
    assert "thumbnails" not in values


def test_without_labels():
    images = load_data(np.zeros((2, 4, 4), np.float32))
    summary = describe(images)
    assert (summary.classes, summary.imbalance, summary.label_conflicts) == (None, None, ())
    assert "no labels" in summary.in_words()
    json.dumps(summary.to_dict())


def test_words():
    words = describe(pets()).in_words()
    assert "pets (train)" in words
    assert "4, RGB, 5x3 pixels" in words
    assert "3.00 (largest class over smallest)" in words
    assert (
        "2 images are exact copies of another (1 groups), 1 of the groups with different" in words
    )
    assert "1 images" in words


def test_one_image_of_one_class():
    summary = describe((np.zeros((1, 1, 1), np.uint8), [0]))
    assert (summary.imbalance, summary.std, summary.duplicates) == (1.0, (0.0,), ())


def test_any_source_is_described():
    summary = describe("digits")
    assert isinstance(summary, Summary)
    assert sum(count for _, count in summary.classes) == 1797
    assert summary.mean == pytest.approx((0.3053,), abs=1e-3)


def test_many_classes_are_cut_short():
    images = load_data((np.zeros((30, 2, 2), np.uint8), np.arange(30)))
    assert "and 10 more" in describe(images).in_words()


@pytest.mark.data
def test_cifar10_as_published(data_folder):
    summary = describe(load_data("cifar10", split="test", limit=2000))
    assert len(summary.classes) == 10
    assert summary.mean_of_image_stds[0] < summary.std[0]
