import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.datasets import load_digits
from sklearn.neighbors import KNeighborsClassifier

from cutaway.maps import TSNE, UMAP
from cutaway.maps.kernels.placing import divergence_at
from cutaway.maps.neighbours import NeighbourIndex
from cutaway.maps.placement import Surroundings
from cutaway.maps.repulsion import Field


@pytest.fixture(scope="module")
def digits():
    X, labels = load_digits(return_X_y=True)
    return X[:1000], labels[:1000], X[1000:], labels[1000:]


@pytest.fixture(scope="module", params=[TSNE(max_iter=300), UMAP(n_epochs=200)], ids=["t", "u"])
def fitted(request, digits):
    return request.param.set_params(random_state=0).fit(digits[0])


@settings(max_examples=8, deadline=None)
@given(data=st.data())
def test_a_place_does_not_depend_on_batch_mates(fitted, digits, data):
    new = digits[2]
    whole = fitted.placement(new)
    cuts = data.draw(st.lists(st.integers(1, len(new) - 1), max_size=4, unique=True))
    order = np.random.default_rng(len(cuts)).permutation(len(new))
    for part in np.split(order, sorted(cuts)):
        placed = fitted.placement(new[part])
        np.testing.assert_allclose(placed.embedding, whole.embedding[part], atol=1e-5)
        np.testing.assert_array_equal(placed.trust, whole.trust[part])


def test_new_digits_land_among_their_own_kind(fitted, digits):
    _, labels, new, new_labels = digits
    near = KNeighborsClassifier(10).fit(fitted.embedding_, labels)
    placed = fitted.placement(new)
    assert near.score(placed.embedding, new_labels) > 0.93
    assert ((placed.trust >= 0) & (placed.trust <= 1)).all()


def test_what_is_unlike_anything_mapped_is_told(fitted, digits):
    mapped, _, new, _ = digits
    assert fitted.placement(new).unlike.mean() < 0.1
    assert fitted.placement(mapped).unlike.mean() < 0.03
    assert fitted.placement(16 - new[:100]).unlike.all()
    noise = np.random.default_rng(0).uniform(0, 16, (50, 64))
    placed = fitted.placement(noise)
    assert placed.unlike.all()
    assert (placed.remoteness > 1).all()
    assert np.isfinite(fitted.placement(np.full((1, 64), 1e6)).embedding).all()


def naive_divergence(point, near, affinities, Y):
    """The loss of one placed point, with the potential as a sum over all."""
    squared = ((Y - point) ** 2).sum(axis=1)
    return affinities @ np.log(1 + squared[near]) + np.log((1 / (1 + squared)).sum())


def test_the_loss_of_a_place_and_its_gradient_are_the_naive_ones():
    rng = np.random.default_rng(0)
    Y = (rng.standard_normal((400, 2)) * 10).astype(np.float32)
    near = np.array([3, 50, 7], dtype=np.uint32)
    affinities = np.array([0.5, 0.3, 0.2], dtype=np.float32)
    grid = Field(np.ascontiguousarray(Y.T)).grid
    for point in rng.standard_normal((5, 2)) * 8:
        value, slope_x, slope_y = divergence_at(*point, near, affinities, Y, *grid)
        assert value == pytest.approx(naive_divergence(point, near, affinities, Y), abs=0.01)
        for axis, slope in ((0, slope_x), (1, slope_y)):
            step = np.eye(2)[axis] * 1e-4
            upper = naive_divergence(point + step, near, affinities, Y)
            lower = naive_divergence(point - step, near, affinities, Y)
            assert slope == pytest.approx((upper - lower) / 2e-4, abs=0.02)


def test_surroundings_of_copies_are_finite_and_flag_what_is_off():
    rows = np.repeat(np.eye(3), 40, axis=0)
    index = NeighbourIndex(rows)
    surroundings = Surroundings.of(index.among_themselves(15))
    remoteness = surroundings.remoteness(index.query(rows, 15))
    assert not remoteness.any()
    assert (surroundings.remoteness(index.query(rows + 1, 15)) > 1).all()
