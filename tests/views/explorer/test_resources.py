"""What a browser reads of a Study is what the Study holds, in types that a browser can read."""

import io
import json

import numpy as np
import pyarrow as pa
import pytest
from PIL import Image

from cutaway.views.explorer import AbsentError


def read(resource):
    return pa.ipc.open_stream(resource.body).read_all()


def numbers(resource):
    found = read(resource)
    metadata = {key.decode(): json.loads(value) for key, value in found.schema.metadata.items()}
    values = found["values"].to_numpy().reshape(metadata["shape"])
    return values, metadata


def test_every_resource_is_whole_or_absent_with_words(resources):
    names = [
        *resources.names(),
        *resources.names_of(3),
        *resources.names_of(resources.study.kept[0]),
    ]
    held, said = [], []
    for name in names:
        try:
            found = resources.get(name)
        except AbsentError as absent:
            said.append(str(absent))
            continue
        held.append(name)
        assert found.body, name
        if found.media.endswith("arrow.stream"):
            for column in read(found).schema:
                assert not any(kind in str(column.type) for kind in ("64", "large")), column
    assert min(map(len, said)) > 15
    assert {"study", "samples", "map/0/tsne", "filters/1", "thumbnails/0"} <= set(held)


def test_the_overview_names_what_there_is(resources):
    found = json.loads(resources.get("study").body)
    assert found["data"]["samples"] == 120
    assert [row["layer"] for row in found["layers"]] == resources.study.layers["layer"].tolist()
    assert {(row["layer"], row["method"]) for row in found["maps"]} >= {(0, "tsne"), (5, "umap")}
    assert found["thumbnails"]["whole"] is True
    for row in found["maps"]:
        assert resources.get(f"map/{row['layer']}/{row['method']}").body


def test_a_map_keeps_its_places_to_sixteen_bits(resources):
    found = read(resources.get("map/0/tsne"))
    x0, y0, x1, y1 = json.loads(found.schema.metadata[b"bounds"])
    places = resources.study.map("pixels", "tsne")
    assert x1 - x0 == pytest.approx(y1 - y0)
    step = (x1 - x0) / 65535
    assert np.allclose(x0 + found["x"].to_numpy() * step, places["x"], atol=step)
    assert np.allclose(y0 + found["y"].to_numpy() * step, places["y"], atol=step)
    assert np.allclose(found["trust"].to_numpy() / 255, places["trust"], atol=1 / 255)


def test_samples_are_the_study_s(resources):
    found = read(resources.get("samples")).to_pandas()
    table = resources.study.samples
    assert found["split"].tolist() == table["split"].tolist()
    assert found["predicted"].tolist() == table["predicted"].tolist()
    assert np.allclose(found["confidence"], table["confidence"])


def test_neighbours_are_the_nearest_by_the_features(resources):
    found = read(resources.get("neighbours/7")).to_pandas()
    features = np.asarray(resources.study.features("4"))
    distances = np.linalg.norm(features - features[7], axis=1)
    distances[7] = np.inf
    here = found[found["layer"] == 5]
    assert here["rank"].tolist() == list(range(8))
    assert np.allclose(here["distance"], np.sort(distances)[:8], rtol=1e-5)
    assert 7 not in here["id"].tolist()


def test_the_nearest_of_every_sample_are_those_of_one(resources):
    every = read(resources.get("nearest/5")).to_pandas()
    assert len(every) == 120
    for sample in (0, 7, 119):
        one = read(resources.get(f"neighbours/{sample}")).to_pandas()
        one = one[one["layer"] == 5].sort_values("rank")
        features = np.asarray(resources.study.features("4"))
        near = np.linalg.norm(features[every.loc[sample]] - features[sample], axis=1)
        assert np.allclose(near, one["distance"], rtol=1e-5)
        assert sample not in every.loc[sample].tolist()


def test_tensors_have_the_shapes_of_what_they_are(resources):
    study = resources.study
    kept = study.kept[0]
    values, _ = numbers(resources.get(f"activation/1/{kept}"))
    assert np.array_equal(values, study.activations("0", kept))
    assert np.array_equal(numbers(resources.get("filters/1"))[0], study.filters["0"])
    assert np.array_equal(numbers(resources.get("outputs/9"))[0], study.outputs[9])
    means, _ = numbers(resources.get("class_means/5"))
    threes = (study.samples["label"] == 3).to_numpy()
    assert np.allclose(means[3], np.asarray(study.features("4"))[threes].mean(axis=0), atol=1e-5)
    moved, _ = numbers(resources.get("unit_activation/5/2"))
    assert np.allclose(moved, study.features("4")[:, 2])


def test_a_convolution_s_unit_is_its_mean_over_places(resources):
    moved, _ = numbers(resources.get("unit_activation/1/2"))
    kept = resources.study.kept
    whole = [resources.study.activations("0", sample)[2].mean() for sample in kept]
    assert np.allclose(moved[list(kept)], whole, atol=1e-5)


def test_an_image_is_the_sample_s_own_where_thumbnails_are_whole(resources, explored):
    for sample in (explored.study.kept[0], 100):
        shown = np.asarray(Image.open(io.BytesIO(resources.get(f"image/{sample}").body)))
        assert np.array_equal(shown, explored.images.display(np.array([sample]))[0, ..., 0])


@pytest.mark.parametrize(
    "name",
    [
        "", "nothing", "study/1", "map/0", "map/0/..", "map/0/../../study.json", "map/99/pca",
        "map/-1/pca", "map/0/autoencoder", "image/120", "image/٣", "image/ 3", "image/1e1",
        "thumbnails/../study.json", "thumbnails/9", "thumbnails/%2e", "units/0x1", "filters/0",
        "unit_activation/1/6", "attribution/..%2f/1", "image/" + "9" * 5000,
    ],
)  # fmt: skip
def test_what_is_no_resource_is_absent_and_no_path_is_followed(resources, name):
    with pytest.raises(AbsentError):
        resources.get(name)
