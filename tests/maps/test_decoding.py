import numpy as np
import pytest

from cutaway.errors import InputError
from cutaway.maps import PCA
from cutaway.maps.decoding import grid, reconstruct, walk

ROWS = np.random.default_rng(0).normal(size=(30, 5))
MAP = PCA(2).fit(ROWS)


def test_errors_are_those_of_each_row():
    found = reconstruct(MAP, ROWS)
    naive = [
        np.sqrt(np.mean((row - back) ** 2)) for row, back in zip(ROWS, found.redrawn, strict=True)
    ]
    np.testing.assert_allclose(found.errors, naive, rtol=1e-6)


def test_a_walk_goes_from_stop_to_stop_and_names_the_nearest_samples():
    found = walk(MAP, MAP.embedding_, [3, 7, 1], steps=4)
    assert found.coordinates.shape == (7, 2)
    np.testing.assert_allclose(found.coordinates[[0, 3, 6]], MAP.embedding_[[3, 7, 1]], rtol=1e-5)
    assert found.nearest[[0, 3, 6]].tolist() == [3, 7, 1]
    np.testing.assert_allclose(found.rows, MAP.inverse_transform(found.coordinates))


def test_a_grid_runs_from_the_top_left_to_the_bottom_right():
    places = grid(MAP, MAP.embedding_, size=3).coordinates
    assert places[0, 0] < places[2, 0]
    assert places[0, 1] > places[6, 1]


def test_walks_that_cannot_be_are_named():
    for stops, steps in (([1], 5), ([1, 2], 1), ([1, 30], 5)):
        with pytest.raises(InputError, match=r"stops=.* among the 30 samples"):
            walk(MAP, MAP.embedding_, stops, steps)
    with pytest.raises(InputError, match="size=1"):
        grid(MAP, MAP.embedding_, size=1)
