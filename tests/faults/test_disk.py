"""A disk that is full, a folder that cannot be written: one clear error, and nothing lost."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from cutaway.data import load_data
from cutaway.errors import InputError
from cutaway.study import build_study, open_study
from tests.study.conftest import small_network


@pytest.fixture
def small_disk(tmp_path):
    """A file system of one megabyte, or of whatever size is mounted again."""
    place = tmp_path / "disk"
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(place)]
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("mounting a small file system needs to be root")
    yield place
    subprocess.run(["umount", "--lazy", str(place)], check=True)


@pytest.fixture(scope="module")
def digits():
    return load_data("digits").select(np.arange(400))


def test_a_full_disk_is_one_clear_error_and_leaves_nothing(small_disk, digits):
    with pytest.raises(InputError, match=r"is full; free some space|make room, or choose another"):
        build_study(small_network(), digits, small_disk / "digits.study", maps={"pca": "*"})
    assert os.listdir(small_disk) == []


def test_a_full_disk_spares_the_study_that_was_to_be_overwritten(small_disk, digits):
    few = digits.select(np.arange(5))
    build_study(small_network(), few, small_disk / "digits.study", layers="6", maps={"pca": "6"})
    with pytest.raises(InputError, match="is full|make room"):
        build_study(small_network(), digits, small_disk / "digits.study", overwrite=True)
    assert len(open_study(small_disk / "digits.study").samples) == 5


def test_a_report_that_does_not_fit_spares_the_old_one(small_disk, digits, tmp_path):
    study = build_study(small_network(), digits, tmp_path / "digits.study", maps={"pca": "pixels"})
    report = small_disk / "report.html"
    report.write_text("old")
    (small_disk / "ballast").write_bytes(b"x" * 1_000_000)
    with pytest.raises(InputError, match="is full|make room"):
        study.report(report)
    assert report.read_text() == "old"
    assert sorted(os.listdir(small_disk)) == ["ballast", "report.html"]


READ_ONLY = """
import os, sys
import numpy as np
from cutaway.errors import InputError
from cutaway.files import require_writable_folder
from pathlib import Path
if os.getuid() == 0:
    os.setgid(65534)
    os.setuid(65534)
try:
    require_writable_folder(Path(sys.argv[1]))
except InputError as error:
    print(error)
"""


def test_a_folder_that_cannot_be_written_is_named(tmp_path):
    for parent in (tmp_path, *tmp_path.parents):
        if parent.owner() == tmp_path.owner() and parent != Path("/"):
            parent.chmod(parent.stat().st_mode | 0o055)
    folder = tmp_path / "locked"
    folder.mkdir(mode=0o555)
    done = subprocess.run(
        [sys.executable, "-c", READ_ONLY, str(folder)], capture_output=True, text=True, check=True
    )
    assert "cannot be written (Permission denied); choose another place" in done.stdout
