"""Building a Study: what stands in it, that it is repeatable, and that it is whole or not there."""

import filecmp
import json
import os
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
from torch import nn

import cutaway
from cutaway.data import InputTransform
from cutaway.errors import InputError
from cutaway.study import build_study, open_study
from cutaway.study.mapping import chosen_maps
from tests.study.conftest import small_network


def test_samples_carry_split_label_and_prediction(study, digits):
    assert list(study.samples.columns) == [
        "id", "source", "split", "label", "predicted", "confidence", "margin", "entropy", "loss",
        "suspected_label",
    ]  # fmt: skip
    assert study.samples["id"].tolist() == list(range(350))
    assert study.samples["split"].value_counts().to_dict() == {"reference": 200, "data": 150}
    assert len(study.studied) == 150
    np.testing.assert_array_equal(study.studied["label"], digits.labels)


def test_layers_stand_in_order_of_execution_with_pixels_first(study):
    assert study.layers["layer"].tolist() == ["pixels", *map(str, range(7))]
    assert study.layers["type"].tolist()[:3] == ["Input", "Conv2d", "ReLU"]
    assert list(study.layers["shape"].iloc[1]) == [6, 6, 6]
    expected = {
        "layer", "type", "shape", "parameters", "mean", "std", "sparsity", "dead",
        "knn_accuracy", "probe_accuracy",
    }  # fmt: skip
    assert set(study.layers.columns) >= expected


def test_figures_of_a_layer_equal_a_plain_computation(study, digits, training_digits):
    transform = InputTransform.from_dict(study.record["transform"])
    images = torch.cat([digits.tensor(), training_digits.tensor()])
    with torch.no_grad():
        hidden = small_network().eval()[:2](transform(images))
    row = study.layers.set_index("layer").loc["1"]
    assert row["mean"] == pytest.approx(hidden.mean().item(), rel=1e-4)
    assert row["std"] == pytest.approx(hidden.std(correction=0).item(), rel=1e-4)
    assert row["sparsity"] == pytest.approx((hidden <= 0).double().mean().item(), abs=1e-6)
    units = study.units[study.units["layer"] == "1"]
    active = (hidden.amax(dim=(2, 3)) > 0).double().mean(dim=0)
    np.testing.assert_allclose(units["active"], active, atol=1e-9)
    strongest = hidden.amax(dim=(2, 3)).argmax(dim=0)
    assert [top[0] for top in units["top"]] == strongest.tolist()


def test_outputs_are_those_of_the_network(study, digits):
    transform = InputTransform.from_dict(study.record["transform"])
    with torch.no_grad():
        expected = small_network().eval()(transform(digits.tensor()))
    np.testing.assert_allclose(study.outputs[:150], expected, atol=1e-5)
    assert study.studied["predicted"].tolist() == expected.argmax(dim=1).tolist()


def test_every_layer_has_a_pca_map_and_pixels_and_last_have_all(study):
    made = study.maps.groupby("layer")["method"].agg(sorted).to_dict()
    assert made["pixels"] == made["5"] == ["pca", "tsne", "umap"]
    assert made["0"] == ["pca"]
    table = study.map("pixels", "tsne")
    assert list(table.columns) == ["id", "x", "y", "trust"]
    assert table["trust"].between(0, 1).all()
    assert np.isfinite(table[["x", "y"]]).all(axis=None)
    assert (study.folder / "maps" / "pixels" / "tsne.safetensors").is_file()


def test_kept_samples_hold_whole_activations(study):
    sample = study.kept[0]
    assert study.activations("0", sample).shape == (6, 6, 6)
    assert study.image(sample).shape == (8, 8, 1)
    np.testing.assert_array_equal(study.thumbnail(sample)[..., :1], study.image(sample))
    with pytest.raises(InputError, match=r"sample=\d+ was not kept whole; those that were are"):
        study.activations("0", next(i for i in range(350) if i not in study.kept))


def test_filters_are_the_weights(study):
    np.testing.assert_array_equal(study.filters["0"], small_network()[0].weight.detach())


def test_nothing_in_the_folder_is_a_pickle(study):
    endings = {path.suffix for path in study.folder.rglob("*") if path.is_file()}
    assert endings <= {".json", ".parquet", ".npy", ".safetensors", ".webp"}
    for file in study.folder.rglob("*.npy"):
        np.load(file, allow_pickle=False)


def test_two_builds_with_one_seed_are_equal_byte_by_byte(study, digits, training_digits, tmp_path):
    again = build_study(small_network(), digits, tmp_path / "again", reference=training_digits)
    files = sorted(p.relative_to(study.folder) for p in study.folder.rglob("*") if p.is_file())
    assert files == sorted(
        p.relative_to(again.folder) for p in again.folder.rglob("*") if p.is_file()
    )
    _, differing, errors = filecmp.cmpfiles(study.folder, again.folder, files, shallow=False)
    assert (differing, errors) == ([], [])


def test_processes_that_share_the_pass_leave_the_same_study(
    study, digits, training_digits, tmp_path
):
    again = build_study(
        small_network(), digits, tmp_path / "again", reference=training_digits, workers=2
    )
    for file in study.folder.rglob("*.*"):
        if file.is_file():
            assert file.read_bytes() == (again.folder / file.relative_to(study.folder)).read_bytes()
    assert os.listdir(tmp_path) == ["again"]


def test_it_opens_again_and_shows_in_a_notebook(study):
    opened = open_study(study.folder)
    pd.testing.assert_frame_equal(opened.samples, study.samples)
    assert "350 samples" in opened._repr_html_()
    assert "350 samples" in repr(opened)


def test_the_inferred_transform_is_a_finding(study):
    assert study.record["transform"]["origin"] == "inferred"
    assert "input transform" in [finding.kind for finding in study.findings]


def test_the_model_is_left_as_it_was(digits, tmp_path):
    network = small_network().train()
    before = {name: value.clone() for name, value in network.state_dict().items()}
    build_study(network, digits, tmp_path / "study", maps={"pca": "pixels"})
    assert all(not module._forward_hooks for module in network.modules())
    for name, value in network.state_dict().items():
        torch.testing.assert_close(value, before[name], rtol=0, atol=0)


def test_without_labels_what_needs_them_is_left_out(digits, tmp_path):
    study = build_study(small_network(), digits.pixels, tmp_path / "study")
    assert set(study.samples.columns) == {
        "id", "source", "split", "predicted", "confidence", "margin", "entropy",
    }  # fmt: skip
    assert "knn_accuracy" not in study.layers
    assert study.report(tmp_path / "report.html").is_file()


@pytest.mark.parametrize("count", [1, 2, 3, 5])
def test_a_handful_of_samples_is_enough(digits, tmp_path, count):
    few = digits.select(np.arange(count))
    study = build_study(small_network(), few, tmp_path / "study")
    assert len(study.samples) == count
    assert study.report(tmp_path / "report.html").is_file()


def test_one_class_only(digits, tmp_path):
    zeros = digits.select(np.flatnonzero(digits.labels == 0))
    study = build_study(small_network(), zeros, tmp_path / "study", maps={"pca": "*"})
    assert "knn_accuracy" not in study.layers
    assert study.report(tmp_path / "report.html").is_file()


def test_layers_and_maps_can_be_chosen(digits, tmp_path):
    study = build_study(
        small_network(), digits, tmp_path / "study", layers=["0", "4"], maps={"umap": ["4"]}
    )
    assert study.layers["layer"].tolist() == ["pixels", "0", "4"]
    assert study.maps[["layer", "method"]].to_numpy().tolist() == [["4", "umap"]]


def test_wrong_maps_are_named():
    layers = pd.DataFrame({"layer": ["pixels", "0"], "type": ["Input", "Linear"]})
    with pytest.raises(InputError, match=r"maps names the method 'som'; expected one of"):
        chosen_maps({"som": "*"}, layers)
    with pytest.raises(InputError, match=r"maps\['pca'\]='conv\*' matches no layer; they are"):
        chosen_maps({"pca": "conv*"}, layers)


BAD = {
    "workers=0; expected 1 or more": {"workers": 0},
    "matches no layer": {"layers": "blok*"},
    "cannot take images of shape": {"transform": InputTransform((8, 8), (0.5,) * 3, (1.0,) * 3, 3)},
    "is not on this machine": {"device": "cuda" if not torch.cuda.is_available() else "mps"},
    "expected equal shapes": {"reference": np.zeros((3, 9, 9), np.uint8)},
}


@pytest.mark.parametrize("message", BAD)
def test_bad_input_is_refused_before_anything_is_written(message, digits, tmp_path):
    with pytest.raises(InputError, match=message):
        build_study(small_network(), digits, tmp_path / "study", **BAD[message])
    assert os.listdir(tmp_path) == []


def test_a_network_with_fewer_outputs_than_classes_is_refused(digits, tmp_path):
    network = nn.Sequential(nn.Flatten(), nn.Linear(64, 3))
    with pytest.raises(InputError, match="has 3 outputs; expected labels from 0 to 2"):
        build_study(network, digits, tmp_path / "study")


def test_an_existing_folder_is_left_alone(study, digits, tmp_path):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").write_text("years")
    with pytest.raises(InputError, match="exists already"):
        build_study(small_network(), digits, tmp_path / "mine")
    with pytest.raises(InputError, match="is not a Study and will not be overwritten"):
        build_study(small_network(), digits, tmp_path / "mine", overwrite=True)
    assert (tmp_path / "mine" / "thesis.txt").read_text() == "years"


def test_a_study_is_overwritten_when_asked(digits, tmp_path):
    for seed in (0, 1):
        built = build_study(
            small_network(), digits, tmp_path / "study", seed=seed, maps={"pca": "*"},
            overwrite=bool(seed),
        )  # fmt: skip
        assert built.record["settings"]["seed"] == seed
    assert os.listdir(tmp_path) == ["study"]


KILLED = """
    import numpy as np
    import cutaway
    from tests.study.conftest import small_network
    from cutaway.progress import show_progress
    show_progress()
    digits = cutaway.load_data("digits").select(np.arange(150))
    cutaway.build_study(small_network(), digits, "killed.study")
"""


def test_a_killed_build_resumes_and_is_never_taken_for_a_whole_one(digits, tmp_path):
    root = Path(__file__).parents[2]
    # A gradient that another number of threads adds up differs in its last digits.
    threads = str(torch.get_num_threads())
    with subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(KILLED)],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(root), "OMP_NUM_THREADS": threads},
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        for line in process.stderr:
            if line.startswith("Making"):
                break
        process.send_signal(signal.SIGKILL)
    assert not (tmp_path / "killed.study").exists()
    with pytest.raises(InputError, match="does not exist"):
        open_study(tmp_path / "killed.study")
    partial = tmp_path / ".killed.study.partial"
    outputs = (partial / "outputs.npy").stat()
    resumed = build_study(small_network(), digits, tmp_path / "killed.study")
    assert (resumed.folder / "outputs.npy").stat().st_mtime_ns == outputs.st_mtime_ns
    assert os.listdir(tmp_path) == ["killed.study"]
    fresh = build_study(small_network(), digits, tmp_path / "fresh.study")
    for file in fresh.folder.rglob("*"):
        if file.is_file():
            twin = resumed.folder / file.relative_to(fresh.folder)
            assert twin.read_bytes() == file.read_bytes(), file.name


def test_a_study_of_a_newer_version_is_refused(study, tmp_path):
    record = {**study.record, "schema": 99}
    (tmp_path / "study.json").write_text(json.dumps(record))
    with pytest.raises(InputError, match="has schema version 99, and this Cutaway reads up to 1"):
        open_study(tmp_path)


@pytest.mark.parametrize("content", ["", "{", "[]", '{"schema": "1"}', "{}"])
def test_a_damaged_record_is_refused(content, tmp_path):
    (tmp_path / "study.json").write_text(content)
    with pytest.raises(InputError, match="is damaged|schema version"):
        open_study(tmp_path)


def test_what_is_no_study_is_refused(tmp_path):
    with pytest.raises(InputError, match="holds no study.json"):
        open_study(tmp_path)
    with pytest.raises(InputError, match="does not exist"):
        cutaway.open_study(tmp_path / "nowhere")


def test_a_truncated_table_is_named(study, digits, tmp_path):
    built = build_study(small_network(), digits, tmp_path / "study", maps={"pca": "pixels"})
    samples = built.folder / "samples.parquet"
    samples.write_bytes(samples.read_bytes()[:100])
    with pytest.raises(InputError, match="samples.parquet' cannot be read"):
        _ = open_study(tmp_path / "study").samples
