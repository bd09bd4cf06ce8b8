"""Parquet files: real MNIST and CIFAR-10, splits by name, labels of every kind, faults."""

import io
import json

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from PIL import Image

from cutaway.data import load_data
from cutaway.errors import InputError


def png(value=0):
    buffer = io.BytesIO()
    Image.new("L", (4, 4), value).save(buffer, "PNG")
    return buffer.getvalue()


def write(path, labels=None, *, values=(0, 1, 2), names=None, path_column=True, **columns):
    path.parent.mkdir(parents=True, exist_ok=True)
    images = [{"bytes": png(value)} for value in values]
    if path_column:
        images = [one | {"path": f"{at}.png"} for at, one in enumerate(images)]
    data = {"image": images} | ({} if labels is None else {"label": labels}) | columns
    table = pa.table(data)
    if names is not None:
        features = {"image": {"_type": "Image"}, "label": {"_type": "ClassLabel", "names": names}}
        features = {"info": {"features": features}}
        table = table.replace_schema_metadata({"huggingface": json.dumps(features)})
    pq.write_table(table, path, row_group_size=2)
    return path


@pytest.mark.data
@pytest.mark.parametrize(
    ("name", "train", "test", "shape"),
    [("mnist", 60_000, 10_000, (28, 28, 1)), ("cifar10", 50_000, 10_000, (32, 32, 3))],
)
def test_real_sets_by_name_from_the_data_folder(data_folder, name, train, test, shape):
    first = load_data(name, limit=300)
    assert first.pixels.shape == (300, *shape)
    assert (first.name, first.split, first.class_count) == (name, "train", 10)
    assert first.skipped == first.remarks == ()
    with pytest.raises(InputError, match=r"its splits are \['train', 'test'\]"):
        load_data(name, split="validation")
    for split, count in (("train", train), ("test", test)):
        files = (data_folder / name).glob(f"{split}-*.parquet")
        assert sum(pq.read_metadata(file).num_rows for file in files) == count


@pytest.mark.data
def test_the_first_digits_of_mnist_are_the_known_ones(data_folder):
    images = load_data("mnist", limit=10)
    assert images.labels.tolist() == [5, 0, 4, 1, 9, 2, 1, 3, 1, 4]
    assert images.sources[0] == "train/5/0.png"
    assert load_data("mnist", split="test", limit=3).labels.tolist() == [7, 2, 1]
    folder = load_data(data_folder / "mnist", limit=10)
    assert np.array_equal(folder.pixels, images.pixels)


def test_class_names_come_from_the_schema(tmp_path):
    images = load_data(write(tmp_path / "pets.parquet", [0, 2, 2], names=["a", "b", "c"]))
    assert images.class_names == ("a", "b", "c")
    assert images.labels.tolist() == [0, 2, 2]
    assert (images.name, images.split) == ("pets", None)
    assert images.pixels[:, 0, 0, 0].tolist() == [0, 1, 2]


def test_text_labels_are_numbered_alike_in_every_split(tmp_path):
    write(tmp_path / "train-0.parquet", ["c", "a", "b"])
    write(tmp_path / "test-0.parquet", ["c", "c", "d"])
    images = load_data(tmp_path, split="test")
    assert images.class_names == ("a", "b", "c", "d")
    assert images.labels.tolist() == [2, 2, 3]


def test_splits_may_be_folders_and_files_are_read_in_order(tmp_path):
    write(tmp_path / "train" / "b.parquet", [1, 1, 1])
    write(tmp_path / "train" / "a.parquet", [0, 0, 0])
    write(tmp_path / "test" / "a.parquet", [5, 5, 5])
    assert load_data(tmp_path).labels.tolist() == [0, 0, 0, 1, 1, 1]
    assert load_data(tmp_path, limit=4).labels.tolist() == [0, 0, 0, 1]
    assert load_data(tmp_path, split="test").labels.tolist() == [5, 5, 5]
    assert load_data(f"{tmp_path}/**/a.parquet", split="test").split == "test"


def test_bytes_alone_and_other_columns(tmp_path):
    pq.write_table(pa.table({"img": [png()], "colour": ["red"]}), tmp_path / "a.parquet")
    images = load_data(tmp_path / "a.parquet")
    assert images.labels is None
    assert images.sources == ("a/0",)
    assert images.remarks == ("no column was recognized as labels among ['colour']",)


def test_hidden_labels_are_no_labels(tmp_path):
    assert load_data(write(tmp_path / "a.parquet", [-1, -1, -1])).labels is None
    assert load_data(write(tmp_path / "b.parquet", pa.nulls(3, pa.int64()))).labels is None


def test_a_path_in_a_strangers_table_is_not_opened(tmp_path):
    Image.new("L", (4, 4)).save(tmp_path / "secret.png")
    rows = [
        {"bytes": None, "path": str(tmp_path / "secret.png")},
        {"bytes": png(), "path": "fine.png"},
    ]
    pq.write_table(pa.table({"image": rows}), tmp_path / "a.parquet")
    images = load_data(tmp_path / "a.parquet")
    assert images.sources == ("fine.png",)
    assert "holds no bytes" in images.skipped[0].reason


@pytest.mark.parametrize(
    ("labels", "words"),
    [
        ([0, None, 1], "no label in 1 of 3 rows"),
        ([0, 1, -1], "labels hold -1"),
        ([0, 1, 3], "labels run up to 3, and 3 classes have"),
    ],
)
def test_labels_that_do_not_fit(tmp_path, labels, words):
    with pytest.raises(InputError, match=words):
        load_data(write(tmp_path / "a.parquet", labels, names=["a", "b", "c"]))


@pytest.mark.parametrize(
    "metadata", [b"not json", b"[]", b'{"info": 5}', b'{"info": {"features": 3}}']
)
def test_hostile_metadata_is_passed_over(tmp_path, metadata):
    table = pa.table({"image": [{"bytes": png()}], "label": [0]})
    pq.write_table(table.replace_schema_metadata({"huggingface": metadata}), tmp_path / "a.parquet")
    assert load_data(tmp_path / "a.parquet").class_names is None


@pytest.mark.parametrize("names", [5, [], [1, 2], {"a": 1}])
def test_hostile_class_names_are_passed_over(tmp_path, names):
    assert load_data(write(tmp_path / "a.parquet", [0, 1, 2], names=names)).class_names is None


@pytest.mark.parametrize("keep", [0, 3, 100, -20])
def test_files_that_are_no_parquet_or_cut_off(tmp_path, keep):
    file = write(tmp_path / "a.parquet", [0, 1, 2])
    file.write_bytes(file.read_bytes()[:keep])
    with pytest.raises(InputError, match="cannot be read as parquet .* Copy or write it again"):
        load_data(file)


def test_damage_in_the_middle_is_an_input_error_or_named(tmp_path):
    file = write(tmp_path / "a.parquet", [0, 1, 2])
    data = bytearray(file.read_bytes())
    data[4:60] = bytes(56)
    file.write_bytes(data)
    with pytest.raises(InputError):
        load_data(file)


@pytest.mark.parametrize(
    ("columns", "words"),
    [
        ({"a": [1], "b": ["x"]}, r"has the columns \['a', 'b'\] and none holds encoded images"),
        ({"left": [b""], "right": [b""]}, r"has images in the columns \['left', 'right'\]"),
        ({"image": pa.array([], pa.binary())}, "holds no rows"),
    ],
)
def test_tables_without_one_image_column(tmp_path, columns, words):
    pq.write_table(pa.table(columns), tmp_path / "a.parquet")
    with pytest.raises(InputError, match=words):
        load_data(tmp_path / "a.parquet")


def test_files_of_unlike_columns(tmp_path):
    write(tmp_path / "a.parquet", [0, 1, 2])
    write(tmp_path / "b.parquet")
    with pytest.raises(InputError, match=r"has no column \['label'\], as .*a.parquet' has"):
        load_data(tmp_path)


def test_several_label_columns_are_told(tmp_path):
    images = load_data(write(tmp_path / "a.parquet", [0, 1, 2], category=["x", "y", "z"]))
    assert images.remarks == ("labels are taken from column 'label', not from ['category']",)
