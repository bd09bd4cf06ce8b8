"""The command line as a user types it: results on stdout, one clear line for wrong input."""

import json
import os
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from cutaway.cli import _name_of
from cutaway.errors import InputError
from cutaway.study import open_study
from cutaway.views.gallery import FIGURES, draw, write


def cutaway(*words, cwd=None, check=True, **environment):
    done = subprocess.run(
        [sys.executable, "-m", "cutaway", *map(str, words)],
        cwd=cwd,
        env=os.environ | environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert not check or done.returncode == 0, done.stderr
    return done


def test_describe_prints_json_and_words():
    printed = json.loads(cutaway("describe", "digits", "--json").stdout)
    assert printed["samples"] == 1797
    assert "1,797" in cutaway("describe", "digits").stdout


def test_a_terminal_may_lack_the_letters_of_a_class(tmp_path):
    (tmp_path / "猫").mkdir()
    Image.new("L", (4, 4)).save(tmp_path / "猫" / "1.png")
    done = cutaway("describe", tmp_path, PYTHONIOENCODING="ascii")
    assert "1: ? 1" in done.stdout


@pytest.mark.parametrize("command", ["describe", "train", "study", "map"])
def test_help_shows_its_examples_line_by_line(command):
    lines = cutaway(command, "--help").stdout.splitlines()
    first = next(at for at, line in enumerate(lines) if line.strip() == "Examples:") + 1
    examples = lines[first : lines.index("", first)]
    assert len(examples) > 1
    assert all(line.startswith(("    cutaway ", "    srun ")) for line in examples)


WRONG = {
    ("describe", "digit"): "digits",
    ("describe", "no/such/folder"): "no/such/folder",
    ("study", "no.ckpt", "digits"): "no.ckpt",
    ("report", "no.study"): "no.study",
    ("figure", "no.study", "samples"): "no.study",
    ("map", "no.npy"): "no.npy",
    ("map", "digits", "-m", "som"): "som",
    ("map", "digits", "-m", "pca", "--perplexity", "5"): "perplexity",
    ("train", "digits", "--device", "abacus"): "abacus",
    ("train", "digits", "--recipe", "slow"): "patient",
}


@pytest.mark.parametrize("words", WRONG, ids=" ".join)
def test_wrong_input_exits_with_2_and_one_clear_message(words, tmp_path):
    done = cutaway(*words, cwd=tmp_path, check=False)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    message = done.stderr.strip().splitlines()[-1]
    assert message.startswith("cutaway: ")
    assert WRONG[words] in message
    assert not done.stdout
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize("words", [("nonsense",), ("map",), ("train", "digits", "--epochs", "0")])
def test_wrong_usage_exits_with_2(words, tmp_path):
    done = cutaway(*words, cwd=tmp_path, check=False)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr


def test_a_folder_is_named_after_the_set_whatever_it_is_written_as(tmp_path, monkeypatch):
    (tmp_path / "pets" / "cat").mkdir(parents=True)
    Image.new("L", (4, 4)).save(tmp_path / "pets" / "cat" / "1.png")
    monkeypatch.chdir(tmp_path / "pets")
    assert [_name_of(each) for each in (".", "../pets/", "digits")] == ["pets", "pets", "digits"]
    assert _name_of("http://example.org/pets/a-{0..3}.tar?key=7") == "pets"
    assert _name_of("someone/pets:small") == "pets-small"


def test_the_version_is_printed():
    assert cutaway("--version").stdout.startswith("cutaway 0.")


def test_a_table_is_mapped_to_parquet_and_a_picture(tmp_path):
    np.save(tmp_path / "features.npy", np.random.default_rng(0).normal(size=(60, 8)))
    done = cutaway(
        "map", "features.npy", "-m", "tsne", "-o", "map.parquet", "--figure", "map.png", "--json",
        cwd=tmp_path,
    )  # fmt: skip
    result = json.loads(done.stdout)
    assert result["rows"] == 60
    table = pd.read_parquet(tmp_path / "map.parquet")
    assert list(table.columns) == ["id", "x", "y", "trust"]
    with Image.open(tmp_path / "map.png") as picture:
        assert min(picture.size) > 300


def test_one_map_under_several_perplexities(tmp_path):
    cutaway(
        "map", "digits", "--limit", 120, "--perplexity", 5, "--perplexity", 20,
        "--figure", "perplexities.png", cwd=tmp_path,
    )  # fmt: skip
    assert (tmp_path / "perplexities.png").stat().st_size > 10_000


MAY_LACK = {"clusters", "reconstructions", "walk", "near_duplicates", "shared"}


def draw_all(study, folder):
    """Every figure that there is something for; the others say what is missing."""
    for name in FIGURES:
        try:
            drawn = draw(study, name, layer="fc_layers.4" if name == "map" else None)
        except InputError:
            assert name in MAY_LACK, name
            continue
        assert write(drawn, folder / f"{name}.png").stat().st_size > 4_000, name


def test_a_study_its_figures_and_its_report(tmp_path):
    """The main path by hand: train, study, figure, report."""
    trained = cutaway("train", "digits", "-o", "run", "--epochs", 1, "--json", cwd=tmp_path)
    checkpoint = json.loads(trained.stdout)["checkpoint"]
    built = cutaway(
        "study", checkpoint, "digits", "-o", "digits.study", "--split", "test", "--limit", 60,
        "--map", "pca=pixels,fc_layers.*", "--deep", cwd=tmp_path,
    )  # fmt: skip
    assert built.stdout.splitlines()[0] == "digits.study"
    listed = cutaway("figure", "digits.study", cwd=tmp_path).stdout
    assert [line.split()[0] for line in listed.splitlines()] == list(FIGURES)
    cutaway("figure", "digits.study", "filters", "-o", "filters.png", cwd=tmp_path)
    assert (tmp_path / "filters.png").stat().st_size > 5_000
    lacking = cutaway("figure", "digits.study", "clusters", cwd=tmp_path, check=False)
    assert lacking.returncode == 2
    assert "clusters are compared on maps" in lacking.stderr
    figure = ("figure", "digits.study", "feature_maps", "--layer", "block1.0")
    wrong = cutaway(*figure, "--point", "3", cwd=tmp_path, check=False)
    assert "point='3' is not understood; expected ROW,COLUMN" in wrong.stderr
    cutaway(*figure, "--unit", 1, "--point", "2,3", "-o", "field.png", cwd=tmp_path)
    draw_all(open_study(tmp_path / "digits.study"), tmp_path)
    cutaway("report", "digits.study", cwd=tmp_path)
    assert (tmp_path / "report.html").read_text().startswith("<!doctype html>")
    again = cutaway("study", checkpoint, "digits", "-o", "digits.study", cwd=tmp_path, check=False)
    assert again.returncode == 2
    assert "exists already" in again.stderr
