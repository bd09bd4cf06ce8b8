"""Images: selection, joining, tensors, pictures, and what does not fit."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from cutaway.data import Images, Skipped
from cutaway.errors import InputError


def pets(count=6, channels=3, dtype=np.uint8, **changes):
    pixels = np.random.default_rng(0).integers(0, 256, (count, 4, 5, channels)).astype(dtype)
    fields = {
        "pixels": pixels,
        "labels": np.arange(count) % 2,
        "class_names": ("cat", "dog"),
        "name": "pets",
        "split": "train",
        "sources": tuple(f"pets/{at}" for at in range(count)),
    }
    return Images(**(fields | changes))


@given(st.lists(st.integers(-6, 5), min_size=1, max_size=9))
def test_selection_is_numpys(indices):
    images = pets()
    chosen = images.select(indices)
    assert np.array_equal(chosen.pixels, images.pixels[indices])
    assert np.array_equal(chosen.labels, images.labels[indices])
    assert chosen.sources == tuple(images.sources[at] for at in indices)
    assert torch.equal(images.tensor(indices), images.tensor()[indices])
    assert np.array_equal(images.display(indices), images.display()[indices])


@pytest.mark.parametrize(
    "indices",
    [slice(1, 3), np.array([1, 2]), torch.tensor([1, 2]), [False, True, True] + 3 * [False]],
)
def test_kinds_of_selection(indices):
    assert pets().select(indices).sources == ("pets/1", "pets/2")


@pytest.mark.parametrize("indices", [[6], [True, False], [-7]])
def test_selection_outside_is_an_error(indices):
    with pytest.raises(InputError, match="indices do not fit.*expected integers from 0 to 5"):
        pets().select(indices)


def test_an_empty_tensor_is_no_error_and_an_empty_set_is():
    assert pets().tensor([]).shape == (0, 3, 4, 5)
    with pytest.raises(InputError, match="expected at least one image"):
        pets().select([])


def test_bytes_become_floats_in_the_unit_range_and_floats_stay():
    images = pets()
    expected = torch.tensor(images.pixels.astype(np.float32) / 255).permute(0, 3, 1, 2)
    assert torch.allclose(images.tensor(), expected)
    floats = pets(dtype=np.float32)
    assert torch.equal(floats.tensor(), torch.tensor(np.array(floats.pixels)).permute(0, 3, 1, 2))


def test_tensors_can_be_changed_without_changing_the_images():
    images = pets(channels=1, dtype=np.float32)
    before = images.pixels.copy()
    images.tensor().zero_()
    images.display()[:] = 0
    assert np.array_equal(images.pixels, before)
    with pytest.raises(ValueError, match="read-only"):
        images.pixels[0] = 0


def test_floats_are_displayed_by_their_range():
    inside = np.array([0.0, 0.5, 1.0], np.float32).reshape(3, 1, 1, 1)
    sources = ("a", "b", "c")
    images = Images(inside, None, None, "f", None, sources)
    assert images.display().ravel().tolist() == [0, 128, 255]
    outside = Images(inside * 4 - 2, None, None, "f", None, sources)
    assert outside.display().ravel().tolist() == [0, 128, 255]
    assert outside.display([2]).ravel().tolist() == [255]


def test_fingerprint_follows_content():
    images = pets()
    assert images.fingerprint == pets(name="others").fingerprint
    assert len(images.fingerprint) == 64
    others = [
        images.select([1, 0]),
        pets(labels=None),
        pets(class_names=("a", "b")),
        pets(dtype=np.float32),
    ]
    assert len({images.fingerprint} | {other.fingerprint for other in others}) == 5


def test_join_keeps_both():
    first = pets(skipped=(Skipped("x.png", "damaged"),), remarks=("one", "two"))
    second = pets(2, split="test", remarks=("two", "three"))
    joined = first.join(second)
    assert len(joined) == 8
    assert joined.split is None
    assert joined.sources == first.sources + second.sources
    assert joined.labels.tolist() == [0, 1, 0, 1, 0, 1, 0, 1]
    assert joined.remarks == ("one", "two", "three")
    assert joined.skipped == first.skipped
    assert pets().join(pets()).split == "train"


@pytest.mark.parametrize(
    ("changes", "what"),
    [
        ({"channels": 1}, "image shape"),
        ({"dtype": np.float32}, "value type"),
        ({"class_names": ("a", "b")}, "class names"),
        ({"labels": None}, "labels"),
    ],
)
def test_unlike_sets_do_not_join(changes, what):
    with pytest.raises(InputError, match=f"cannot be joined: {what}"):
        pets().join(pets(**changes))


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"channels": 2}, "2 channels; expected 1 .grey. or 3"),
        ({"sources": ("a",)}, "6 images and 1 sources"),
        ({"labels": np.array([0])}, "6 images and 1 labels"),
        ({"labels": np.array([0, 0, 0, 0, 0, -1])}, "labels hold -1; expected integers from 0"),
        ({"labels": np.array([0, 0, 0, 0, 0, 2])}, "labels run up to 2, and 2 classes have"),
    ],
)
def test_parts_that_do_not_fit(changes, words):
    with pytest.raises(InputError, match=words):
        pets(**changes)


def test_repr_and_class_count():
    assert repr(pets()) == "<Images 'pets' (train): 6 RGB images of 5x4 pixels, 2 classes>"
    one = pets(1, labels=None, class_names=None, split=None)
    assert repr(one) == "<Images 'pets': 1 RGB image of 5x4 pixels, no labels>"
    assert one.class_count == 0
    assert pets(class_names=None).class_count == 2
    assert pets(class_names=("a", "b", "c")).class_count == 3
