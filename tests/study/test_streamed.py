"""A Study of images that stay where they are is the Study of the same images in memory."""

import filecmp
import io
import os
import signal
import subprocess
import sys
import textwrap
import threading
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from PIL import Image
from torch import get_num_threads
from torch.utils.data import Dataset

from cutaway.data import load_data
from cutaway.errors import InputError
from cutaway.study import build_study
from tests.data.samples import add
from tests.study.conftest import small_network

SPLITS = {"train": range(150, 350), "test": range(150)}


@pytest.fixture(scope="module")
def pictures():
    digits = load_data("digits")
    return [(picture(digits.display([row])[0]), int(digits.labels[row])) for row in range(350)]


def picture(pixels):
    buffer = io.BytesIO()
    Image.fromarray(pixels[..., 0]).save(buffer, "PNG")
    return buffer.getvalue()


def write(kind, root, pictures):
    """Both splits of the digits as files of a kind; returns what `load_data` takes."""
    for split, rows in SPLITS.items():
        (root / split).mkdir(parents=True)
        if kind == "parquet":
            table = {
                "image": [{"bytes": pictures[row][0], "path": f"{row}.png"} for row in rows],
                "label": [pictures[row][1] for row in rows],
            }
            pq.write_table(pa.table(table), root / split / "a.parquet", row_group_size=70)
        elif kind == "tar":
            write_tars(root / split, [(row, *pictures[row]) for row in rows])
        else:
            for row in rows:
                data, label = pictures[row]
                place = root / split / f"class {label}"
                place.mkdir(exist_ok=True)
                (place / f"{row:03}.png").write_bytes(data)
    return root


def write_tars(folder, samples):
    import tarfile

    for shard in range(3):
        with tarfile.open(folder / f"{folder.name}-{shard}.tar", "w") as archive:
            for row, data, label in samples[shard::3]:
                add(archive, f"{row:03}.png", data)
                add(archive, f"{row:03}.cls", b"%d" % label)


def build(source, path, *, streaming, **options):
    data, reference = (
        load_data(source, split=split, streaming=streaming) for split in ("test", "train")
    )
    return build_study(small_network(), data, path, reference=reference, **options)


def files(folder):
    return sorted(path.relative_to(folder) for path in folder.rglob("*") if path.is_file())


def assert_equal_files(one, other):
    assert files(one) == files(other)
    assert filecmp.cmpfiles(one, other, files(one), shallow=False)[1:] == ([], [])


FEW = {"maps": {"pca": "pixels"}, "layers": ["0", "6"]}


@pytest.mark.parametrize(
    ("kind", "options"),
    [
        ("parquet", {"deep": True}),
        ("folder", FEW),
        ("tar", {**FEW, "workers": 2}),
    ],
    ids=["parquet", "folder", "tar"],
)
def test_a_streamed_study_is_that_of_memory_byte_by_byte(kind, options, pictures, tmp_path):
    source = write(kind, tmp_path / "set", pictures)
    whole = build(source, tmp_path / "whole", streaming=False, **options)
    streamed = build(source, tmp_path / "streamed", streaming=True, **options)
    assert_equal_files(whole.folder, streamed.folder)


KILLED = """
    import sys
    from cutaway.data import load_data
    from cutaway.progress import show_progress
    from tests.study.test_streamed import FEW, build
    show_progress()
    build(sys.argv[1], "killed.study", streaming=True, **FEW)
"""


def test_a_killed_build_goes_on(pictures, tmp_path):
    source = write("tar", tmp_path / "set", pictures)
    root = Path(__file__).parents[2]
    with subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(KILLED), source],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(root), "OMP_NUM_THREADS": str(get_num_threads())},
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        for line in process.stderr:
            if line.startswith("Making"):
                break
        process.send_signal(signal.SIGKILL)
    outputs = (tmp_path / ".killed.study.partial" / "outputs.npy").stat()
    resumed = build(source, tmp_path / "killed.study", streaming=True, **FEW)
    assert (resumed.folder / "outputs.npy").stat().st_mtime_ns == outputs.st_mtime_ns
    whole = build(source, tmp_path / "whole", streaming=False, **FEW)
    assert_equal_files(whole.folder, resumed.folder)


def test_a_reference_in_memory_stands_beside_data_that_is_streamed(pictures, tmp_path):
    source = write("parquet", tmp_path / "set", pictures)
    reference = load_data(source, split="train")
    data = load_data(source, split="test", streaming=True)
    mixed = build_study(small_network(), data, tmp_path / "mixed", reference=reference, **FEW)
    whole = build(source, tmp_path / "whole", streaming=False, **FEW)
    assert_equal_files(whole.folder, mixed.folder)


def test_images_without_labels_are_studied(pictures, tmp_path):
    digits = load_data("digits").pixels[:40]
    whole = build_study(small_network(), digits, tmp_path / "whole", **FEW)
    streamed = build_study(
        small_network(), load_data(digits, streaming=True), tmp_path / "streamed", **FEW
    )
    assert "label" not in streamed.samples
    assert_equal_files(whole.folder, streamed.folder)


def test_a_shuffled_stream_and_one_half_read_are_refused_before_anything_is_written(tmp_path):
    stream = load_data("digits", streaming=True)
    with pytest.raises(InputError, match="is shuffled"):
        build_study(small_network(), stream.shuffle(), tmp_path / "study")
    stream.load_state_dict(stream.state_dict())
    with pytest.raises(InputError, match="in the middle of a pass"):
        build_study(small_network(), stream, tmp_path / "study")
    assert os.listdir(tmp_path) == []


class Changing(Dataset):
    """Images that are others from a number of reads on, as under random augmentation."""

    def __init__(self, after):
        self.digits, self.left = load_data("digits").pixels[:60], after

    def __len__(self):
        return 60

    def __getitem__(self, at):
        self.left -= 1
        return self.digits[at] + np.uint8(self.left < 0)


@pytest.mark.parametrize("after", [70, 150])
def test_a_set_that_changes_between_passes_is_told_and_leaves_nothing(after, tmp_path):
    stream = load_data(Changing(after), streaming=True)
    with pytest.raises(InputError, match="'Changing' has changed since it was first read"):
        build_study(small_network(), stream, tmp_path / "study", **FEW)
    assert os.listdir(tmp_path) == []


def test_a_set_that_no_process_can_be_sent_is_told(tmp_path):
    dataset = Changing(10_000)
    dataset.lock = threading.Lock()
    stream = load_data(dataset, streaming=True)
    with pytest.raises(InputError, match="cannot be sent to workers"):
        build_study(small_network(), stream, tmp_path / "study", workers=1, **FEW)
