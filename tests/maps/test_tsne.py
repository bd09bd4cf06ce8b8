import pickle

import numpy as np
import pytest
import scipy.sparse
from sklearn.datasets import load_digits, load_iris
from sklearn.model_selection import train_test_split
from sklearn.neighbors import KNeighborsClassifier
from sklearn.utils.estimator_checks import estimator_checks_generator

from cutaway.errors import InputError
from cutaway.maps import TSNE, map_quality

UNTYPED = {
    "check_do_not_raise_errors_in_init_or_set_params": (
        "scikit-learn passes any object to __init__; the type checker of the test run refuses them"
    )
}


def checks_that_run():
    """All checks but those of array libraries, which are skipped unless scipy was told of them."""
    estimator = TSNE(max_iter=50, random_state=0)
    generated = estimator_checks_generator(estimator, expected_failed_checks=UNTYPED, mark="xfail")
    return [each for each in generated if "array_api" not in str(each)]


@pytest.mark.parametrize(("estimator", "check"), checks_that_run())
def test_scikit_learn_checks(estimator, check):
    check(estimator)


@pytest.fixture(scope="module")
def digits():
    return load_digits(return_X_y=True)


@pytest.fixture(scope="module")
def fitted(digits):
    return TSNE(random_state=0, max_iter=300).fit(digits[0])


def test_iris_meets_the_thresholds_of_its_peers():
    X, labels = load_iris(return_X_y=True)
    train, test, train_labels, test_labels = train_test_split(
        X, labels, test_size=0.25, random_state=0
    )
    fitted = TSNE(random_state=0).fit(train)
    near = KNeighborsClassifier(5).fit(fitted.embedding_, train_labels)
    assert near.score(fitted.embedding_, train_labels) > 0.95
    assert near.score(fitted.transform(test), test_labels) > 0.95
    assert map_quality(train, fitted.embedding_, k=5).trustworthiness > 0.97


def test_digits_keep_their_classes_apart(digits, fitted):
    X, labels = digits
    assert KNeighborsClassifier(10).fit(fitted.embedding_, labels).score(
        fitted.embedding_, labels
    ) > 0.97  # fmt: skip
    assert map_quality(X, fitted.embedding_).trustworthiness > 0.98
    assert fitted.embedding_.dtype == np.float32
    assert fitted.n_iter_ == 300
    assert 0.5 < fitted.kl_divergence_ < 1.0


def test_a_mapped_sample_lands_where_it_was(digits, fitted):
    np.testing.assert_array_equal(fitted.transform(digits[0]), fitted.embedding_)


@pytest.mark.parametrize("n", [1, 2, 3, 4])
def test_the_fewest_samples_have_a_map(n):
    rows = np.arange(2.0 * n).reshape(n, 2)
    fitted = TSNE(random_state=0).fit(rows)
    assert fitted.embedding_.shape == (n, 2)
    assert np.isfinite(fitted.embedding_).all()
    np.testing.assert_array_equal(fitted.transform(rows), fitted.embedding_)
    assert np.isfinite(fitted.transform(rows + 0.3)).all()


@pytest.mark.parametrize("rows", [np.ones((1000, 3)), np.eye(40), np.repeat(np.eye(3), 300, 0)])
def test_copies_and_equidistant_samples_have_a_map(rows):
    Y = TSNE(random_state=0, max_iter=60).fit_transform(rows)
    assert np.isfinite(Y).all()


def test_constant_and_single_columns_have_a_map():
    rng = np.random.default_rng(0)
    rows = np.column_stack([rng.random(50), np.full(50, 7.0)])
    assert np.ptp(TSNE(random_state=0).fit_transform(rows), axis=0).min() > 0
    assert np.isfinite(TSNE(random_state=0).fit_transform(rows[:, :1])).all()


def test_one_component_makes_a_line():
    X, labels = load_iris(return_X_y=True)
    fitted = TSNE(1, random_state=0).fit(X)
    assert fitted.embedding_.shape == (150, 1)
    assert KNeighborsClassifier(5).fit(fitted.embedding_, labels).score(
        fitted.embedding_, labels
    ) > 0.9  # fmt: skip
    assert fitted.transform(X + 1e-3).shape == (150, 1)
    assert fitted.get_feature_names_out().tolist() == ["tsne0"]


def test_a_callback_sees_the_map_grow():
    seen = []
    rows = np.random.default_rng(0).random((60, 3))
    TSNE(
        max_iter=40,
        random_state=0,
        callback=lambda iteration, Y: seen.append((iteration, np.ptp(Y))),
        callback_every=10,
    ).fit(rows)
    assert [iteration for iteration, _ in seen] == [10, 20, 30, 40]
    assert seen[-1][1] > seen[0][1]


@pytest.mark.parametrize("kept", [True, False])
def test_an_interrupt_keeps_the_map_so_far_where_asked(kept, capsys):
    def interrupt(iteration, _):
        if iteration == 20:
            raise KeyboardInterrupt

    rows = np.random.default_rng(0).random((60, 3))
    estimator = TSNE(random_state=0, callback=interrupt, callback_every=10, keep_on_interrupt=kept)
    if kept:
        assert estimator.fit(rows).n_iter_ == 20
        assert "the map after 20 iterations is kept" in capsys.readouterr().err
    else:
        with pytest.raises(KeyboardInterrupt):
            estimator.fit(rows)


def test_coordinates_to_start_from_are_taken_as_they_are():
    rows = np.random.default_rng(0).random((30, 3))
    start = np.random.default_rng(1).random((30, 2))
    start -= start.mean(axis=0)
    np.testing.assert_allclose(TSNE(init=start, max_iter=0).fit_transform(rows), start, atol=1e-6)


def test_arrays_and_pickles_carry_the_map(digits, fitted):
    arrays = fitted.to_arrays()
    assert all(isinstance(array, np.ndarray) for array in arrays.values())
    new = digits[0][:20] + 0.4
    expected = fitted.placement(new)
    for again in (TSNE.from_arrays(arrays), pickle.loads(pickle.dumps(fitted))):
        placed = again.placement(new)
        np.testing.assert_array_equal(placed.embedding, expected.embedding)
        np.testing.assert_array_equal(placed.trust, expected.trust)
        np.testing.assert_array_equal(placed.remoteness, expected.remoteness)


@pytest.mark.parametrize("name", ["rows", "embedding", "mean", "scale", "reach", "usual"])
def test_arrays_that_do_not_fit_are_named(fitted, name):
    arrays = fitted.to_arrays()
    with pytest.raises(InputError, match="has shape .*as to_arrays gives them"):
        TSNE.from_arrays({**arrays, name: np.empty((2, 2, 2))})
    with pytest.raises(InputError, match="as to_arrays gives them"):
        TSNE.from_arrays({key: array for key, array in arrays.items() if key != name})


def test_input_that_cannot_be_mapped_is_refused_with_the_next_step():
    rows = np.random.default_rng(0).random((10, 3))
    with pytest.raises(InputError, match="NaN"):
        TSNE().fit(np.where(rows > 0.9, np.nan, rows))
    with pytest.raises(TypeError, match="dense data is required"):
        TSNE().fit(scipy.sparse.csr_array(rows))
    with pytest.raises(InputError, match="reshape"):
        TSNE().fit(rows[None])
    with pytest.raises(InputError, match="features"):
        TSNE(max_iter=1).fit(rows).transform(rows[:, :2])


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"n_components": 3}, "n_components=3; TSNE draws maps of 1 or 2 components"),
        ({"perplexity": 0}, "perplexity=0; expected a positive number"),
        ({"learning_rate": -1}, "learning_rate=-1; expected a positive number or 'auto'"),
        ({"max_iter": -1}, "max_iter=-1; expected 0 or more"),
        ({"device": "tpu"}, "device='tpu'; expected 'auto', 'cpu' or 'cuda'"),
        ({"init": "spectral"}, "init='spectral'; expected 'pca', 'random' or an array"),
        ({"init": np.zeros((2, 2))}, r"init is an array of shape \(2, 2\)"),
    ],
)
def test_hyper_parameters_out_of_range_say_what_is_expected(wrong, message):
    with pytest.raises(InputError, match=message):
        TSNE(**wrong).fit(np.random.default_rng(0).random((10, 3)))


def test_ways_to_neighbours_that_are_not_known_are_refused():
    estimator = TSNE().set_params(neighbors="near")
    with pytest.raises(InputError, match="neighbors='near'; expected 'auto', 'exact' or"):
        estimator.fit(np.random.default_rng(0).random((10, 3)))


def test_a_perplexity_too_high_is_lowered_aloud(capsys):
    fitted = TSNE(random_state=0, max_iter=10).fit(np.random.default_rng(0).random((10, 3)))
    assert fitted.perplexity_ == 3
    assert "perplexity=30 is too high for 10 samples; 3 is used" in capsys.readouterr().err
