"""Data sets of torch, with and without an index."""

import numpy as np
import pytest
import torch
from PIL import Image
from torch.utils.data import (
    ConcatDataset,
    DataLoader,
    Dataset,
    IterableDataset,
    TensorDataset,
    random_split,
)

from cutaway.data import load_data
from cutaway.errors import InputError


class Indexed(Dataset):
    """Items made by a function; `classes` as torchvision has it."""

    def __init__(self, count, item, classes=None):
        self.count, self.item, self.classes = count, item, classes

    def __len__(self):
        return self.count

    def __getitem__(self, at):
        return self.item(at)


class Iterated(IterableDataset):
    """Items that can only be gone through."""

    def __init__(self, count, item, fails_at=None):
        self.count, self.item, self.fails_at = count, item, fails_at

    def __iter__(self):
        for at in range(self.count):
            if at == self.fails_at:
                raise RuntimeError("the disk is gone")
            yield self.item(at)


def grey(at):
    return Image.new("L", (3, 2), at % 251)


ITEMS = {
    "picture and label": lambda at: (grey(at), at % 3),
    "mapping": lambda at: {"image": grey(at), "label": torch.tensor(at % 3), "caption": "x"},
    "bytes": lambda at: (np.full((2, 3), at % 251, np.uint8), np.int64(at % 3)),
    "tensor of bytes": lambda at: (torch.full((1, 2, 3), at % 251, dtype=torch.uint8), at % 3),
}


@pytest.mark.parametrize("kind", [Indexed, Iterated])
@pytest.mark.parametrize("item", ITEMS.values(), ids=ITEMS)
def test_items_of_every_kind(kind, item):
    dataset = kind(300, item)
    images = load_data(dataset)
    assert images.pixels[:, 0, 0, 0].tolist() == [at % 251 for at in range(300)]
    assert images.labels.tolist() == [at % 3 for at in range(300)]
    assert images.pixels.shape == (300, 2, 3, 1)
    assert len(load_data(dataset, limit=7)) == 7
    streamed = list(load_data(dataset, streaming=True).batches_of(128))
    assert np.array_equal(np.concatenate([part.pixels for part in streamed]), images.pixels)
    assert np.array_equal(np.concatenate([part.labels for part in streamed]), images.labels)


def test_floats_as_a_transform_gives_them():
    pixels = torch.rand(20, 3, 5, 4)
    dataset = TensorDataset(pixels, torch.arange(20) % 2)
    assert torch.equal(load_data(dataset).tensor(), pixels)
    (images,) = load_data(dataset, streaming=True)
    assert torch.equal(images.tensor(), pixels)
    assert images.labels.tolist() == [0, 1] * 10


def test_class_names_are_taken_from_the_set():
    images = load_data(Indexed(4, lambda at: (grey(at), at % 2), ["cat", "dog"]))
    assert images.class_names == ("cat", "dog")


@pytest.mark.parametrize("kind", [Indexed, Iterated])
def test_a_stream_is_resumed(kind):
    def made():
        return load_data(kind(600, ITEMS["bytes"]), streaming=True).batches_of(50).shuffle(1, 90)

    whole = [source for images in made() for source in images.sources]
    assert len(set(whole)) == 600
    stream, seen = made(), []
    for images in stream:
        seen += images.sources
        if len(seen) == 250:
            break
    again = made()
    again.load_state_dict(stream.state_dict())
    assert seen + [source for images in again for source in images.sources] == whole


def test_items_that_fail_are_named():
    def item(at):
        if at == 3:
            raise OSError("no such file")
        return ("nonsense", 0) if at == 4 else (grey(at), 0.5 if at == 5 else 0)

    images = load_data(Indexed(8, item))
    reasons = {one.source: one.reason for one in images.skipped}
    assert reasons["Indexed/3"] == "unreadable: OSError: no such file"
    assert "No such file" in reasons["nonsense"]
    assert "label 0.5" in reasons["Indexed/5"]
    assert len(images) == 5


def test_an_iteration_that_breaks_off_is_named_and_its_begin_used():
    images = load_data(Iterated(9, ITEMS["bytes"], fails_at=6))
    assert len(images) == 6
    assert "RuntimeError: the disk is gone; the 6 samples before that are used" in (
        images.skipped[0].reason
    )


def test_mixed_shapes_of_floats_are_named():
    def item(at):
        return torch.full((1, 2, 2 + (at == 5)), float("nan") if at == 6 else 0.5), 0

    for data in (load_data(Indexed(9, item)), load_data(Indexed(9, item), streaming=True)):
        assert sum(len(images) for images in ([data] if hasattr(data, "pixels") else data)) == 7
        assert "of the shape (2, 3, 1)" in data.skipped[0].reason
        assert "NaN" in data.skipped[1].reason


def test_a_set_without_an_item():
    with pytest.raises(InputError, match="holds no image that can be read"):
        load_data(Indexed(0, ITEMS["bytes"]))
    with pytest.raises(InputError, match="is one whole and has no splits"):
        load_data(Indexed(3, ITEMS["bytes"]), split="test")


def test_parts_and_joined_sets_keep_the_class_names():
    whole = Indexed(6, ITEMS["picture and label"], ["cat", "dog", "cow"])
    part, _ = random_split(whole, [4, 2])
    assert load_data(part).class_names == ("cat", "dog", "cow")
    assert load_data(ConcatDataset([part, whole])).class_names == ("cat", "dog", "cow")
    assert load_data(ConcatDataset([whole, Indexed(3, whole.item)])).class_names is None


def test_a_data_set_of_hugging_face():
    import datasets

    features = datasets.Features(
        {"image": datasets.Image(), "label": datasets.ClassLabel(names=["cat", "dog"])}
    )
    rows = {"image": [grey(at) for at in range(4)], "label": [0, 1, 1, 0]}
    given = datasets.Dataset.from_dict(rows, features=features)
    for dataset in (given, given.to_iterable_dataset()):
        images = load_data(dataset)
        assert images.pixels[:, 0, 0, 0].tolist() == [0, 1, 2, 3]
        assert (images.labels.tolist(), images.class_names) == ([0, 1, 1, 0], ("cat", "dog"))
    with pytest.raises(InputError, match=r"Give one of its entries: 'train', 'test'"):
        load_data(datasets.DatasetDict(train=given, test=given))


def test_labels_of_several_numbers_are_told():
    one_hot = Indexed(4, lambda at: (grey(at), torch.eye(3)[at % 3]))
    with pytest.raises(InputError, match=r"'Indexed/0', .* a label of shape \(3,\)"):
        load_data(one_hot)


def test_what_only_looks_like_a_set_is_told():
    class Endless(Dataset):
        def __getitem__(self, at):
            return grey(at), 0

    with pytest.raises(InputError, match="Endless has no __len__"):
        load_data(Endless())
    with pytest.raises(InputError, match=r"data is a DataLoader.*Give its \.dataset"):
        load_data(DataLoader(Indexed(3, ITEMS["bytes"])))
