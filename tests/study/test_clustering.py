"""Clusters in a Study: which were compared, what stands on disk, and what it says of them."""

import numpy as np
import pytest

from cutaway.errors import InputError
from cutaway.maps.cluster_words import WARNING
from cutaway.study import build_study, clustering
from tests.study.conftest import small_network


def test_pixels_and_the_last_layer_are_compared_with_their_tsne_maps(study):
    records = study.cluster_comparisons
    assert [(record["layer"], record["method"]) for record in records] == [
        ("pixels", "tsne"), ("5", "tsne"),
    ]  # fmt: skip
    for record in records:
        assert record["warning"] == WARNING
        assert record["words"].startswith("Can one simply cluster the map?")
        assert all(sentence in record["words"] for sentence in record["evidence"])
        assert set(record["agreement"]) == {"k-means", "HDBSCAN"}
        for grouping in record["groupings"].values():
            assert -1 <= grouping["ari"] <= 1
            assert 0 <= grouping["nmi"] <= 1


def test_every_sample_has_its_cluster(study):
    table = study.clusters("pixels")
    assert table["id"].tolist() == study.samples["id"].tolist()
    assert set(table.columns[1:]) == set(study.cluster_comparisons[0]["groupings"])
    for name, grouping in study.cluster_comparisons[0]["groupings"].items():
        assert table[name].min() >= -1
        assert table.loc[table[name] >= 0, name].nunique() == grouping["clusters"]
    with pytest.raises(InputError, match=r"layer='0' was not clustered .*\['pixels', '5'\] were"):
        study.clusters("0")


def test_of_many_samples_some_are_clustered(digits, tmp_path, monkeypatch):
    monkeypatch.setattr(clustering, "CLUSTERED", 60)
    built = build_study(small_network(), digits, tmp_path / "study", maps={"umap": "pixels"})
    assert built.cluster_comparisons[0]["samples"] == 60
    ids = built.clusters("pixels")["id"].to_numpy()
    assert len(np.unique(ids)) == 60
    page = built.report(tmp_path / "report.html").read_text()
    assert "Why not simply cluster a map?" in page
    assert "on 60\nsamples drawn at random" in page


def test_without_a_neighbour_map_nothing_is_clustered(digits, tmp_path):
    built = build_study(small_network(), digits, tmp_path / "study", maps={"pca": "*"})
    assert built.cluster_comparisons == []
    assert 'id="clusters"' not in built.report(tmp_path / "report.html").read_text()
