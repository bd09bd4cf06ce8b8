"""Which maps a report carries: what is chosen, what is refused, and what is said of it."""

import base64
import gzip
import json
import re

import numpy as np
import pytest

from cutaway.cli import app
from cutaway.data import load_data
from cutaway.errors import InputError
from cutaway.study import build_study
from cutaway.views.explorer.bundle import find_bundle
from cutaway.views.report.chosen import with_maps
from cutaway.views.report.sections.clusters import clusters_section
from tests.study.conftest import small_network

OVERVIEW = re.compile(r'data-resource="study"[^>]*>([^<]*)<')


@pytest.fixture(scope="module")
def mapped(tmp_path_factory):
    maps = {"pca": "*", "umap": "pixels"}
    folder = tmp_path_factory.mktemp("mapped") / "digits.study"
    images = load_data("digits").select(np.arange(60))
    return build_study(small_network(), images, folder, maps=maps)


def pairs(study):
    return list(study.maps[["layer", "method"]].itertuples(index=False, name=None))


def test_without_a_choice_the_study_is_whole(mapped):
    assert with_maps(mapped, None, None) == (mapped, [])


@pytest.mark.parametrize(
    ("layers", "methods", "expected"),
    [
        ("pixels", None, [("pixels", "pca"), ("pixels", "umap")]),
        (["pixels"], ["pca"], [("pixels", "pca")]),
        (None, "umap", [("pixels", "umap")]),
        (["p*", "0"], "p*", [("pixels", "pca"), ("0", "pca")]),
    ],
)
def test_the_maps_that_match_are_kept_and_the_others_named(mapped, layers, methods, expected):
    chosen, left_out = with_maps(mapped, layers, methods)
    assert pairs(chosen) == expected
    named = [
        f"{layer} by {method}" for layer, method in pairs(mapped) if (layer, method) not in expected
    ]
    assert left_out[0].startswith(f"By choice: the maps of {', '.join(named[:6])}")


@pytest.mark.parametrize(
    ("layers", "methods", "words"),
    [
        ("conv*", None, r"layers names 'conv\*'; expected some of \['pixels', '0'"),
        (None, ["pca", "tsne"], r"methods names 'tsne'; expected some of \['pca', 'umap'\]"),
        ("0", "umap", "no map together; there are pixels by pca"),
        ([], None, "layers is empty"),
    ],
)
def test_what_is_not_there_is_refused_with_what_is(mapped, layers, methods, words):
    with pytest.raises(InputError, match=words):
        with_maps(mapped, layers, methods)


@pytest.mark.parametrize(
    ("layers", "methods", "clustered"), [("pixels", "umap", True), (None, "pca", False)]
)
def test_clusters_go_with_the_map_that_they_are_drawn_on(mapped, layers, methods, clustered):
    assert [(row["layer"], row["method"]) for row in mapped.cluster_comparisons] == [
        ("pixels", "umap")
    ]
    chosen, left_out = with_maps(mapped, layers, methods)
    assert (chosen.cluster_comparisons == mapped.cluster_comparisons) is clustered
    assert left_out[0].endswith(", and the clusters on those.") is not clustered
    assert (clusters_section(chosen)["clusters"] is not None) is clustered


def test_the_command_writes_a_file_of_the_chosen_maps_that_says_what_is_not_in_it(mapped, tmp_path):
    target = tmp_path / "some.html"
    chosen = ["--layers", "pixels,0", "--methods", "umap"]
    app(["report", str(mapped.folder), "-o", str(target), *chosen], standalone_mode=False)
    page = target.read_text()
    assert "UMAP of pixels" in page
    assert "PCA of pixels" not in page
    assert "By choice: the maps of pixels by pca, 0 by pca" in page
    if find_bundle() is None:
        return
    packed = OVERVIEW.search(page)
    assert packed is not None
    overview = json.loads(gzip.decompress(base64.b64decode(packed[1])))
    assert [(row["layer"], row["method"]) for row in overview["maps"]] == [(0, "umap")]
    assert any("the maps of pixels by pca" in words for words in overview["omitted"])
    assert re.findall(r'data-resource="(map/[^"]+)"', page) == ["map/0/umap"]
