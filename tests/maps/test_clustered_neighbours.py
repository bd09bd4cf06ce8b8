import numpy as np
import pytest

from cutaway.errors import InputError
from cutaway.maps import TSNE, UMAP
from cutaway.maps.clustered_neighbours import (
    cluster_centres,
    clustered_neighbours,
    nearest_centres,
)
from cutaway.maps.neighbours import NeighbourIndex


def clouds(n, features=8, seed=0):
    rng = np.random.default_rng(seed)
    centres = rng.standard_normal((20, features)) * 3
    return (centres[rng.integers(0, 20, n)] + rng.standard_normal((n, features))).astype("f")


def recall(found, true):
    pairs = zip(found, true, strict=True)
    return np.mean([len(np.intersect1d(*pair)) / true.shape[1] for pair in pairs])


def test_the_recall_said_is_that_of_all_rows(capsys):
    index = NeighbourIndex(clouds(6000))
    found, exact = clustered_neighbours(index, 20), index.among_themselves(20)
    assert found.recall == pytest.approx(recall(found.indices, exact.indices), abs=0.01)
    assert 0.95 < found.recall < 1
    assert f"{found.recall:.1%} are found" in capsys.readouterr().err
    assert exact.recall == 1


def test_distances_are_those_to_the_rows_found_and_none_is_the_row_itself():
    rows = clouds(3000)
    found = clustered_neighbours(NeighbourIndex(rows), 10)
    difference = rows[:, None].astype(np.float64) - rows[found.indices]
    np.testing.assert_allclose(found.squared_distances, (difference**2).sum(axis=2), rtol=1e-4)
    assert (np.diff(found.squared_distances, axis=1) >= 0).all()
    assert not (found.indices == np.arange(3000)[:, None]).any()


def test_all_neighbours_wanted_are_all_neighbours():
    index = NeighbourIndex(clouds(2000))
    found, exact = clustered_neighbours(index, 15, wanted=1.0), index.among_themselves(15)
    assert recall(found.indices, exact.indices) > 0.999


@pytest.mark.parametrize("rows", [np.ones((1500, 3)), np.repeat(np.eye(4), 400, 0), np.eye(3)])
def test_copies_and_few_rows_have_neighbours(rows):
    found = clustered_neighbours(NeighbourIndex(rows), 2)
    assert found.indices.shape == (len(rows), 2)
    assert not (found.indices == np.arange(len(rows))[:, None]).any()


def test_centres_are_the_nearest_by_all_distances():
    rows = clouds(2000)
    centres = cluster_centres(rows)
    squared = ((rows[:, None].astype(np.float64) - centres) ** 2).sum(axis=2)
    chosen = np.take_along_axis(squared, nearest_centres(rows, centres)[:, None], 1)[:, 0]
    np.testing.assert_allclose(chosen, squared.min(axis=1), rtol=1e-4)


@pytest.mark.parametrize(
    ("estimator", "options"), [(TSNE, {"max_iter": 5, "perplexity": 5}), (UMAP, {"n_epochs": 5})]
)
def test_an_approximate_map_keeps_the_recall(estimator, options):
    fitted = estimator(random_state=0, neighbors="approximate", **options).fit(clouds(2000))
    assert 0.9 < fitted.neighbour_recall_ <= 1
    assert estimator(random_state=0, **options).fit(clouds(100)).neighbour_recall_ == 1
    with pytest.raises(InputError, match="neighbors="):
        estimator(**options).set_params(neighbors="near").fit(clouds(100))
