import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cutaway.errors import InputError
from cutaway.maps.standardization import Standardization


@given(scale=st.floats(1e-3, 1e6), shift=st.floats(-1e3, 1e3), seed=st.integers(0, 9))
def test_rows_are_centred_brought_to_one_scale_and_back(scale, shift, seed):
    X = scale * np.random.default_rng(seed).normal(size=(20, 3)) + shift
    standard = Standardization.of(X)
    rows = standard.apply(X)
    np.testing.assert_allclose(rows.mean(dim=0), 0, atol=1e-6)
    assert float(rows.square().mean()) == pytest.approx(1)
    distances = [np.linalg.norm(each[:, None] - each[None], axis=2) for each in (X, rows.numpy())]
    np.testing.assert_allclose(distances[0], distances[1] * standard.scale, rtol=1e-6, atol=1e-9)
    np.testing.assert_allclose(standard.undo(rows), X, rtol=1e-5, atol=1e-5 * np.abs(X).max())


def test_equal_rows_stay_finite_and_the_precision_is_kept():
    X = np.full((4, 2), 7, dtype=np.float32)
    rows = Standardization.of(X).apply(X)
    assert rows.abs().max() == 0
    assert rows.numpy().dtype == np.float32


def test_arrays_bring_it_back():
    standard = Standardization.of(np.array([[1.0, 5.0], [3.0, 5.0]]))
    again = Standardization.from_arrays(standard.to_arrays())
    np.testing.assert_array_equal(again.mean, standard.mean)
    assert again.scale == standard.scale


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        ({"mean": np.array([np.nan])}, "mean"),
        ({"scale": np.zeros(1)}, "scale"),
        ({"scale": np.ones(2)}, "scale"),
    ],
)
def test_damaged_arrays_are_named(wrong, named):
    arrays = {"mean": np.zeros(1), "scale": np.ones(1), **wrong}
    with pytest.raises(InputError, match=f"the stored array '{named}'"):
        Standardization.from_arrays(arrays)
