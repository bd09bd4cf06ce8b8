import numpy as np
import pytest
from sklearn.base import BaseEstimator

from cutaway.errors import InputError
from cutaway.maps.rows import read_rows


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("uint8", "float32"),
        ("int16", "float32"),
        ("int64", "float64"),
        ("float32", "float32"),
        ("float16", "float64"),
        ("float64", "float64"),
        ("bool", "float64"),
    ],
)
def test_the_precision_holds_the_numbers(given, kept):
    rows = read_rows(BaseEstimator(), np.ones((3, 2), dtype=given), reset=True)
    assert rows.dtype == kept


def test_other_features_than_at_first_are_refused():
    estimator = BaseEstimator()
    read_rows(estimator, [[1, 2], [3, 4]], reset=True)
    with pytest.raises(InputError, match="X has 3 features, but BaseEstimator is expecting 2"):
        read_rows(estimator, np.ones((2, 3)), reset=False)
    with pytest.raises(InputError, match="minimum of 5 is required"):
        read_rows(estimator, np.ones((2, 2)), reset=True, minimum=5)
    with pytest.raises(InputError, match=r"infinity .* Fill in or leave out"):
        read_rows(estimator, np.full((2, 2), np.inf), reset=True)


def test_rows_that_are_ready_are_handed_on_and_others_are_still_refused():
    estimator = BaseEstimator()
    rows = read_rows(estimator, np.ones((4, 3), dtype=np.float32), reset=True)
    assert read_rows(estimator, rows, reset=False) is rows
    turned = read_rows(estimator, np.asfortranarray(rows), reset=False)
    assert turned.flags.c_contiguous
    for wrong in (rows[:, :2].copy(), np.full_like(rows, np.nan), rows[0], rows[:0]):
        with pytest.raises(InputError):
            read_rows(estimator, wrong, reset=False)
