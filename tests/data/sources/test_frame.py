"""Pandas frames whose rows hold images."""

import numpy as np
import pandas as pd
import pytest

from cutaway.data import load_data
from cutaway.errors import InputError
from tests.data.samples import picture, png


def as_path(number, folder):
    (folder / f"{number}.png").write_bytes(png(number))
    return str(folder / f"{number}.png")


KINDS = {
    "pictures": lambda number, _: picture(number),
    "bytes": lambda number, _: png(number),
    "dictionaries": lambda number, _: {"bytes": png(number), "path": "x.png"},
    "dictionaries of paths": lambda number, place: {"bytes": None, "path": as_path(number, place)},
    "arrays": lambda number, _: np.full((8, 8), number, np.uint8),
    "paths": as_path,
}


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_images_of_every_kind(tmp_path, kind):
    frame = pd.DataFrame(
        {"image": [kind(number, tmp_path) for number in range(6)], "label": [2, 0, 1] * 2}
    )
    images = load_data(frame)
    assert images.pixels[:, 0, 0, 0].tolist() == [0, 1, 2, 3, 4, 5]
    assert images.labels.tolist() == [2, 0, 1] * 2
    (streamed,) = load_data(frame, streaming=True)
    assert np.array_equal(streamed.pixels, images.pixels)
    assert np.array_equal(streamed.labels, images.labels)
    assert load_data(frame, limit=2).labels.tolist() == [2, 0]


def test_words_and_categories_are_classes():
    rows = {"image": [png(1), png(2), png(3)]}
    words = load_data(pd.DataFrame(rows | {"label": ["dog", "cat", "dog"]}), streaming=True)
    assert words.class_names == ("cat", "dog")
    assert next(iter(words)).labels.tolist() == [1, 0, 1]
    kinds = pd.Categorical(["dog", "cat", "dog"], categories=["dog", "bird", "cat"])
    images = load_data(pd.DataFrame(rows | {"label": kinds}))
    assert images.class_names == ("dog", "bird", "cat")
    assert images.labels.tolist() == [0, 2, 0]


def test_rows_without_an_image_or_a_label_are_named(tmp_path):
    frame = pd.DataFrame(
        {"path": [as_path(0, tmp_path), None, "gone.png"], "label": [1.0, 1.0, np.nan]}
    )
    images = load_data(frame)
    assert len(images) == 1
    reasons = [one.reason for one in images.skipped]
    assert any("NoneType" in reason or "float" in reason for reason in reasons)
    assert "without a label" in reasons


def test_a_column_of_another_name_and_no_labels():
    images = load_data(pd.DataFrame({"photo": [picture(1), picture(2)], "year": [1999, 2000]}))
    assert images.labels is None
    assert images.remarks == ("no column was recognized as labels among ['year']",)
    assert images.sources == ("frame/0", "frame/1")


def test_a_frame_without_images():
    with pytest.raises(InputError, match=r"has the columns \['a'\] and none is known to hold"):
        load_data(pd.DataFrame({"a": [1]}))


def test_a_column_of_image_files_is_known_by_what_it_holds(tmp_path):
    paths = [as_path(number, tmp_path) for number in (3, 1)]
    images = load_data(pd.DataFrame({"note": ["x", "y"], "photo": paths, "label": [1, 0]}))
    assert images.sources == tuple(paths)
    assert images.labels.tolist() == [1, 0]


def test_a_missing_label_of_any_kind_is_told():
    for labels in (pd.array([1, None], "Int64"), pd.array(["a", None], "string"), [1, None]):
        images = load_data(pd.DataFrame({"image": [png(1), png(2)], "label": labels}))
        assert [one.reason for one in images.skipped] == ["without a label"]
