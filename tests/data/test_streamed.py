"""Images that stay where they are, held to the same images in memory."""

import pickle

import numpy as np
import pytest
import torch
from torch.utils.data import Dataset

from cutaway.data import Images, InputTransform, describe, infer_transform, load_data
from cutaway.data.shards import ImageShards
from cutaway.data.stream import ImageStream
from cutaway.data.streamed import StreamedImages
from cutaway.errors import CutawayError, InputError
from tests.data.samples import png, write_folder, write_parquet, write_tar, write_tars

COUNT = 700


def written(kind, folder):
    if kind == "folder":
        return write_folder(folder / "set", COUNT)
    if kind == "parquet":
        return write_parquet(folder / "set.parquet", range(COUNT))
    return write_tars(folder / "set", COUNT, shards=3)


def streamed(source, **options):
    return StreamedImages.of(load_data(source, streaming=True, **options))


@pytest.fixture(params=["folder", "parquet", "tar"])
def both(request, tmp_path):
    source = written(request.param, tmp_path)
    return load_data(source), streamed(source)


def test_a_streamed_set_is_what_memory_holds(both):
    whole, lazy = both
    assert repr(lazy) == repr(whole).replace("Images", "StreamedImages")
    assert lazy.sources == whole.sources
    assert lazy.labels.tolist() == whole.labels.tolist()
    for name in ("fingerprint", "shape", "dtype", "value_range", "class_count", "skipped"):
        assert getattr(lazy, name) == getattr(whole, name), name
    assert describe(lazy).to_dict() == describe(whole).to_dict()
    assert infer_transform(lazy) == infer_transform(whole)


@pytest.mark.parametrize(
    "rows",
    [slice(200, 460), [3], [650, 2, 2, 301], np.arange(COUNT) % 97 == 0, [], torch.tensor([5, 4])],
)
def test_any_rows_are_read_as_memory_gives_them(both, rows):
    whole, lazy = both
    assert np.array_equal(lazy.display(rows), whole.display(rows))
    assert torch.equal(lazy.tensor(rows), whole.tensor(rows))
    if not len(lazy.display(rows)):
        return
    part, chosen = lazy.select(rows), whole.select(rows)
    assert part.fingerprint == chosen.fingerprint
    assert np.array_equal(part.display(), chosen.pixels)
    assert describe(part).to_dict()["classes"] == describe(chosen).to_dict()["classes"]


def test_a_part_reads_on_in_another_process(both):
    whole, lazy = both
    lazy.tensor([0])
    part = pickle.loads(pickle.dumps(lazy.select(slice(100, 400))))
    assert np.array_equal(part.display([299, 0]), whole.display([399, 100]))


def test_joined_sets_are_read_from_where_each_lies(both):
    whole, lazy = both
    few = whole.pixels[:5] + np.uint8(1), whole.labels[:5]
    digits = Images(*few, whole.class_names, "five", None, tuple("abcde"))
    joined, expected = lazy.join(StreamedImages.like_a_stream(digits)), whole.join(digits)
    assert joined.fingerprint == expected.fingerprint
    assert np.array_equal(joined.display([702, 9, 700]), expected.display([702, 9, 700]))
    with pytest.raises(InputError, match="cannot be joined"):
        lazy.join(streamed("digits"))


class Counted(ImageShards):
    """Images in memory that count how often a shard is opened."""

    opened = 0

    def read(self, shard, start):
        self.opened += 1
        yield from super().read(shard, start)


def test_batches_in_order_open_each_shard_once_and_single_rows_only_theirs():
    shards = Counted(load_data("digits"))
    lazy = StreamedImages.of(ImageStream(shards))
    shards.opened = 0
    for start in range(0, len(lazy), 100):
        lazy.tensor(slice(start, start + 100))
    assert shards.opened == len(shards.titles())
    shards.opened = 0
    lazy.tensor([0, 5, 200, 1000])
    assert shards.opened == 3  # 5 lies a little ahead of 0 in the same shard
    lazy.tensor([5, 1000])
    assert shards.opened == 3


def test_floats_are_shown_by_the_range_of_the_whole_set():
    pixels = np.linspace(-3, 5, 300 * 16, dtype=np.float32).reshape(300, 4, 4, 1)
    whole = load_data((pixels.transpose(0, 3, 1, 2), np.arange(300) % 2))
    lazy = streamed(whole)
    assert lazy.dtype == np.float32
    assert np.array_equal(lazy.display([7, 299]), whole.display([7, 299]))
    assert lazy.fingerprint == whole.fingerprint


def test_streams_that_are_shuffled_or_half_read_or_empty_are_refused(tmp_path):
    stream = load_data("digits", streaming=True)
    with pytest.raises(InputError, match="'digits' is shuffled"):
        StreamedImages.of(stream.shuffle(seed=1))
    next(iter(stream))
    assert len(StreamedImages.of(stream)) == 1797
    stream.load_state_dict(stream.state_dict())
    with pytest.raises(InputError, match="in the middle of a pass"):
        StreamedImages.of(stream)
    source = write_tar(tmp_path / "bad.tar", [], None)
    with pytest.raises(InputError):
        streamed(source)


def test_a_limit_and_a_size_that_were_asked_for_stay(tmp_path):
    source = written("parquet", tmp_path)
    lazy = StreamedImages.of(load_data(source, streaming=True, limit=90).resize(5))
    assert (len(lazy), lazy.shape) == (90, (5, 5, 1))
    assert lazy.tensor([89]).shape == (1, 1, 5, 5)


def test_a_set_that_changes_is_told(tmp_path):
    folder = written("folder", tmp_path)
    lazy = streamed(folder)
    first, second = sorted(folder.rglob("*.png"))[:2]
    second.write_bytes(png(77))
    with pytest.raises(InputError, match=r"'set' has changed .*'class 0/000003.png' has other pix"):
        lazy.tensor([1])
    second.write_bytes(b"no image")
    with pytest.raises(InputError, match=r"000003.png' is no image"):
        lazy.tensor([1])
    first.unlink()
    with pytest.raises(InputError, match=r"000003.png' stands in the place of .*000000.png"):
        lazy.tensor([0])
    with pytest.raises(InputError, match="has no image 233"):
        lazy.tensor([233])


class Restless(Dataset):
    """A set whose images change each time, as by random augmentation."""

    def __init__(self):
        self.random = np.random.default_rng(0)

    def __len__(self):
        return 20

    def __getitem__(self, at):
        return self.random.integers(0, 255, (8, 8), dtype=np.uint8), at % 2


def test_random_changes_are_told():
    with pytest.raises(InputError, match="without random changes"):
        streamed(Restless()).tensor([3])


def test_a_shard_that_cannot_be_read_now_is_no_fault_of_the_input(tmp_path):
    source = write_tar(tmp_path / "a.tar", range(20))
    lazy = streamed(source)
    source.unlink()
    with pytest.raises(CutawayError, match="cannot be now") as caught:
        lazy.tensor([3])
    assert not isinstance(caught.value, InputError)


def test_what_is_left_out_is_told_and_never_read_again(tmp_path):
    folder = written("folder", tmp_path)
    (folder / "class 0" / "000003.png").write_bytes(b"no image")
    lazy = streamed(folder)
    assert [one.source for one in lazy.skipped] == ["class 0/000003.png"]
    assert len(lazy) == COUNT - 1
    assert np.array_equal(lazy.display(), load_data(folder).display())


def test_images_without_labels_stay_without(tmp_path):
    lazy = streamed(write_tar(tmp_path / "a.tar", range(30), label=None))
    assert lazy.labels is None
    assert (lazy.class_count, lazy.select([1]).labels) == (0, None)
    assert isinstance(infer_transform(lazy), InputTransform)
