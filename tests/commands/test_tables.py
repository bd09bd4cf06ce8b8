"""Tables from files: what is read, and what is refused."""

import numpy as np
import pandas as pd
import pytest

from cutaway.commands.tables import read_table
from cutaway.errors import InputError

TABLE = np.arange(12, dtype=np.float64).reshape(4, 3)


def test_every_format_gives_the_same_table(tmp_path):
    np.save(tmp_path / "t.npy", TABLE)
    np.savez(tmp_path / "t.npz", TABLE)
    frame = pd.DataFrame(TABLE, columns=list("abc"))
    frame.assign(name="x").to_csv(tmp_path / "t.csv", index=False)
    frame.assign(name="x").to_parquet(tmp_path / "t.parquet")
    for ending in ("npy", "npz", "csv", "parquet"):
        np.testing.assert_array_equal(read_table(tmp_path / f"t.{ending}"), TABLE, err_msg=ending)


def test_higher_axes_are_flattened(tmp_path):
    np.save(tmp_path / "t.npy", np.zeros((4, 2, 3)))
    assert read_table(tmp_path / "t.npy").shape == (4, 6)


def test_a_parquet_file_of_images_is_no_table(tmp_path):
    pd.DataFrame({"image": [b""], "label": [1]}).to_parquet(tmp_path / "images.parquet")
    assert read_table(tmp_path / "images.parquet") is None


def test_a_pickle_is_not_run(tmp_path):
    class Bomb:
        def __reduce__(self):
            return (open, (str(tmp_path / "ran"), "w"))

    np.save(tmp_path / "t.npy", np.array([Bomb()], dtype=object), allow_pickle=True)
    with pytest.raises(InputError, match="cannot be read"):
        read_table(tmp_path / "t.npy")
    assert not (tmp_path / "ran").exists()


BAD = {
    "holds float64 of shape (3,)": lambda file: np.save(file, np.zeros(3)),
    "holds <U1 of shape": lambda file: np.save(file, np.array([["a"]])),
    "not finite in 1 rows, first in row 1": lambda file: np.save(file, [[1.0], [np.nan]]),
    "cannot be read": lambda file: file.write_bytes(b"not numpy"),
}


@pytest.mark.parametrize("message", BAD)
def test_what_is_no_table_is_refused(message, tmp_path):
    file = tmp_path / "t.npy"
    BAD[message](file)
    with pytest.raises(InputError) as caught:
        read_table(file)
    assert message in str(caught.value)


def test_an_archive_of_several_arrays_is_refused(tmp_path):
    np.savez(tmp_path / "t.npz", a=TABLE, b=TABLE)
    with pytest.raises(InputError, match=r"holds the arrays \['a', 'b'\]; expected one"):
        read_table(tmp_path / "t.npz")
