"""Some images of a set: of all its classes, whatever the order that they lie in."""

import numpy as np
import pytest

from cutaway.data import load_data
from cutaway.data.first import first_images, first_rows, lies_by_class
from cutaway.errors import InputError

PIXELS = np.arange(100, dtype=np.uint8)[:, None, None]


@pytest.mark.parametrize("streaming", [False, True])
def test_the_first_of_a_mixed_set_and_some_of_each_class_of_a_sorted_one(streaming):
    mixed = load_data((PIXELS, np.arange(100) % 4), streaming=streaming)
    assert first_images(mixed, 10).pixels.ravel().tolist() == list(range(10))
    by_class = load_data((PIXELS, np.arange(100) // 25), streaming=streaming)
    assert set(first_images(by_class, 40).labels.tolist()) == {0, 1, 2, 3}
    assert len(first_images(by_class, 500)) == 100


def test_a_large_class_stays_large():
    labels = np.repeat([2, 0, 1], [60, 30, 10])
    rows = first_rows(labels, 100, 20)
    assert np.bincount(labels[rows]).tolist() == [6, 2, 12]
    assert len(np.unique(rows)) == 20


def test_without_labels_the_first():
    assert first_rows(None, 5, 3).tolist() == [0, 1, 2]
    assert not lies_by_class(None)


def test_a_stream_without_an_image(tmp_path):
    (tmp_path / "a.png").write_bytes(b"junk")
    with pytest.raises(InputError, match="can be read"):
        first_images(load_data(tmp_path, streaming=True), 3)
