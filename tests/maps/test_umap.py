import numpy as np
import pytest
import scipy.sparse
from sklearn.datasets import load_digits, load_iris
from sklearn.model_selection import train_test_split
from sklearn.neighbors import KNeighborsClassifier
from sklearn.utils.estimator_checks import estimator_checks_generator

from cutaway.errors import InputError
from cutaway.maps import UMAP, map_quality

UNTYPED = {
    "check_do_not_raise_errors_in_init_or_set_params": (
        "scikit-learn passes any object to __init__; the type checker of the test run refuses them"
    )
}


def checks_that_run():
    """All checks but those of array libraries, which are skipped unless scipy was told of them."""
    estimator = UMAP(n_epochs=30, random_state=0)
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
    return UMAP(random_state=0).fit(digits[0])


def test_iris_meets_the_thresholds_of_its_peers():
    X, labels = load_iris(return_X_y=True)
    train, test, train_labels, test_labels = train_test_split(
        X, labels, test_size=0.25, random_state=0
    )
    fitted = UMAP(n_neighbors=10, min_dist=0.01, random_state=42).fit(train)
    near = KNeighborsClassifier(5).fit(fitted.embedding_, train_labels)
    assert near.score(fitted.embedding_, train_labels) > 0.95
    assert near.score(fitted.transform(test), test_labels) > 0.95
    whole = UMAP(n_neighbors=10, min_dist=0.01, random_state=42).fit_transform(X)
    assert map_quality(X, whole, k=10).trustworthiness >= 0.97


def test_digits_keep_their_classes_apart(digits, fitted):
    X, labels = digits
    assert KNeighborsClassifier(10).fit(fitted.embedding_, labels).score(
        fitted.embedding_, labels
    ) > 0.97  # fmt: skip
    assert map_quality(X, fitted.embedding_).trustworthiness > 0.98
    assert fitted.embedding_.dtype == np.float32
    assert fitted.n_iter_ == 500


def test_a_mapped_sample_lands_where_it_was(digits, fitted):
    np.testing.assert_array_equal(fitted.transform(digits[0]), fitted.embedding_)


@pytest.mark.parametrize("n", [1, 2, 3, 4])
def test_the_fewest_samples_have_a_map(n):
    rows = np.arange(2.0 * n).reshape(n, 2)
    fitted = UMAP(random_state=0).fit(rows)
    assert fitted.embedding_.shape == (n, 2)
    np.testing.assert_array_equal(fitted.transform(rows), fitted.embedding_)
    assert np.isfinite(fitted.transform(rows + 0.3)).all()


@pytest.mark.parametrize("rows", [np.ones((1000, 3)), np.eye(40), np.repeat(np.eye(3), 300, 0)])
def test_copies_and_equidistant_samples_have_a_map(rows):
    assert np.isfinite(UMAP(random_state=0, n_epochs=20).fit_transform(rows)).all()


@pytest.mark.parametrize("init", ["spectral", "pca", "random", np.eye(60, 2)])
def test_any_start_gives_a_map(init):
    rows = np.random.default_rng(0).random((60, 3))
    assert np.isfinite(UMAP(init=init, random_state=0, n_epochs=20).fit_transform(rows)).all()


def test_constant_and_single_columns_have_a_map():
    rng = np.random.default_rng(0)
    rows = np.column_stack([rng.random(50), np.full(50, 7.0)])
    assert np.ptp(UMAP(random_state=0).fit_transform(rows), axis=0).min() > 0
    assert np.isfinite(UMAP(random_state=0).fit_transform(rows[:, :1])).all()


def test_more_neighbours_than_samples_take_all_of_them():
    rows = np.random.default_rng(0).random((10, 3))
    all_of_them = UMAP(n_neighbors=10, random_state=0).fit_transform(rows)
    more = UMAP(n_neighbors=200, random_state=0).fit_transform(rows)
    np.testing.assert_array_equal(more, all_of_them)


def test_one_component_makes_a_line():
    X, _ = load_iris(return_X_y=True)
    fitted = UMAP(1, random_state=0, n_epochs=50).fit(X)
    assert fitted.embedding_.shape == (150, 1)
    assert fitted.transform(X + 1e-3).shape == (150, 1)


def test_a_callback_sees_the_map_and_an_interrupt_keeps_it():
    seen = []

    def interrupt(epoch, Y):
        seen.append((epoch, Y.shape))
        if epoch == 20:
            raise KeyboardInterrupt

    rows = np.random.default_rng(0).random((60, 3))
    estimator = UMAP(random_state=0, callback=interrupt, callback_every=10, keep_on_interrupt=True)
    assert estimator.fit(rows).n_iter_ == 20
    assert seen == [(10, (60, 2)), (20, (60, 2))]
    with pytest.raises(KeyboardInterrupt):
        estimator.set_params(keep_on_interrupt=False).fit(rows)


def test_arrays_carry_the_map(digits, fitted):
    new = digits[0][:20] + 0.4
    again = UMAP.from_arrays(fitted.to_arrays())
    expected, placed = fitted.placement(new), again.placement(new)
    np.testing.assert_array_equal(placed.embedding, expected.embedding)
    np.testing.assert_array_equal(placed.remoteness, expected.remoteness)
    arrays = {**fitted.to_arrays(), "curve": np.zeros(3)}
    with pytest.raises(InputError, match="array 'curve' has shape"):
        UMAP.from_arrays(arrays)


def test_input_that_cannot_be_mapped_is_refused():
    rows = np.random.default_rng(0).random((10, 3))
    with pytest.raises(InputError, match="NaN"):
        UMAP().fit(np.where(rows > 0.9, np.nan, rows))
    with pytest.raises(TypeError, match="dense data is required"):
        UMAP().fit(scipy.sparse.csr_array(rows))


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"n_components": 3}, "n_components=3; UMAP draws maps of 1 or 2 components"),
        ({"n_neighbors": 1}, "n_neighbors=1; expected 2 or more"),
        ({"min_dist": 2.0}, "min_dist=2.0 and spread=1.0; expected 0 <= min_dist <= spread"),
        ({"learning_rate": 0}, "learning_rate=0; expected a positive number"),
        ({"device": "cuda"}, "device='cuda'; UMAP runs on the CPU"),
        ({"init": "tsne"}, "init='tsne'; expected 'spectral', 'pca', 'random' or an array"),
    ],
)
def test_hyper_parameters_out_of_range_say_what_is_expected(wrong, message):
    with pytest.raises(InputError, match=message):
        UMAP(**wrong).fit(np.random.default_rng(0).random((10, 3)))
