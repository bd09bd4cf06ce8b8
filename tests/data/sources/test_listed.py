"""Lists of images that no array holds together."""

import numpy as np
import pytest

from cutaway.data import load_data
from cutaway.errors import InputError
from tests.data.samples import picture, png


def as_path(number, folder):
    (folder / f"{number}.png").write_bytes(png(number))
    return folder / f"{number}.png"


KINDS = {
    "paths": as_path,
    "words": lambda number, place: str(as_path(number, place)),
    "pictures": lambda number, _: picture(number),
    "bytes": lambda number, _: png(number),
    "arrays of several sizes": lambda number, _: np.full((8, 8 + number % 2), number, np.uint8),
    "palettes": lambda number, _: picture(number).convert("P"),
}


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_images_of_every_kind(tmp_path, kind):
    listed = [kind(number, tmp_path) for number in (60, 10, 240)]
    images = load_data((listed, ["cat", "dog", "cat"]))
    assert images.pixels[:, 0, 0, 0].tolist() == [60, 10, 240]
    assert (images.labels.tolist(), images.class_names) == ([0, 1, 0], ("cat", "dog"))
    assert load_data(listed).labels is None
    pairs = load_data(list(zip(listed, [2, 0, 1], strict=True)))
    assert np.array_equal(pairs.pixels, images.pixels)
    assert pairs.labels.tolist() == [2, 0, 1]
    (streamed,) = load_data((listed, [2, 0, 1]), streaming=True)
    assert streamed.labels.tolist() == [2, 0, 1]


def test_files_keep_their_names_and_missing_ones_are_told(tmp_path):
    there, missing = str(as_path(3, tmp_path)), str(tmp_path / "none.png")
    images = load_data([there, missing])
    assert images.sources == (there,)
    assert (images.skipped[0].source, images.skipped[0].reason) == (
        missing,
        "unreadable: No such file or directory",
    )


def test_labels_must_be_one_an_image():
    with pytest.raises(InputError, match="there are 2 images and 1 labels"):
        load_data(([png(1), png(2)], [0]))
