"""Maps of a Study lie on one another, so that a sample can be followed from each to the next."""

import itertools

import numpy as np
import pytest
import scipy.spatial
from torch import nn

from cutaway.maps.recipe import make_map
from cutaway.study import build_study, map_making
from tests.study.conftest import small_network


def places(study, layer, method):
    return study.map(layer, method)[["x", "y"]].to_numpy(dtype=np.float64)


def moved(one, other):
    return np.linalg.norm(one - other, axis=1).mean()


@pytest.fixture(scope="module")
def chain(digits, tmp_path_factory):
    """A network with a dropout, mapped at every layer by two methods."""
    network = nn.Sequential(*small_network()[:6], nn.Dropout(), small_network()[6])
    path = tmp_path_factory.mktemp("chain") / "study"
    return build_study(network, digits, path, maps={"pca": "*", "tsne": ["pixels", "[56]", "7"]})


@pytest.mark.parametrize("method", ["pca", "tsne"])
def test_a_sample_moves_no_farther_than_between_maps_as_their_methods_leave_them(chain, method):
    layers = [row.layer for row in chain.maps.itertuples() if row.method == method]
    aligned = [places(chain, layer, method) for layer in layers]
    free = [make_map(np.array(chain.features(layer)), method).embedding for layer in layers]
    apart = [moved(a, b) for a, b in itertools.pairwise(aligned)]
    apart_free = [moved(a, b) for a, b in itertools.pairwise(free)]
    assert np.mean(apart) <= np.mean(apart_free)
    for map_, own in zip(aligned, free, strict=True):
        np.testing.assert_allclose(
            scipy.spatial.distance.pdist(map_), scipy.spatial.distance.pdist(own), rtol=1e-3
        )


@pytest.mark.parametrize("method", ["pca", "tsne"])
def test_a_layer_that_changes_nothing_has_the_very_map_of_the_one_before(chain, method):
    np.testing.assert_array_equal(chain.features("5"), chain.features("6"))
    assert chain.map("5", method).equals(chain.map("6", method))
    quality = chain.maps.set_index(["layer", "method"])
    assert quality.loc[("5", method)].equals(quality.loc[("6", method)])


def test_the_first_map_of_a_method_lies_on_the_method_before(chain):
    first, second = places(chain, "pixels", "pca"), places(chain, "pixels", "tsne")
    overlap = first.T @ second
    np.testing.assert_allclose(overlap, overlap.T, atol=1e-2 * np.abs(overlap).max())
    assert np.linalg.eigvalsh((overlap + overlap.T) / 2).min() > 0


def test_a_mapped_sample_lands_where_it_lies(chain):
    for row in chain.maps.itertuples():
        found = chain.finished_map(row.layer, row.method).transform(chain.features(row.layer))
        expected = places(chain, row.layer, row.method)
        np.testing.assert_allclose(found, expected, atol=1e-4 * np.abs(expected).max())


def test_features_that_are_too_many_to_hold_are_mapped_by_their_components(
    digits, tmp_path, monkeypatch, capsys
):
    maps = {"pca": ["pixels", "5"], "tsne": "pixels"}
    whole = build_study(small_network(), digits, tmp_path / "whole", maps=maps)
    monkeypatch.setattr(map_making, "WHOLE", 64 * 149)  # more than layer 5 has, fewer than pixels
    held = build_study(small_network(), digits, tmp_path / "held", maps=maps)
    assert "pixels: maps are made of 50 principal components of 64" in capsys.readouterr().err
    assert np.nan_to_num(held.maps["components"]).tolist() == [50, 50, 0]
    np.testing.assert_allclose(
        places(held, "pixels", "pca"), places(whole, "pixels", "pca"), atol=1e-3
    )
    assert places(held, "5", "pca").tolist() == places(whole, "5", "pca").tolist()
    for method in ("pca", "tsne"):
        placed = held.finished_map("pixels", method).transform(np.array(held.features("pixels")))
        assert moved(placed, places(held, "pixels", method)) < 1.5
    assert "50 components" in held.report(tmp_path / "report.html").read_text()
    assert "50 components" not in whole.report(tmp_path / "whole.html").read_text()
