import numpy as np
import scipy.sparse
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from cutaway.maps.affinities import joint_affinities
from cutaway.maps.compiled_points import CompiledPoints
from cutaway.maps.gradient_descent import Descent, Phase
from cutaway.maps.kernels.arrangement import arrange_rows, curve_order
from cutaway.maps.kernels.attraction import attraction, packed
from cutaway.maps.neighbours import NeighbourIndex
from cutaway.progress import task

COORDINATES = st.floats(-1e3, 1e3, width=32)


@given(Y=arrays(np.float32, (2, 17), elements=COORDINATES))
def test_packed_points_hold_both_coordinates(Y):
    halves = packed(Y).view(np.float32).reshape(17, 2).T
    np.testing.assert_array_equal(halves, Y)


@given(Y=arrays(np.float32, (2, 17), elements=COORDINATES))
def test_the_curve_meets_every_point_once(Y):
    assert sorted(curve_order(Y)) == list(range(17))


def test_points_near_on_the_map_are_near_on_the_curve():
    Y = np.random.default_rng(0).random((2, 4096)).astype(np.float32)
    along = Y[:, curve_order(Y)]
    steps = np.sqrt((np.diff(along, axis=1) ** 2).sum(axis=0))
    assert np.median(steps) < 0.03


@given(seed=st.integers(0, 2**31), n=st.integers(1, 30))
def test_rows_and_columns_are_put_in_order_together(seed, n):
    rng = np.random.default_rng(seed)
    matrix = scipy.sparse.random_array((n, n), density=0.3, format="csr", rng=rng, dtype=np.float32)
    order = rng.permutation(n).astype(np.uint32)
    starts = np.r_[0, np.cumsum(np.diff(matrix.indptr)[order])].astype(np.int64)
    columns, values = np.empty(matrix.nnz, np.uint32), np.empty(matrix.nnz, np.float32)
    place = np.argsort(order).astype(np.uint32)
    given_rows = matrix.indptr.astype(np.int64), matrix.indices.astype(np.uint32), matrix.data
    arrange_rows(0, n, order, place, *given_rows, starts, columns, values)
    arranged = scipy.sparse.csr_array((values, columns, starts), shape=(n, n)).toarray()
    np.testing.assert_array_equal(arranged, matrix.toarray()[np.ix_(order, order)])


@given(seed=st.integers(0, 2**31))
def test_attraction_is_the_sum_over_pairs(seed):
    rng = np.random.default_rng(seed)
    matrix = scipy.sparse.random_array((40, 40), density=0.5, format="csr", rng=rng)
    Y = rng.standard_normal((2, 40)).astype(np.float32)
    force = np.empty_like(Y)
    entries = matrix.indices.astype(np.uint32), matrix.data.astype(np.float32)
    attraction(0, 40, matrix.indptr.astype(np.int64), *entries, packed(Y), force)
    difference = Y[:, :, None].astype(np.float64) - Y[:, None]
    pull = matrix.toarray() / (1 + (difference**2).sum(axis=0))
    np.testing.assert_allclose(force, (pull * difference).sum(axis=2), atol=1e-5)


def test_a_descent_gives_its_points_in_the_order_they_came_in():
    rows = np.random.default_rng(0).standard_normal((200, 5))
    affinities = joint_affinities(NeighbourIndex(rows).among_themselves(30), 10.0)
    start = rows[:, :2].T.astype(np.float32).copy()
    order = np.random.default_rng(1).permutation(200)
    shuffled = joint_affinities(NeighbourIndex(rows[order]).among_themselves(30), 10.0)
    places = []
    for given_affinities, Y in ((affinities, start), (shuffled, start[:, order].copy())):
        points = CompiledPoints(given_affinities, Y)
        with task("Descending") as progress:
            phase = Phase(3, 1.0, 20.0, 0.8)
            Descent(points).run(phase, progress, lambda iteration, Y: None, 50)
        places.append(points.places)
    np.testing.assert_allclose(places[0][:, order], places[1], atol=1e-4)
