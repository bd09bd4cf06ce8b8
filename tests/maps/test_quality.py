import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import spearmanr
from sklearn.manifold import trustworthiness

from cutaway.errors import InputError
from cutaway.maps import map_quality


def naive_neighbours_kept(X, Y, k):
    """Sets of the k nearest, by full sorts."""

    def nearest(rows):
        squared = ((rows[:, None] - rows[None]) ** 2).sum(axis=2)
        np.fill_diagonal(squared, np.inf)
        return [set(order[:k]) for order in np.argsort(squared, axis=1, kind="stable")]

    return [len(a & b) / k for a, b in zip(nearest(X), nearest(Y), strict=True)]


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 2**31), n=st.integers(20, 80), k=st.integers(1, 8))
def test_the_figures_are_those_of_scikit_learn_and_of_the_definitions(seed, n, k):
    rng = np.random.default_rng(seed)
    X, Y = rng.random((n, 5)), rng.random((n, 2))
    quality = map_quality(X, Y, k=k)
    assert quality.trustworthiness == pytest.approx(trustworthiness(X, Y, n_neighbors=k))
    assert quality.continuity == pytest.approx(trustworthiness(Y, X, n_neighbors=k))
    np.testing.assert_allclose(quality.per_point, naive_neighbours_kept(X, Y, k), atol=1e-6)
    assert quality.neighbours_kept == pytest.approx(quality.per_point.mean(), abs=1e-6)
    assert -1 <= quality.shepard <= 1


def test_a_turned_and_scaled_copy_keeps_everything():
    X = np.random.default_rng(0).standard_normal((300, 2))
    turn = np.array([[0.6, -0.8], [0.8, 0.6]])
    quality = map_quality(X, 5 * X @ turn + 100)
    assert quality.trustworthiness == 1
    assert quality.continuity == 1
    assert quality.neighbours_kept == pytest.approx(1, abs=1e-3)
    assert quality.shepard == pytest.approx(1, abs=1e-4)


def test_the_shepard_correlation_is_spearmans_over_pairs():
    rng = np.random.default_rng(0)
    X, Y = rng.random((60, 5)), rng.random((60, 2))
    upper = np.triu_indices(60, 1)
    far = [np.sqrt(((Z[:, None] - Z[None]) ** 2).sum(axis=2))[upper] for Z in (X, Y)]
    assert map_quality(X, Y).shepard == pytest.approx(spearmanr(*far).statistic, abs=0.02)


@pytest.mark.parametrize("n", [1, 2])
def test_too_few_samples_to_compare_lose_nothing(n):
    quality = map_quality(np.eye(n, 3), np.eye(n, 2))
    assert (quality.trustworthiness, quality.k) == (1.0, 0)
    assert quality.per_point.shape == (n,)


def test_a_sample_of_ranks_says_enough():
    rng = np.random.default_rng(0)
    X = rng.random((400, 3))
    Y = X[:, :2].copy()
    whole = map_quality(X, Y).trustworthiness
    assert map_quality(X, Y, ranked=200).trustworthiness == pytest.approx(whole, abs=0.02)


def test_wrong_input_is_named():
    X = np.random.default_rng(0).random((20, 3))
    with pytest.raises(InputError, match="X has 20 rows and embedding has 19"):
        map_quality(X, X[:19])
    with pytest.raises(InputError, match="k=0"):
        map_quality(X, X, k=0)
    with pytest.raises(InputError, match="embedding is no finite matrix"):
        map_quality(X, np.where(X > 0.9, np.nan, X))
