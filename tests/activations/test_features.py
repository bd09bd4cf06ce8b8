from pathlib import Path

import numpy as np
import pytest

from cutaway.activations.features import FeatureFile, feature_path, pooling_grid
from cutaway.activations.spans import Spans
from cutaway.errors import InputError


def test_rows_that_are_never_written_are_nan(tmp_path):
    file = FeatureFile(tmp_path / "features" / "a.npy", 6, 2)
    file.write(1, np.ones((2, 2), np.float32))
    file.write(4, np.full((1, 2), 4, np.float32))
    file.fill(Spans([(1, 3), (4, 5)]))
    file.close(keep=True)
    rows = np.load(file.path, mmap_mode="r", allow_pickle=False)
    assert rows.dtype == np.float32
    np.testing.assert_array_equal(rows[:, 0], [np.nan, 1, 1, np.nan, 4, np.nan])


def test_a_file_that_is_not_kept_is_gone(tmp_path):
    file = FeatureFile(tmp_path / "a.npy", 6, 2)
    file.close(keep=False)
    assert not file.path.exists()


def test_a_full_disk_is_a_clear_error():
    with pytest.raises(InputError, match=r"cannot be written to '/dev/full' \(No space left"):
        FeatureFile(Path("/dev/full"), 10, 4)


def test_a_folder_that_is_none_is_a_clear_error(tmp_path):
    (tmp_path / "features").write_text("in the way")
    with pytest.raises(InputError, match=r"features cannot be written to .*choose another folder"):
        FeatureFile(feature_path(tmp_path, "a"), 1, 1)


@pytest.mark.parametrize(
    "address", ["<img src=x onerror=alert(1)>", "../../etc", "a/b", "x" * 999, "a#1[k]"]
)
def test_no_address_leaves_the_folder(tmp_path, address):
    path = feature_path(tmp_path, address)
    assert path.parent == tmp_path / "features"
    path.parent.mkdir()
    path.touch()
    assert path != feature_path(tmp_path, address + "y")


@pytest.mark.parametrize(
    ("shape", "limit", "grid"),
    [((64, 28, 28), 1024, 4), ((32, 5, 5), 1024, 5), ((2048, 7, 7), 1024, 1), ((3, 2, 9), 1024, 2)],
)
def test_the_grid_is_the_largest_within_the_limit(shape, limit, grid):
    assert pooling_grid(shape, limit) == grid
