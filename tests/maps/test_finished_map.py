import numpy as np
import pytest
from sklearn.datasets import load_digits

from cutaway.errors import InputError
from cutaway.maps.alignment import procrustes
from cutaway.maps.finished_map import FinishedMap
from cutaway.maps.recipe import METHODS, make_map

DIGITS = load_digits().data[:200].astype(np.float32)
OPTIONS = {"autoencoder": {"hidden": (16,), "epochs": 2, "device": "cpu"}}


@pytest.fixture(scope="module", params=METHODS)
def made(request):
    return make_map(DIGITS, request.param, **OPTIONS.get(request.param, {}))


def turned(made):
    """The arrays of a map that was turned onto another, and where its samples then lie."""
    alignment = procrustes(made.embedding, made.embedding[:, ::-1] + 3, scale=False)
    arrays = {f"alignment.{name}": value for name, value in alignment.to_arrays().items()}
    return made.placement | arrays, alignment.apply(made.embedding)


def test_a_mapped_sample_lands_where_it_lies_on_the_turned_map(made):
    arrays, places = turned(made)
    np.testing.assert_allclose(
        FinishedMap.from_arrays(arrays).transform(DIGITS), places, atol=1e-4 * np.abs(places).max()
    )


def test_what_decodes_finds_back_through_the_turn(made):
    arrays, places = turned(made)
    plain, finished = (FinishedMap.from_arrays(each) for each in (made.placement, arrays))
    if not finished.decodes:
        with pytest.raises(InputError, match="no way back from places to features"):
            finished.inverse_transform(places)
        return
    np.testing.assert_allclose(
        finished.inverse_transform(places), plain.inverse_transform(made.embedding), atol=1e-3
    )


@pytest.mark.parametrize("method", ["pca", "autoencoder"])
def test_one_feature_is_mapped_and_decoded_too(method):
    column = DIGITS[:, 20:21]
    made = make_map(column, method, **OPTIONS.get(method, {}))
    finished = FinishedMap.from_arrays(made.placement)
    np.testing.assert_allclose(finished.transform(column), made.embedding, atol=1e-5)
    assert finished.inverse_transform(made.embedding).shape == column.shape


def test_a_rotation_that_is_none_and_arrays_that_place_nothing_are_refused():
    arrays, _ = turned(make_map(DIGITS, "pca"))
    with pytest.raises(InputError, match="an orthogonal matrix"):
        FinishedMap.from_arrays(arrays | {"alignment.rotation": np.ones((2, 2))})
    with pytest.raises(InputError, match="a scale above 0"):
        FinishedMap.from_arrays(arrays | {"alignment.scale_and_disparity": np.zeros(2)})
    with pytest.raises(InputError, match=r"\[\] place nothing"):
        FinishedMap.from_arrays({})


def test_maps_of_the_same_features_are_searched_once_for_the_same_places():
    tsne, umap = (
        FinishedMap.from_arrays(make_map(DIGITS[:150], method, **options).placement)
        for method, options in (("tsne", {}), ("umap", {"n_neighbors": 20}))
    )
    assert tsne.searches_as(umap)
    assert not tsne.searches_as(FinishedMap.from_arrays(make_map(DIGITS[10:160], "umap").placement))
    new = DIGITS[150:]
    near = tsne.search(new, max(tsne.wanted, umap.wanted))
    for finished in (tsne, umap):
        together = finished.placement_among(near)
        alone = finished.placement_among(finished.search(new))
        np.testing.assert_array_equal(together.embedding, alone.embedding)
        np.testing.assert_array_equal(together.trust, alone.trust)
        np.testing.assert_allclose(together.embedding, finished.transform(new), atol=1e-6)


def test_what_has_no_measure_of_its_own_says_so(made):
    finished = FinishedMap.from_arrays(made.placement)
    assert finished.measures == (len(made.placement) > 0 and not finished.decodes)
