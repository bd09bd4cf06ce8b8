"""ImageStream: every sample once, in an order that can be taken up anywhere; one form for all."""

import io
import json

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from cutaway.data import Images, ImageStream, load_data
from cutaway.errors import InputError
from tests.data.samples import (
    names,
    numbered,
    png,
    write_folder,
    write_parquet,
    write_tar,
    write_tars,
)


def arrays(count):
    return np.arange(count, dtype=np.uint16).view(np.uint8).reshape(count, 1, 2)


def order(stream):
    return [int(source.rpartition("/")[2]) for images in stream for source in images.sources]


@settings(max_examples=30)
@given(
    count=st.integers(1, 900),
    batch=st.integers(1, 300),
    buffer=st.integers(1, 400),
    seed=st.none() | st.integers(0, 9),
    stop=st.integers(0, 6),
)
def test_a_pass_gives_all_once_and_goes_on_after_any_batch(count, batch, buffer, seed, stop):
    def made():
        stream = load_data(arrays(count), streaming=True).batches_of(batch)
        return stream if seed is None else stream.shuffle(seed, buffer)

    whole = order(made())
    assert sorted(whole) == list(range(count))
    assert seed is not None or whole == list(range(count))
    stream, seen, state = made(), [], made().state_dict()
    for number, images in enumerate(stream):
        if number == stop:
            break
        seen += [int(source.rpartition("/")[2]) for source in images.sources]
        state = json.loads(json.dumps(stream.state_dict()))
    resumed = made()
    resumed.load_state_dict(state)
    assert seen + order(resumed) == whole
    assert resumed.epoch == 1


def test_a_stream_gives_the_images_that_memory_gives():
    images = load_data("digits")
    streamed = list(load_data("digits", streaming=True).batches_of(500))
    assert [len(part) for part in streamed] == [500, 500, 500, 297]
    assert np.array_equal(np.concatenate([part.pixels for part in streamed]), images.pixels)
    assert np.array_equal(np.concatenate([part.labels for part in streamed]), images.labels)
    assert streamed[0].class_names == images.class_names
    assert isinstance(streamed[0], Images)


def test_each_pass_has_an_order_of_its_own_that_the_seed_fixes():
    stream = load_data(arrays(700), streaming=True).shuffle(seed=3, buffer=100)
    first, second = order(stream), order(stream)
    assert first != second
    assert sorted(first) == sorted(second)
    again = load_data(arrays(700), streaming=True).shuffle(seed=3, buffer=100)
    again.set_epoch(1)
    assert order(again) == second
    assert order(load_data(arrays(700), streaming=True).shuffle(seed=4, buffer=100)) != first


def test_a_shuffled_pass_mixes_classes_that_lie_one_after_the_other():
    labels = np.repeat(np.arange(4), 1000)
    data = (arrays(4000), labels)
    stream = load_data(data, streaming=True).shuffle(seed=0, buffer=500).batches_of(200)
    shares = [np.bincount(images.labels, minlength=4) / 200 for images in stream]
    assert np.max(shares) < 0.6


def test_limit_and_parts():
    stream = load_data(arrays(100), streaming=True, limit=30).batches_of(7)
    assert order(stream) == list(range(30))
    parts = [order(stream.shuffle(1, 20).part(index, 3)) for index in range(3)]
    assert [len(part) for part in parts] == [10, 10, 10]
    assert sorted(parts[0] + parts[1] + parts[2]) == sorted(order(stream.shuffle(1, 20)))


def test_a_loop_that_was_left_begins_anew_unless_a_state_was_loaded():
    stream = load_data(arrays(20), streaming=True).batches_of(5)
    next(iter(stream))
    assert stream.seen == 5
    assert order(stream) == list(range(20))


@pytest.mark.parametrize("floating", [False, True])
def test_floats_stay_floats(floating):
    pixels = np.random.default_rng(0).random((10, 3, 4, 5), np.float32)
    stream = load_data(torch.from_numpy(pixels), streaming=True)
    assert np.array_equal(next(iter(stream)).tensor().numpy(), pixels)
    with pytest.raises(InputError, match="holds floats, which `resize` does not take"):
        _ = stream.resize(8).form


def test_sizes_and_modes_follow_the_first_images_and_the_end_says_so(tmp_path, capfd):
    for number in range(200):
        image = Image.new("L", (6, 4) if number < 190 else (3, 3), 9)
        image.save(tmp_path / f"{number:03}.png")
    Image.new("RGB", (6, 4)).save(tmp_path / "199.png")
    stream = load_data(tmp_path, streaming=True).batches_of(64)
    assert {images.pixels.shape[1:] for images in stream} == {(4, 6, 1)}
    said = capfd.readouterr().err
    assert "9 of 200 images were resized to 6x4 pixels" in said
    assert "1 of 200 images are coloured and were made grey" in said
    assert {images.pixels.shape[1:] for images in stream.resize((5, 7), channels=3)} == {(5, 7, 3)}


def test_unreadable_images_are_named_and_batches_stay_full(tmp_path):
    write_folder(tmp_path / "set", 60)
    for number in (0, 7, 8, 59):
        (tmp_path / "set" / f"class {number % 3}" / f"{number:06}.png").write_bytes(b"junk")
    stream = load_data(tmp_path / "set", streaming=True).batches_of(10)
    batches = list(stream)
    assert [len(images) for images in batches] == [10, 10, 10, 10, 10, 6]
    named = [one.source for one in stream.skipped]
    assert sorted(named) == sorted(f"class {n % 3}/{n:06}.png" for n in (0, 7, 8, 59))
    assert sum(len(images.skipped) for images in batches) == 4
    assert "4 of 60 images were skipped" in stream.remarks[-1]


def test_what_was_left_out_is_still_known_after_a_resumption(tmp_path):
    write_folder(tmp_path / "set", 30, classes=1)
    (tmp_path / "set" / "class 0" / "000002.png").write_bytes(b"junk")
    stream = load_data(tmp_path / "set", streaming=True).batches_of(10)
    next(iter(stream))
    again = load_data(tmp_path / "set", streaming=True).batches_of(10)
    again.load_state_dict(json.loads(json.dumps(stream.state_dict())))
    assert len(names(again)) == 19
    assert [one.source for one in again.skipped] == ["class 0/000002.png"]


def test_nothing_readable_is_an_error(tmp_path):
    (tmp_path / "a.png").write_bytes(b"junk")
    with pytest.raises(InputError, match="none of the first 1 images of .* can be read"):
        list(load_data(tmp_path, streaming=True))


def test_words_as_labels_are_numbered_in_sorted_order(tmp_path, capfd):
    write_tar(tmp_path / "a.tar", range(6), lambda number: b"dog" if number % 2 else b"cat")
    images = next(iter(load_data(tmp_path / "a.tar", streaming=True)))
    assert images.class_names == ("cat", "dog")
    assert images.labels.tolist() == [0, 1, 0, 1, 0, 1]
    assert "read through once to number the classes" in capfd.readouterr().err


def test_labels_that_do_not_fit_are_named(tmp_path):
    words = [b"0", b"-3", b"1", b"x", b""]
    write_tar(tmp_path / "a.tar", range(4), lambda number: words[number])
    stream = load_data(tmp_path / "a.tar", streaming=True)
    assert names(stream) == ["000000.png", "000003.png"]
    assert [one.reason for one in stream.skipped] == [
        "labelled -3, outside the classes",
        "labelled 1, outside the classes",
    ]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"version": 2}, "no version 1 state"),
        ({"position": {"epoch": -1}}, "position="),
        ({"form": {"size": [0, 1]}}, "form="),
        ({"tally": None}, "state is damaged"),
        ({"skipped": [1]}, "state is damaged"),
        ({"asked": {}}, "state is of a stream with set=None"),
    ],
)
def test_states_of_others_and_damaged_ones_are_refused(change, words):
    stream = load_data(arrays(20), streaming=True)
    with pytest.raises(InputError, match=words):
        stream.load_state_dict(stream.state_dict() | change)


def test_a_state_fits_only_the_same_order_and_set():
    state = load_data(arrays(20), streaming=True).shuffle(1).state_dict()
    with pytest.raises(InputError, match="with seed=1, and this one has seed=2"):
        load_data(arrays(20), streaming=True).shuffle(2).load_state_dict(state)
    with pytest.raises(InputError, match="with set="):
        load_data(arrays(21), streaming=True).shuffle(1).load_state_dict(state)


def test_a_state_names_a_shard_that_is_not_there():
    stream = load_data(arrays(20), streaming=True)
    state = stream.state_dict()
    state["position"] |= {"lanes": [[9, 0, 0]], "following": 1}
    stream.load_state_dict(state)
    with pytest.raises(InputError, match="position names shard 9 of a set of 1"):
        list(stream)


@pytest.mark.parametrize(
    "wrong",
    [
        lambda stream: stream.batches_of(0),
        lambda stream: stream.shuffle(-1),
        lambda stream: stream.shuffle(0, 0),
        lambda stream: stream.resize(0),
        lambda stream: stream.resize(4, 2),
        lambda stream: stream.part(2, 2),
    ],
)
def test_options_that_make_no_sense(wrong):
    with pytest.raises(InputError, match="expected"):
        wrong(load_data(arrays(3), streaming=True))


@pytest.mark.parametrize("kind", ["parquet", "tar", "folder"])
def test_files_stream_in_order_and_as_memory_reads_them(tmp_path, kind):
    if kind == "parquet":
        source = write_parquet(tmp_path / "a.parquet", range(120))
    elif kind == "tar":
        source = write_tars(tmp_path, 120, 3)
    else:
        source = write_folder(tmp_path / "set", 120)
    images = load_data(source)
    stream = load_data(source, streaming=True).batches_of(50)
    assert sorted(names(stream)) == numbered(120)
    streamed = list(stream)
    assert np.array_equal(np.concatenate([part.pixels for part in streamed]), images.pixels)
    assert np.array_equal(np.concatenate([part.labels for part in streamed]), images.labels)
    assert [name for part in streamed for name in part.sources] == list(images.sources)
    assert (stream.name, stream.split) == (images.name, images.split)
    assert sorted(names(stream.shuffle(1, 30))) == numbered(120)


def test_a_bomb_is_refused_and_named(tmp_path):
    buffer = io.BytesIO()
    Image.new("1", (12_000, 12_000)).save(buffer, "PNG")
    (tmp_path / "a.png").write_bytes(png(1))
    (tmp_path / "bomb.png").write_bytes(buffer.getvalue())
    stream = load_data(tmp_path, streaming=True)
    assert names(stream) == ["a.png"]
    assert "decompression bomb" in stream.skipped[0].reason


def test_it_shows_itself():
    assert repr(load_data("digits", split="test", streaming=True)) == (
        "<ImageStream 'digits' (test): batches of 256>"
    )
    assert isinstance(load_data("digits", streaming=True), ImageStream)
