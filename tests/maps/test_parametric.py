import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.datasets import load_digits
from sklearn.manifold import trustworthiness
from sklearn.utils.estimator_checks import parametrize_with_checks

from cutaway.errors import InputError
from cutaway.maps import ParametricTSNE
from cutaway.maps.neighbour_encoder import NeighbourEncoder


@parametrize_with_checks([ParametricTSNE(n_components=1, perplexity=2, max_iter=10, epochs=1)])
def test_it_is_a_scikit_learn_estimator(estimator, check):
    check(estimator)


@pytest.fixture(scope="module", autouse=True)
def one_thread():
    """Encoders this small train fastest on one."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.fixture(scope="module")
def digits():
    return load_digits().data.astype(np.float32)


@pytest.fixture(scope="module")
def fitted(digits):
    return ParametricTSNE(max_iter=250, epochs=3, random_state=0).fit(digits[:800])


def test_samples_it_has_never_seen_are_placed_trustworthily(fitted, digits):
    unseen = digits[800:1200]
    assert trustworthiness(unseen, fitted.transform(unseen), n_neighbors=12) > 0.95
    assert trustworthiness(digits[:800], fitted.embedding_, n_neighbors=12) > 0.96


@settings(max_examples=10, deadline=None)
@given(cuts=st.lists(st.integers(1, 99), max_size=5))
def test_a_place_does_not_depend_on_batch_mates(fitted, digits, cuts):
    parts = np.split(digits[:100], sorted(set(cuts)))
    split = np.concatenate([fitted.transform(part) for part in parts])
    np.testing.assert_allclose(split, fitted.embedding_[:100], atol=1e-5, rtol=0)


def test_training_lowers_the_loss(digits):
    model = ParametricTSNE(max_iter=250, epochs=12, batch_size=128, random_state=0)
    history = model.fit(digits[:400]).history_
    assert np.mean(history[-3:]) < np.mean(history[:3])


def test_one_seed_gives_one_map(digits):
    options = {"max_iter": 50, "epochs": 1}
    maps = [
        ParametricTSNE(random_state=seed, **options).fit_transform(digits[:200])
        for seed in (1, 1, 2)
    ]
    np.testing.assert_array_equal(maps[0], maps[1])
    assert not np.array_equal(maps[0], maps[2])


@pytest.mark.parametrize("rows", [2, 3, 40])
def test_few_or_equal_rows_make_a_finite_map(rows):
    for X in (np.ones((rows, 3)), np.random.default_rng(0).normal(size=(rows, 3))):
        model = ParametricTSNE(perplexity=1, max_iter=20, epochs=1, random_state=0).fit(X)
        assert np.isfinite(model.embedding_).all()


def test_arrays_bring_the_estimator_back(fitted, digits):
    again = ParametricTSNE.from_arrays(fitted.to_arrays())
    np.testing.assert_allclose(again.transform(digits[:50]), fitted.embedding_[:50], atol=1e-5)


@pytest.mark.parametrize("wrong", [None, np.zeros(()), np.full((3, 7), np.nan)])
def test_damaged_arrays_are_refused_by_name(fitted, wrong):
    arrays = fitted.to_arrays()
    for name in arrays:
        damaged = {key: value for key, value in arrays.items() if key != name}
        if wrong is not None:
            damaged[name] = wrong
        with pytest.raises(InputError, match="the stored array"):
            ParametricTSNE.from_arrays(damaged)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"epochs": 0}, "epochs=0; expected a whole number, 1 or more"),
        ({"batch_size": 1}, "batch_size=1; expected 2 or more"),
        ({"learning_rate": -1}, "learning_rate=-1; expected a number above 0"),
        ({"perplexity": 0}, "perplexity=0"),
    ],
)
def test_wrong_arguments_are_named(digits, options, message):
    with pytest.raises(InputError, match=message):
        ParametricTSNE(**options).fit(digits[:30])


def test_a_sample_between_two_groups_joins_one_of_them():
    groups = torch.tensor([[0.0, 0.0]] * 3 + [[100.0, 0.0]] * 2)
    encoder = NeighbourEncoder(groups)
    position = encoder(torch.arange(5)[None], torch.ones(1, 5))
    assert abs(position[0, 0]) < 1
