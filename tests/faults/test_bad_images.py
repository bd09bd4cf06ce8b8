"""Folders and tables with faults: what can be read is used, all else is named."""

import pyarrow.parquet as pq
import pytest
from PIL import Image

from cutaway.data import load_data
from tests.data.samples import names, numbered, png, write_folder, write_parquet

COUNT = 10_000
CORRUPT = 100


@pytest.fixture(scope="module")
def large(tmp_path_factory):
    """10,000 images of which 100 are corrupt in one of several ways, and the names of those."""
    folder = tmp_path_factory.mktemp("large")
    good = [png(number) for number in range(251)]
    broken = []
    for number in range(COUNT):
        place = folder / f"class {number % 10}"
        place.mkdir(exist_ok=True)
        data = good[number % 251]
        if number % (COUNT // CORRUPT) == 7:
            data = (b"", b"junk", data[:20], data[:45])[number // 100 % 4]
            broken.append(f"class {number % 10}/{number:05}.png")
        (place / f"{number:05}.png").write_bytes(data)
    return folder, sorted(broken)


def test_all_of_a_hundred_corrupt_images_among_ten_thousand_are_named(large, capfd):
    folder, broken = large
    assert len(broken) == CORRUPT
    images = load_data(folder)
    assert len(images) == COUNT - CORRUPT
    assert sorted(one.source for one in images.skipped) == broken
    assert "100 of 10,000 images were skipped" in capfd.readouterr().err


def test_a_stream_names_them_too(large, capfd):
    folder, broken = large
    stream = load_data(folder, streaming=True).shuffle(0)
    assert sum(len(images) for images in stream) == COUNT - CORRUPT
    assert sorted(one.source for one in stream.skipped) == broken
    assert "100 of 10,000 images were skipped" in capfd.readouterr().err


@pytest.mark.parametrize("streaming", [False, True])
def test_a_parquet_file_that_was_cut_off_is_named_and_the_others_used(tmp_path, capfd, streaming):
    write_parquet(tmp_path / "a.parquet", range(60))
    write_parquet(tmp_path / "b.parquet", range(60, 120))
    write_parquet(tmp_path / "c.parquet", range(120, 160))
    whole = (tmp_path / "b.parquet").read_bytes()
    (tmp_path / "b.parquet").write_bytes(whole[: len(whole) // 2])
    data = load_data(tmp_path, streaming=streaming)
    seen = names(data) if streaming else list(data.sources)
    assert seen == numbered(160)[:60] + numbered(160)[120:]
    (lost,) = data.skipped
    assert lost.source.startswith("b.parquet")
    assert "cannot be read as parquet" in lost.reason
    assert "b.parquet" in capfd.readouterr().err


@pytest.mark.parametrize("streaming", [False, True])
def test_a_damaged_row_group_ends_a_file_and_what_came_before_is_used(tmp_path, streaming):
    file = write_parquet(tmp_path / "a.parquet", range(150), row_group_size=50)
    second = pq.read_metadata(file).row_group(1).column(0)
    data = bytearray(file.read_bytes())
    start = second.dictionary_page_offset or second.data_page_offset
    data[start : start + 30] = b"\xff" * 30
    file.write_bytes(data)
    loaded = load_data(tmp_path, streaming=streaming)
    seen = names(loaded) if streaming else list(loaded.sources)
    assert seen[:50] == numbered(50)
    assert not set(numbered(100)[50:]) & set(seen)
    assert loaded.skipped[0].source.startswith("a.parquet")


@pytest.mark.parametrize("streaming", [False, True])
def test_a_class_without_a_sample_is_said(tmp_path, capfd, streaming):
    write_folder(tmp_path / "set", 6)
    (tmp_path / "set" / "class empty").mkdir()
    data = load_data(tmp_path / "set", streaming=streaming)
    if streaming:
        list(data)
    assert "1 sub-folder holds no image and is no class: 'class empty'" in capfd.readouterr().err
    assert data.class_names == ("class 0", "class 1", "class 2")


def test_mixed_sizes_and_modes_are_handled_and_said(tmp_path, capfd):
    modes = ["L", "RGB", "RGBA", "P", "1", "LA", "CMYK", "I;16"]
    for number, mode in enumerate(modes):
        kind = "jpg" if mode == "CMYK" else "png"
        Image.new(mode, (10 + number, 9)).save(tmp_path / f"{number}.{kind}")
    images = load_data(tmp_path)
    assert len(images) == 8
    assert images.channels == 3
    said = capfd.readouterr().err
    for words in ("resized", "transparency", "16 bits", "palette", "expanded to RGB"):
        assert words in said
