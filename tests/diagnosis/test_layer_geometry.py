"""Fisher ratio, silhouette and dimension against plain loops and scikit-learn."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import silhouette_score

from cutaway.diagnosis import fisher_ratio, layer_geometry, silhouette
from cutaway.diagnosis.intrinsic_dimension import two_nearest_dimension
from cutaway.diagnosis.layer_geometry import squared_distances


def clouds(samples=90, seed=0, spread=1.0, features=5):
    random = np.random.default_rng(seed)
    labels = random.integers(0, 3, samples)
    centres = np.random.default_rng(7).normal(size=(3, features)) * 3
    rows = centres[labels] + spread * random.normal(size=(samples, features))
    return rows.astype(np.float32), labels.astype(np.int64)


def naive_fisher(rows, labels):
    middle = rows.astype(float).mean(axis=0)
    between = within = 0.0
    for label in set(labels.tolist()):
        members = rows[labels == label].astype(float)
        mean = members.mean(axis=0)
        between += len(members) * ((mean - middle) ** 2).sum()
        for row in members:
            within += ((row - mean) ** 2).sum()
    return between / within


def naive_distances(rows):
    exact = rows.astype(float)
    return np.array([[((a - b) ** 2).sum() for b in exact] for a in exact])


@pytest.mark.parametrize("seed", range(3))
def test_the_fisher_ratio_equals_a_plain_loop(seed):
    rows, labels = clouds(seed=seed)
    assert fisher_ratio(rows, labels) == pytest.approx(naive_fisher(rows, labels), rel=1e-5)


@given(st.floats(0.1, 30), st.floats(-20, 20), st.integers(0, 9))
def test_the_fisher_ratio_is_blind_to_turning_shifting_and_scaling(scale, shift, seed):
    rows, labels = clouds(40)
    turn = np.linalg.qr(np.random.default_rng(seed).normal(size=(5, 5)))[0]
    moved = (rows @ turn * scale + shift).astype(np.float32)
    assert fisher_ratio(moved, labels) == pytest.approx(fisher_ratio(rows, labels), rel=1e-2)


def test_the_silhouette_equals_that_of_scikit_learn():
    rows, labels = clouds(spread=4.0)
    labels[0] = 3  # alone in its class
    distances = np.sqrt(squared_distances(rows))
    assert silhouette(distances, labels) == pytest.approx(silhouette_score(rows, labels), abs=1e-6)


def test_distances_equal_a_plain_loop_and_copies_lie_at_none():
    rows = np.repeat(clouds(12)[0], 2, axis=0) + 1000
    found = squared_distances(rows)
    np.testing.assert_allclose(found, naive_distances(rows), rtol=1e-9, atol=1e-9)
    assert (found[np.arange(24), np.arange(24) ^ 1] == 0).all()


def test_the_dimension_is_that_of_the_two_nearest():
    rows, labels = clouds(80)
    near = np.sort(naive_distances(rows), axis=1)[:, 1:3]
    found = layer_geometry(rows, labels)
    assert found.intrinsic_dimension == pytest.approx(two_nearest_dimension(near), rel=1e-6)
    assert layer_geometry(rows) == type(found)(None, None, found.intrinsic_dimension)


def test_classes_that_lie_apart_score_higher():
    near, far = layer_geometry(*clouds(spread=9.0)), layer_geometry(*clouds(spread=0.1))
    assert far.fisher > 10 * near.fisher
    assert far.silhouette > 0.8 > 2 * near.silhouette


def test_of_many_samples_a_draw_is_measured():
    rows, labels = clouds(400, spread=2.0)
    some, again = (layer_geometry(rows, labels, most=200, seed=1) for _ in range(2))
    whole = layer_geometry(rows, labels)
    assert some == again
    assert some.silhouette == pytest.approx(whole.silhouette, abs=0.1)
    assert some.silhouette != whole.silhouette
    assert some.fisher == whole.fisher


@pytest.mark.parametrize("labels", [[0, 0, 0], [0, 1, 2]])
def test_what_cannot_be_told_is_none(labels):
    found = layer_geometry(np.eye(3, dtype=np.float32), np.array(labels))
    assert (found.fisher, found.silhouette, found.intrinsic_dimension) == (None, None, None)


@pytest.mark.parametrize("samples", [0, 1, 2])
def test_few_samples_do_no_harm(samples):
    rows = np.zeros((samples, 2), np.float32)
    found = layer_geometry(rows, np.zeros(samples, np.int64))
    assert found.intrinsic_dimension is None
