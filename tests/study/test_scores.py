"""Scores of layers, their likeness and class means, against plain computations from the folder."""

import numpy as np
import pytest
from torch import nn

from cutaway.diagnosis import cka_matrix, fisher_ratio, separability
from cutaway.study import build_study
from cutaway.study.equal_layers import stand_ins
from tests.study.conftest import small_network


@pytest.fixture(scope="module")
def alone(digits, tmp_path_factory):
    """A Study without a reference, of a network with a dropout, two of its layers mapped."""
    network = nn.Sequential(*small_network()[:6], nn.Dropout(), small_network()[6])
    path = tmp_path_factory.mktemp("scores") / "study"
    return build_study(network, digits, path, maps={"pca": ["pixels", "5"]})


def rows(study, layer):
    return np.array(study.features(layer)[: len(study.studied)])


def test_layers_are_scored_on_the_data_alone(study):
    labels = study.studied["label"].to_numpy()
    scored = study.layers.set_index("layer")
    for layer in ("pixels", "5"):
        assert scored.loc[layer, "fisher"] == fisher_ratio(rows(study, layer), labels)
    assert scored["silhouette"].between(-1, 1).all()
    assert (scored["intrinsic_dimension"] > 0).all()


@pytest.mark.parametrize("layer", ["pixels", "5", "7"])
def test_known_neighbours_give_the_votes_that_a_search_gives(alone, layer):
    assert (alone.folder / "neighbours" / f"{layer}.npy").is_file() is (layer != "7")
    expected = separability(rows(alone, layer), alone.samples["label"].to_numpy())
    scored = alone.layers.set_index("layer").loc[layer]
    assert scored["knn_accuracy"] == pytest.approx(expected.knn_accuracy, abs=0.01)
    assert scored["probe_accuracy"] == expected.probe_accuracy


def test_a_layer_that_changes_nothing_is_scored_as_the_one_before(alone):
    assert stand_ins(alone.folder, ["4", "5", "6", "7"]) == {"4": "4", "5": "5", "6": "5", "7": "7"}
    scored = alone.layers.set_index("layer").drop(columns=["type", "parameters"])
    assert scored.loc["6", "knn_accuracy":].equals(scored.loc["5", "knn_accuracy":])


def test_layers_are_compared_each_with_each(alone):
    names = alone.layers["layer"].tolist()
    values = alone.cka.set_index(["layer", "other"])["cka"]
    assert len(values) == len(names) ** 2
    expected = cka_matrix([rows(alone, "pixels"), rows(alone, "7")])[0, 1]
    assert values["pixels", "7"] == pytest.approx(expected)
    assert values["5", "6"] == 1


def test_class_means_are_those_of_the_data_by_label(study):
    labels = study.studied["label"].to_numpy()
    expected = rows(study, "5")[labels == 3].mean(axis=0)
    np.testing.assert_allclose(study.class_means("5")[3], expected, rtol=1e-5)
    assert study.class_means("5").shape == (10, 16)
