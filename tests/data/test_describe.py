"""Summary: its figures, its JSON, its words."""

import json

import numpy as np
import pytest

from cutaway.data import Images, Skipped, Summary, describe, load_data
from cutaway.data.summary import COPIED, Shared
from cutaway.errors import InputError


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
    assert summary.near_duplicates == (("a", "b", "c", "d"),)
    assert summary.label_conflicts == (("a", "c", "d"), ("a", "b", "c", "d"))


def test_json_round_trip():
    values = describe(pets()).to_dict()
    assert json.loads(json.dumps(values)) == values
    assert values["skipped"] == [{"source": "bad.png", "reason": "damaged"}]
    assert values["classes"][1] == {"name": "dog", "samples": 0}
    assert "thumbnails" not in values


def noise(count, seed=0):
    return np.random.default_rng(seed).integers(0, 180, (count, 12, 12, 3)).astype(np.uint8)


def test_near_duplicates_and_their_conflicts():
    pixels = noise(40)
    pixels = np.concatenate([pixels, pixels[3:5] + np.uint8(9), pixels[7:8]])
    labels = np.arange(43) % 2
    summary = describe((pixels, labels))
    names = load_data((pixels, labels)).sources
    assert summary.duplicates == ((names[7], names[42]),)
    assert summary.near_duplicates == ((names[3], names[40]), (names[4], names[41]))
    assert summary.label_conflicts == (
        (names[7], names[42]),
        (names[3], names[40]),
        (names[4], names[41]),
    )
    assert "2 images are near copies of another (2 groups)" in summary.in_words()
    assert describe((pixels, labels), near=False).near_duplicates is None


def test_images_that_the_reference_holds_too():
    train, test = noise(60), noise(20, seed=1)
    test[4], test[5] = train[8], train[9] + np.uint8(5)
    summary = describe(test, reference=train)
    known, held = load_data(train).sources, load_data(test).sources
    assert summary.shared == (
        Shared(held[4], known[8], exact=True),
        Shared(held[5], known[9], exact=False),
    )
    assert summary.near_duplicates == ()
    assert "1 images exactly and 1 nearly" in summary.in_words()
    assert "none" in describe(noise(20, seed=2), reference=train).in_words()
    assert json.loads(json.dumps(summary.to_dict()))["shared"][1]["exact"] is False


def test_a_reference_of_another_shape_is_refused():
    with pytest.raises(InputError, match=r"reference .* holds uint8 images of shape \(8, 8, 1\)"):
        describe(noise(2), reference="digits")


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
    assert "2 images are exact copies of another (1 group)" in words
    assert "2 groups with different labels" in words
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
    summary = describe(load_data("cifar10", limit=4000))
    assert len(summary.classes) == 10
    assert summary.mean_of_image_stds == pytest.approx(COPIED, abs=0.003)
    assert summary.std[0] > 0.24
    assert "often copied as CIFAR-10's deviation" in summary.in_words()
    assert "often copied" not in describe("digits").in_words()
