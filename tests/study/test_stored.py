"""Files of a Study that were damaged on their way: each is named, none ends in a traceback."""

import shutil
from pathlib import Path

import numpy as np
import pytest

from cutaway.errors import InputError
from cutaway.study import open_study
from cutaway.study.attacked import attempts, changed_image, parting_of
from cutaway.study.attribution import attribution_of
from cutaway.study.receptive import read_fields
from cutaway.study.stored import read_record
from cutaway.study.wanted import unit_images_of
from cutaway.views.explorer import AbsentError, Resources

READERS = {
    "samples.parquet": lambda study: study.samples,
    "gradients.parquet": lambda study: study.gradients,
    "cka.parquet": lambda study: study.cka,
    "cues.parquet": lambda study: study.cues,
    "maps/pixels/pca.parquet": lambda study: study.map("pixels", "pca"),
    "adversarial.parquet": attempts,
    "adversarial/layers.parquet": parting_of,
    "adversarial/display.npy": lambda study: changed_image(study, study.kept[0]),
    "attribution/occlusion.npy": lambda study: attribution_of(study, "occlusion", study.kept[0]),
    "unit_images/0.npy": lambda study: unit_images_of(study, "0"),
    "kept/images.npy": lambda study: study.image(study.kept[0]),
    "kept/0.npy": lambda study: study.activations("0", study.kept[0]),
    "class_means/0.npy": lambda study: study.class_means("0"),
    "outputs.npy": lambda study: study.outputs,
    "weights/filters.safetensors": lambda study: study.filters,
    "thumbnails/0.webp": lambda study: study.thumbnail(0),
    "description.json": lambda study: study.twins(shared=True),
    "receptive_fields.json": lambda study: read_fields(study.folder),
}


def damaged(content: bytes) -> dict[str, bytes]:
    noise = np.random.default_rng(0).bytes(max(len(content), 200))
    return {
        "empty": b"",
        "half": content[: len(content) // 2],
        "noise": noise,
        "archive": b"PK\x03\x04" + noise,
        "pickle": b"\x80\x04" + noise,
        "deep": b"[" * 100_000,
    }


@pytest.fixture
def copy(deep_study, tmp_path):
    return Path(shutil.copytree(deep_study.folder, tmp_path / "copy.study"))


@pytest.mark.parametrize("name", READERS)
def test_a_damaged_file_is_named(copy, name):
    file = copy / name
    for content in damaged(file.read_bytes()).values():
        file.write_bytes(content)
        with pytest.raises(InputError, match=rf"{name}' cannot be read .*; build the Study again"):
            READERS[name](open_study(copy))


def test_an_array_of_fewer_rows_than_were_kept_is_named(copy):
    file = copy / "kept" / "0.npy"
    np.save(file, np.load(file)[:-1])
    study = open_study(copy)
    with pytest.raises(InputError, match=r"kept/0.npy' has \d+ rows; expected \d+, one a kept"):
        study.activations("0", study.kept[0])


def test_no_resource_of_a_damaged_study_ends_in_a_traceback(copy):
    whole = {"study.json", "samples.parquet", "layers.parquet", "units.parquet"}
    for file in copy.rglob("*"):
        if file.is_file() and str(file.relative_to(copy)) not in whole:
            file.write_bytes(file.read_bytes()[:20])
    study = open_study(copy)
    resources = Resources(study)
    read = []
    for name in [*resources.names(), *resources.names_of(study.kept[0])]:
        try:
            resources.get(name)
            read.append(name)
        except (AbsentError, InputError):
            continue
    tables = {"study", "samples", "confusion", *(f"units/{n}" for n in range(99))}
    assert set(read) <= {*tables, "thumbnails/0"}  # an atlas is handed on as it is


def test_a_record_that_is_no_object_is_named(tmp_path):
    (tmp_path / "record.json").write_text("3")
    with pytest.raises(InputError, match=r"record.json' cannot be read"):
        read_record(tmp_path / "record.json")
