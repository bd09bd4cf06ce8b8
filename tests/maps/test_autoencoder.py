import numpy as np
import pytest
import scipy.linalg
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.datasets import load_digits
from sklearn.manifold import trustworthiness
from sklearn.pipeline import make_pipeline
from sklearn.utils.estimator_checks import parametrize_with_checks

from cutaway.data import load_data
from cutaway.errors import InputError
from cutaway.maps import PCA, TSNE, Autoencoder

KINDS = {
    "linear": {"linear": True},
    "dense": {"hidden": (16,)},
    "convolutional": {"convolutional": True, "image_shape": (8, 8, 1)},
}


@parametrize_with_checks(
    [
        Autoencoder(n_components=1, hidden=(4,), epochs=2, device="cpu"),
        Autoencoder(n_components=1, linear=True, epochs=2),
    ]
)
def test_it_is_a_scikit_learn_estimator(estimator, check):
    check(estimator)


@pytest.fixture(scope="module", autouse=True)
def one_thread():
    """Networks this small train fastest on one."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.fixture(scope="module")
def digits():
    return load_digits().data[:300].astype(np.float32)


@pytest.fixture(scope="module", params=list(KINDS))
def fitted(request, digits):
    return Autoencoder(3, epochs=8, batch_size=32, device="cpu", **KINDS[request.param]).fit(digits)


def against_pca(rows, count):
    """Largest principal angle in degrees, and reconstruction error over PCA's."""
    pca = PCA(count).fit(rows)
    linear = Autoencoder(count, linear=True, random_state=0, device="cpu").fit(rows)
    decoder = linear.decoder_[0].weight.detach().numpy()
    angles = scipy.linalg.subspace_angles(decoder, pca.components_.T)
    ours, theirs = (
        np.square(model.inverse_transform(model.transform(rows)) - rows).mean()
        for model in (linear, pca)
    )
    return np.degrees(angles.max()), ours / theirs


@pytest.mark.parametrize("count", [2, 8])
def test_the_linear_one_spans_the_principal_subspace(digits, count):
    angle, ratio = against_pca(digits, count)
    assert angle < 0.5
    assert ratio == pytest.approx(1, abs=1e-4)


@settings(max_examples=10, deadline=None)
@given(cuts=st.lists(st.integers(1, 299), max_size=5))
def test_a_place_does_not_depend_on_batch_mates(fitted, digits, cuts):
    parts = np.split(digits, sorted(set(cuts)))
    split = np.concatenate([fitted.transform(part) for part in parts])
    np.testing.assert_allclose(split, fitted.embedding_, atol=1e-5, rtol=0)


def test_rows_come_back_in_their_own_units(fitted, digits):
    back = fitted.inverse_transform(fitted.embedding_)
    assert back.shape == digits.shape
    assert np.square(back - digits).mean() < np.square(digits - digits.mean(axis=0)).mean()


def test_the_error_falls(digits):
    history = (
        Autoencoder(4, hidden=(64,), epochs=15, batch_size=32, device="cpu").fit(digits).history_
    )
    assert history[-1] < 0.8 * history[0] < 1


@pytest.mark.parametrize("kind", list(KINDS))
def test_one_seed_gives_one_map_and_leaves_torchs_own_alone(digits, kind):
    torch.manual_seed(5)
    before = torch.get_rng_state()
    maps = [
        Autoencoder(epochs=1, device="cpu", random_state=seed, **KINDS[kind]).fit_transform(digits)
        for seed in (1, 1, 2)
    ]
    assert torch.equal(torch.get_rng_state(), before)
    np.testing.assert_array_equal(maps[0], maps[1])
    both = [
        Autoencoder(epochs=1, device="cpu", random_state=1, **KINDS[kind]).fit(digits).to_arrays()
        for _ in range(2)
    ]
    for name, array in both[0].items():
        np.testing.assert_array_equal(array, both[1][name])
    if kind != "linear":
        assert not np.allclose(maps[0], maps[2])


@pytest.mark.parametrize("shape", [(5, 7, 3), (1, 1, 2), (9, 4, 1)])
def test_images_of_any_size_come_back_at_their_size(shape):
    X = np.random.default_rng(0).normal(size=(20, np.prod(shape))).astype(np.float32)
    auto = Autoencoder(convolutional=True, image_shape=shape, epochs=1, device="cpu").fit(X)
    assert auto.inverse_transform(auto.embedding_).shape == X.shape


def test_constant_rows_and_large_units_stay_finite():
    for X in (np.full((30, 6), 7.0), 1e12 * np.random.default_rng(0).normal(size=(30, 6))):
        for options in ({"linear": True}, {"hidden": (4,)}):
            auto = Autoencoder(2, epochs=2, device="cpu", **options).fit(X)
            assert np.isfinite(auto.inverse_transform(auto.embedding_)).all()


def test_it_stands_first_in_a_pipeline(digits):
    pipeline = make_pipeline(Autoencoder(8, hidden=(16,), epochs=1, device="cpu"), PCA(2))
    assert pipeline.fit_transform(digits).shape == (300, 2)
    assert len(pipeline.get_feature_names_out()) == 2


def test_tsne_after_an_autoencoder_places_what_it_has_not_seen(digits):
    seen, unseen = digits[:220], digits[220:]
    encoder = Autoencoder(8, hidden=(32,), epochs=20, batch_size=32, device="cpu", random_state=0)
    pipeline = make_pipeline(encoder, TSNE(random_state=0, perplexity=15)).fit(seen)
    assert trustworthiness(seen, pipeline[-1].embedding_, n_neighbors=10) > 0.9
    placed = pipeline.transform(unseen)
    assert placed.shape == (80, 2)
    assert trustworthiness(unseen, placed, n_neighbors=10) > 0.85
    np.testing.assert_allclose(pipeline.transform(seen), pipeline[-1].embedding_, atol=1e-4)


@pytest.mark.parametrize("name", ["mnist", "cifar10"])
def test_the_linear_one_spans_the_principal_subspace_of_real_images(name, data_folder):
    pixels = load_data(str(data_folder / name), split="test", limit=300).pixels
    rows = pixels.reshape(len(pixels), -1).astype(np.float32) / 255
    angle, ratio = against_pca(rows, 5)
    assert angle < 5
    assert ratio == pytest.approx(1, abs=0.01)


def test_arrays_bring_the_estimator_back(fitted, digits):
    again = Autoencoder.from_arrays(fitted.to_arrays())
    np.testing.assert_array_equal(again.transform(digits), fitted.embedding_)
    np.testing.assert_array_equal(
        again.inverse_transform(fitted.embedding_[:9]),
        fitted.inverse_transform(fitted.embedding_[:9]),
    )


@pytest.mark.parametrize("wrong", [None, np.zeros(()), np.full((3, 7), np.nan)])
def test_damaged_arrays_are_refused_by_name(fitted, wrong):
    arrays = fitted.to_arrays()
    for name in arrays:
        damaged = {key: value for key, value in arrays.items() if key != name}
        if wrong is not None:
            damaged[name] = wrong
        with pytest.raises(InputError, match="the stored array"):
            Autoencoder.from_arrays(damaged)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"n_components": 65}, "n_components=65; expected a whole number, 1 to 64"),
        ({"epochs": 0}, "epochs=0; expected a whole number, 1 or more"),
        ({"hidden": (4, -1)}, "hidden=-1; expected"),
        ({"learning_rate": 0}, "learning_rate=0; expected a number above 0"),
        ({"linear": True, "convolutional": True}, "exclude each other"),
        ({"convolutional": True}, "image_shape=None for rows of 64 features"),
        ({"convolutional": True, "image_shape": (8, 8, 3)}, r"image_shape=\(8, 8, 3\) for rows"),
        ({"hidden": (8,), "learning_rate": 1e30, "device": "cpu"}, "left the finite numbers"),
    ],
)
def test_wrong_arguments_are_named(digits, options, message):
    with pytest.raises(InputError, match=message):
        Autoencoder(**{"epochs": 3, **options}).fit(digits)
    with pytest.raises(InputError, match=r"Z has shape \(1, 3\); expected \(samples, 2\)"):
        Autoencoder(linear=True, epochs=1).fit(digits).inverse_transform(np.zeros((1, 3)))
