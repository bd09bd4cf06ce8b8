import numpy as np
import pytest

from cutaway.data import load_data
from cutaway.errors import InputError
from cutaway.maps import PCA
from cutaway.maps.finished_map import FinishedMap
from cutaway.maps.recipe import make_map
from cutaway.maps.reduction import REDUCED, reduce_stream

ROWS = load_data("digits").tensor(slice(0, 400)).flatten(1).numpy()


def in_batches():
    return [ROWS[:150], ROWS[150:151], ROWS[151:]]


def test_two_passes_give_what_one_decomposition_of_all_rows_gives():
    reduction = reduce_stream(in_batches)
    np.testing.assert_allclose(reduction.rows, PCA(REDUCED).fit_transform(ROWS), atol=1e-3)


@pytest.mark.parametrize("method", ["pca", "tsne"])
def test_a_map_of_components_is_that_of_the_rows_and_places_rows(method):
    made = make_map(reduce_stream(in_batches), method)
    placed = FinishedMap.from_arrays(made.placement).transform(ROWS[:20])
    if method == "pca":
        np.testing.assert_allclose(made.embedding, make_map(ROWS, "pca").embedding, atol=1e-4)
        np.testing.assert_allclose(placed, made.embedding[:20], atol=1e-4)
    assert placed.shape == (20, 2)
    assert made.embedding.dtype == np.float32


def test_few_features_and_few_rows_have_two_axes():
    column = reduce_stream(lambda: [ROWS[:9, 30:31]])
    assert make_map(column, "pca").embedding.shape == (9, 2)
    assert make_map(reduce_stream(lambda: [ROWS[:1]]), "pca").embedding.tolist() == [[0, 0]]


def test_passes_that_differ_and_empty_ones_are_refused():
    passes = iter([[ROWS], [ROWS[:399]]])
    with pytest.raises(InputError, match="400 rows and the second 399"):
        reduce_stream(lambda: next(passes))
    with pytest.raises(InputError, match="none"):
        reduce_stream(list)
