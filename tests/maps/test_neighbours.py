import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cutaway.maps.kernels.selection import squared_distance
from cutaway.maps.neighbours import NeighbourIndex, no_neighbours


def naive_neighbours(queries, rows, k, own=None):
    """All distances, sorted by distance and then by index."""
    indices, distances = [], []
    for number, query in enumerate(queries):
        squared = np.array([squared_distance(query, rows, np.uint64(j)) for j in range(len(rows))])
        order = sorted(range(len(rows)), key=lambda j: (squared[j], j))
        if own is not None:
            order.remove(own[number])
        indices.append(order[:k])
        distances.append(squared[order[:k]])
    return np.array(indices), np.array(distances)


@settings(max_examples=25, deadline=None)
@given(
    seed=st.integers(0, 2**31),
    n=st.integers(2, 60),
    features=st.integers(1, 7),
    levels=st.integers(1, 5),
    data=st.data(),
)
def test_ties_go_by_index_even_among_many_copies(seed, n, features, levels, data):
    rows = np.random.default_rng(seed).integers(0, levels, (n, features)).astype(np.float32)
    k = data.draw(st.integers(1, n - 1))
    found = NeighbourIndex(rows).among_themselves(k)
    index = NeighbourIndex(rows)
    scaled = index.rows
    indices, squared = naive_neighbours(scaled, scaled, k, own=np.arange(n))
    np.testing.assert_array_equal(found.indices, indices)
    np.testing.assert_allclose(found.squared_distances, squared * index.scale**2, rtol=1e-12)


def test_large_data_far_from_the_origin_gives_the_exact_neighbours():
    rows = np.random.default_rng(0).standard_normal((3000, 20)) * 1e3 + 1e6
    index = NeighbourIndex(rows)
    found = index.among_themselves(30)
    scaled = index.rows
    chosen = np.arange(0, 3000, 300)
    indices, _ = naive_neighbours(scaled[chosen], scaled, 30, own=chosen)
    np.testing.assert_array_equal(found.indices[chosen], indices)
    assert found.recounted < 0.01


def test_sorted_classes_do_not_starve_the_candidates():
    rng = np.random.default_rng(0)
    rows = np.repeat(rng.standard_normal((4, 10)) * 50, 600, axis=0)
    rows = (rows + rng.standard_normal(rows.shape)).astype(np.float32)
    index = NeighbourIndex(rows)
    scaled = index.rows
    found = index.among_themselves(90)
    indices, _ = naive_neighbours(scaled[::480], scaled, 90, own=np.arange(0, 2400, 480))
    np.testing.assert_array_equal(found.indices[::480], indices)


def test_a_query_does_not_depend_on_its_batch_mates():
    rng = np.random.default_rng(1)
    index = NeighbourIndex(rng.standard_normal((500, 33)).astype(np.float32))
    queries = rng.standard_normal((40, 33)).astype(np.float32)
    whole = index.query(queries, 12)
    for start, stop in ((0, 1), (1, 20), (20, 40)):
        part = index.query(queries[start:stop], 12)
        np.testing.assert_array_equal(part.indices, whole.indices[start:stop])
        np.testing.assert_array_equal(part.squared_distances, whole.squared_distances[start:stop])


@pytest.mark.parametrize("k", [1499, 700])
def test_as_many_neighbours_as_there_are_rows_can_be_had(k):
    rows = np.random.default_rng(3).standard_normal((1500, 4)).astype(np.float32)
    index = NeighbourIndex(rows)
    chosen = np.arange(0, 1500, 499)
    indices, _ = naive_neighbours(index.rows[chosen], index.rows, k, own=chosen)
    np.testing.assert_array_equal(index.among_themselves(k).indices[chosen], indices)


def test_a_row_far_longer_than_all_others_does_not_put_their_neighbours_in_doubt():
    rows = np.random.default_rng(4).standard_normal((2000, 5)).astype(np.float32)
    rows[0] *= 1000
    index = NeighbourIndex(rows)
    found = index.among_themselves(20)
    chosen = np.arange(0, 2000, 250)
    indices, _ = naive_neighbours(index.rows[chosen], index.rows, 20, own=chosen)
    np.testing.assert_array_equal(found.indices[chosen], indices)
    assert found.recounted < 0.05


def test_arrays_carry_an_index():
    rows = np.random.default_rng(2).standard_normal((50, 4))
    index = NeighbourIndex(rows)
    again = NeighbourIndex.from_arrays(index.to_arrays())
    np.testing.assert_array_equal(index.query(rows, 3).indices, again.query(rows, 3).indices)
    assert len(again) == 50


@pytest.mark.parametrize("value", [0.0, 5.0, 1e30, 1e-30])
def test_equal_rows_are_nearest_to_their_first_copies(value):
    found = NeighbourIndex(np.full((6, 3), value)).among_themselves(2)
    assert found.indices.tolist() == [[1, 2], [0, 2], [0, 1], [0, 1], [0, 1], [0, 1]]
    assert not found.squared_distances.any()


def test_no_neighbours_are_no_columns():
    assert no_neighbours(4).indices.shape == (4, 0)


def test_squared_distances_are_summed_in_float64():
    rows = np.random.default_rng(0).standard_normal((2, 333)).astype(np.float32)
    expected = ((rows[0].astype(np.float64) - rows[1]) ** 2).sum()
    assert squared_distance(rows[0], rows, np.uint64(1)) == pytest.approx(expected, rel=1e-14)


@pytest.mark.parametrize("queries", [1, 8, 9])
def test_few_queries_find_what_many_find_and_the_first_of_more_are_fewer(queries):
    rows = np.random.default_rng(0).normal(size=(9000, 6)).astype(np.float32)
    asked = np.random.default_rng(1).normal(size=(40, 6)).astype(np.float32)
    index = NeighbourIndex(rows)
    many, few = index.query(asked, 5), index.query(asked[:queries], 12).first(5)
    np.testing.assert_array_equal(few.indices, many.indices[:queries])
    np.testing.assert_array_equal(few.squared_distances, many.squared_distances[:queries])
    nearest = np.argsort(np.linalg.norm(rows - asked[0], axis=1))[:5]
    np.testing.assert_array_equal(few.indices[0], nearest)
