"""Whether what lies in a folder is gone on with."""

import json
import os

import pytest

from cutaway.errors import InputError
from cutaway.training.run_folder import RunFolder

SETTINGS = {
    "network": {"name": "CNN", "arguments": {"classes": 2}},
    "recipe": {"epochs": 3, "precision": "float32"},
}


@pytest.fixture
def place(tmp_path):
    return tmp_path / "run"


def begun(place, **options):
    folder = RunFolder(place, **options)
    assert folder.begin(SETTINGS) is None
    return folder


def test_a_new_run_leaves_its_settings(place):
    folder = begun(place)
    assert not folder.resumes
    assert os.listdir(place) == ["run.json"]
    assert json.loads((place / "run.json").read_text())["settings"] == SETTINGS


def test_an_unfinished_run_goes_on_in_its_precision(place):
    begun(place)
    folder = RunFolder(place)
    assert folder.resumes
    assert folder.precision == "float32"


def test_a_finished_run_is_kept_unless_asked(place):
    begun(place).finish({"test_accuracy": 0.5})
    with pytest.raises(InputError, match="holds a finished run; .*pass overwrite=True"):
        RunFolder(place)
    assert RunFolder(place, resume=True).resumes
    assert not RunFolder(place, overwrite=True).resumes


def test_another_run_is_not_gone_on_with(place):
    begun(place)
    other = SETTINGS | {"recipe": SETTINGS["recipe"] | {"epochs": 4}}
    with pytest.raises(InputError, match="unfinished run with recipe.epochs=3, and this one has 4"):
        RunFolder(place).begin(other)


def test_of_several_differences_that_of_an_argument_is_named(place):
    begun(place)
    recipe = SETTINGS["recipe"] | {"seed": 1}
    with pytest.raises(InputError, match="unfinished run with recipe.seed=None, and this one"):
        RunFolder(place).begin({"transform": {"mean": [0.3]}} | SETTINGS | {"recipe": recipe})


def test_what_a_killed_process_half_wrote_is_removed(place):
    begun(place)
    (place / ".last.ckpt.x1y2.ckpt").write_bytes(b"half")
    RunFolder(place).begin(SETTINGS)
    assert os.listdir(place) == ["run.json"]


def test_overwriting_forgets_the_checkpoints_of_before(place):
    begun(place)
    (place / "last.ckpt").write_bytes(b"old")
    assert begun(place, overwrite=True).last.exists() is False


def test_logs_of_the_job_do_not_fill_a_folder(place):
    (place / "slurm").mkdir(parents=True)
    assert not RunFolder(place).resumes


def test_a_job_that_is_queued_again_does_not_overwrite_its_own_run(place, monkeypatch):
    monkeypatch.setenv("SLURM_JOB_ID", "12")
    begun(place, overwrite=True)
    monkeypatch.setenv("SLURM_RESTART_COUNT", "1")
    assert RunFolder(place, overwrite=True).resumes
    monkeypatch.setenv("SLURM_JOB_ID", "13")
    assert not RunFolder(place, overwrite=True).resumes


def test_a_damaged_record_is_named(place):
    place.mkdir()
    (place / "run.json").write_text("{")
    with pytest.raises(InputError, match="run.json' is damaged"):
        RunFolder(place)


def test_a_damaged_checkpoint_is_named(place):
    begun(place)
    (place / "last.ckpt").write_bytes(b"half a checkpoint")
    with pytest.raises(InputError, match="last.ckpt"):
        RunFolder(place).begin(SETTINGS)
