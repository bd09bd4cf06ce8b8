import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.utils.estimator_checks import parametrize_with_checks

from cutaway.errors import InputError
from cutaway.maps import PCA


@parametrize_with_checks([PCA(n_components=1), PCA(n_components=0.9)])
def test_it_is_a_scikit_learn_estimator(estimator, check):
    check(estimator)


def correlated(samples=60, features=8, seed=0):
    rng = np.random.default_rng(seed)
    return rng.normal(size=(samples, features)) @ rng.normal(size=(features, features)) + 3


def naive(X, count):
    """Eigenvectors of the covariance matrix, as the textbook has it."""
    values, vectors = np.linalg.eigh(np.cov(X.T))
    return values[::-1][:count], vectors[:, ::-1][:, :count].T


@pytest.mark.parametrize("shape", [(60, 8), (20, 30), (400, 500)])
def test_the_components_are_the_covariance_eigenvectors(shape):
    X = correlated(*shape)
    pca = PCA(5).fit(X)
    variances, components = naive(X, 5)
    np.testing.assert_allclose(pca.explained_variance_, variances, rtol=1e-6)
    np.testing.assert_allclose(np.abs(np.sum(pca.components_ * components, axis=1)), 1, rtol=1e-6)
    whole = np.var(X, axis=0, ddof=1).sum()
    np.testing.assert_allclose(pca.explained_variance_ratio_, variances / whole, rtol=1e-6)
    np.testing.assert_allclose(pca.embedding_, (X - X.mean(axis=0)) @ pca.components_.T, atol=1e-4)


def test_many_values_in_float32_agree_with_float64(monkeypatch):
    X = correlated(300, 320).astype(np.float32)
    exact = PCA(3).fit(X)
    monkeypatch.setattr("cutaway.maps.pca._SMALL_ENOUGH_FOR_FLOAT64", 0)
    for wide in (False, True):
        monkeypatch.setattr("cutaway.maps.pca._is_wide", lambda *_, wide=wide: wide)
        fast = PCA(3).fit(X)
        np.testing.assert_allclose(fast.components_, exact.components_, atol=1e-5)
        np.testing.assert_allclose(
            fast.explained_variance_ratio_, exact.explained_variance_ratio_, rtol=1e-5
        )


@given(cuts=st.lists(st.integers(1, 59), max_size=6), seed=st.integers(0, 10))
def test_any_split_into_batches_gives_the_components_of_the_whole(cuts, seed):
    X = correlated(seed=seed)
    streamed = PCA(3)
    for batch in np.split(X, sorted(set(cuts))):
        streamed.partial_fit(batch)
    whole = PCA(3).fit(X)
    np.testing.assert_allclose(streamed.mean_, whole.mean_)
    np.testing.assert_allclose(streamed.components_, whole.components_, atol=1e-8)
    np.testing.assert_allclose(streamed.explained_variance_, whole.explained_variance_)


def test_a_stream_after_fit_begins_anew():
    X = correlated()
    pca = PCA(3).fit(X + 100).partial_fit(X[:10]).partial_fit(X[10:])
    np.testing.assert_allclose(pca.mean_, X.mean(axis=0))
    assert not hasattr(pca, "embedding_")
    assert not hasattr(pca.fit(X), "moments_")


def test_shards_merge_to_the_whole():
    X = correlated()
    merged = PCA(3).partial_fit(X[:10]).merge(PCA(3).partial_fit(X[10:]))
    np.testing.assert_allclose(merged.components_, PCA(3).fit(X).components_, atol=1e-8)
    assert merged.moments_.count == 60


def test_a_stream_far_from_the_origin_keeps_its_digits():
    X = correlated() + 1e8
    streamed = PCA(2).partial_fit(X[:30]).partial_fit(X[30:])
    np.testing.assert_allclose(streamed.explained_variance_, naive(X - 1e8, 2)[0], rtol=1e-6)


@given(cuts=st.lists(st.integers(1, 59), max_size=6))
def test_a_place_does_not_depend_on_batch_mates(cuts):
    X = correlated()
    pca = PCA(2).fit(X)
    split = np.concatenate([pca.transform(part) for part in np.split(X, sorted(set(cuts)))])
    np.testing.assert_allclose(split, pca.embedding_, atol=1e-5, rtol=0)


def test_all_components_bring_the_rows_back():
    X = correlated()
    pca = PCA(None).fit(X)
    np.testing.assert_allclose(pca.inverse_transform(pca.transform(X)), X, atol=1e-4)


@pytest.mark.parametrize("share", [0.2, 0.5, 0.9, 0.999])
def test_a_share_takes_the_fewest_components_that_explain_it(share):
    pca = PCA(share).fit(correlated())
    ratios = pca.explained_variance_ratio_
    assert ratios.sum() >= share > ratios[:-1].sum()


def test_the_sign_makes_each_largest_loading_positive():
    for X in (correlated(), -correlated()):
        components = PCA(4).fit(X).components_
        assert (components[np.arange(4), np.abs(components).argmax(axis=1)] > 0).all()


@pytest.mark.parametrize("shape", [(2, 5), (3, 5), (30, 4), (5, 400), (300, 300)])
def test_constant_rows_have_no_variance_and_lie_at_the_origin(shape):
    pca = PCA(2).fit(np.full(shape, 7.0))
    assert np.all(pca.embedding_ == 0)
    assert np.all(pca.explained_variance_ratio_ == 0)
    np.testing.assert_allclose(pca.components_ @ pca.components_.T, np.eye(2), atol=1e-12)


def test_arrays_bring_the_estimator_back():
    X = correlated()
    pca = PCA(3).fit(X)
    again = PCA.from_arrays(pca.to_arrays())
    np.testing.assert_array_equal(again.transform(X), pca.embedding_)
    np.testing.assert_array_equal(
        again.inverse_transform(pca.embedding_), pca.inverse_transform(pca.embedding_)
    )


@pytest.mark.parametrize(
    "change",
    [
        {"components": np.zeros(8)},
        {"components": np.zeros((3, 7))},
        {"explained_variance_ratio": np.zeros(2)},
        {"components": np.zeros((3, 8), dtype=object)},
        {"explained_variance": np.full(3, np.nan)},
    ],
)
def test_damaged_arrays_are_refused(change):
    arrays = PCA(3).fit(correlated()).to_arrays()
    with pytest.raises(InputError, match=f"the stored array '{next(iter(change))}' has dtype"):
        PCA.from_arrays({**arrays, **change})
    with pytest.raises(InputError, match="the stored array 'mean' is missing"):
        PCA.from_arrays({})


@pytest.mark.parametrize(
    ("wanted", "message"),
    [
        (9, r"n_components=9 for X of n_samples=60 and n_features=8; expected 1 to 8"),
        (0, r"n_components=0 for X of .* expected 1 to 8"),
        (1.5, r"n_components=1.5; expected a whole number of 1 or more, a share"),
        ("mle", r"n_components='mle'; expected"),
        (True, r"n_components=True; expected"),
    ],
)
def test_a_number_of_components_that_cannot_be_is_named(wanted, message):
    with pytest.raises(InputError, match=message):
        PCA(wanted).fit(correlated())


def test_wrong_input_is_named_with_the_next_step():
    with pytest.raises(InputError, match=r"contains NaN. Fill in or leave out those rows"):
        PCA().fit(np.full((5, 5), np.nan))
    with pytest.raises(InputError, match=r"reshape\(len\(X\), -1\)"):
        PCA().fit(np.zeros((5, 4, 4)))
    with pytest.raises(InputError, match=r"Z has shape \(5, 3\); expected \(samples, 2\)"):
        PCA(2).fit(correlated()).inverse_transform(np.zeros((5, 3)))
    with pytest.raises(InputError, match="holds no running sums"):
        PCA(2).partial_fit(correlated()).merge(PCA(2))
    with pytest.raises(InputError, match="these have 8 and 5"):
        PCA(2).partial_fit(correlated()).merge(PCA(2).partial_fit(correlated(features=5)))


def test_a_stream_of_batches_gives_what_partial_fit_gives():
    rows = np.random.default_rng(0).normal(size=(90, 6))
    batches = np.array_split(rows, 7)
    stepwise = PCA(3)
    for batch in batches:
        stepwise.partial_fit(batch)
    streamed = PCA(3).fit_stream(iter(batches))
    assert np.array_equal(streamed.components_, stepwise.components_)
    assert np.allclose(streamed.transform(rows), PCA(3).fit_transform(rows), atol=1e-5)
    with pytest.raises(InputError, match="batches holds none"):
        PCA(3).fit_stream([])
