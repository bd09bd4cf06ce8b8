"""A census: parts of a set merge to the whole, exactly."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cutaway.data import Images, Skipped, describe, load_data
from cutaway.data.census import Census
from cutaway.errors import InputError


def some(seed, count, dtype=np.uint8, labelled=True):
    rng = np.random.default_rng(seed)
    pixels = rng.integers(0, 256, (count, 5, 4, 3)).astype(dtype)
    labels = rng.integers(0, 3, count) if labelled else None
    names = ("a", "b", "c") if labelled else None
    return Images(pixels, labels, names, "some", "train", tuple(map(str, range(count))))


@settings(max_examples=30)
@given(
    st.integers(0, 99),
    st.lists(st.integers(0, 30), max_size=4),
    st.sampled_from([np.uint8, np.float32]),
    st.booleans(),
)
def test_parts_merge_to_the_whole(seed, cuts, dtype, labelled):
    images = some(seed, 30, dtype, labelled)
    bounds = sorted({0, 30, *cuts})
    merged = Census()
    for first, last in itertools.pairwise(bounds):
        merged.merge(Census().add(images.select(slice(first, last))))
    whole = Census().add(images)
    assert describe(merged) == describe(whole)
    assert np.allclose(merged.mean_images, whole.mean_images, rtol=1e-12)
    if dtype == np.uint8:
        assert np.array_equal(merged.mean_images, whole.mean_images)


@given(st.integers(0, 99))
def test_mean_images_equal_the_naive_twin(seed):
    images = some(seed, 12)
    census = Census().add(images)
    for label in range(3):
        chosen = [images.pixels[at] for at in range(12) if images.labels[at] == label]
        expected = np.mean(chosen, axis=0) / 255 if chosen else np.zeros((5, 4, 3))
        assert np.allclose(census.mean_images[label], expected)


def test_a_stream_is_described_as_the_set_in_memory_is():
    stream = load_data("digits", streaming=True).batches_of(250)
    assert describe(stream) == describe("digits")


def test_more_classes_appear_later():
    first = load_data((np.zeros((2, 3, 3), np.uint8), [0, 1]))
    later = load_data((np.full((1, 3, 3), 255, np.uint8), [4]))
    census = Census().add(first).add(later)
    assert census.counts.tolist() == [1, 1, 0, 0, 1]
    assert census.mean_images[4].min() == 1.0


def test_an_empty_part_changes_nothing():
    census = Census().add(some(0, 3))
    assert len(census.merge(Census())) == 3


def test_what_was_skipped_and_remarked_is_kept_once():
    images = some(0, 2)
    images = Images(
        images.pixels,
        images.labels,
        images.class_names,
        "some",
        None,
        images.sources,
        (Skipped("x.png", "damaged"),),
        ("resized",),
    )
    census = Census().add(images).add(images)
    assert len(census.skipped) == 2
    assert census.remarks == ["resized"]


def test_different_sets_do_not_merge():
    with pytest.raises(InputError, match=r"'some' and 'digits' cannot be counted together: shape"):
        Census().add(some(0, 3)).add(load_data("digits"))
    with pytest.raises(InputError, match="labels True and False differ"):
        Census().add(some(0, 3)).add(
            Images(some(0, 1).pixels, None, ("a", "b", "c"), "other", None, ("x",))
        )


def test_nothing_counted():
    with pytest.raises(InputError, match="no image was counted"):
        describe(Census())
