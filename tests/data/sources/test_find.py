"""What a name means, and the question that follows a wrong one."""

from pathlib import Path

import pytest
from PIL import Image

from cutaway.data import load_data
from cutaway.data.sources.digits import Digits
from cutaway.data.sources.find import find_source
from cutaway.data.sources.folder import ImageFolder
from cutaway.data.sources.given import Given
from cutaway.data.sources.hub import HubSet
from cutaway.data.sources.parquet import ParquetFiles
from cutaway.errors import InputError


def test_known_names_come_before_paths(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("digits").mkdir()
    Image.new("L", (2, 2)).save("digits/a.png")
    assert isinstance(find_source("digits"), Digits)
    assert isinstance(find_source("./digits"), ImageFolder)


def test_paths_come_before_hub_ids(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert isinstance(find_source("owner/pets"), HubSet)
    Path("owner/pets").mkdir(parents=True)
    Image.new("L", (2, 2)).save("owner/pets/a.png")
    assert isinstance(find_source("owner/pets"), ImageFolder)


def test_published_sets_are_looked_for_in_the_data_folder(tmp_path, monkeypatch):
    monkeypatch.delenv("CUTAWAY_DATA", raising=False)
    assert isinstance(find_source("mnist"), HubSet)
    monkeypatch.setenv("CUTAWAY_DATA", str(tmp_path))
    assert isinstance(find_source("mnist"), HubSet)
    (tmp_path / "mnist").mkdir()
    (tmp_path / "mnist" / "train.parquet").touch()
    assert isinstance(find_source("mnist"), ParquetFiles)
    monkeypatch.setenv("CUTAWAY_DATA", str(tmp_path / "gone"))
    with pytest.raises(InputError, match=r"CUTAWAY_DATA=.*gone' is no folder"):
        find_source("mnist")


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("mnistt", "no file, folder or data set 'mnistt'; did you mean 'mnist'"),
        ("Digits", "did you mean 'digits'"),
        ("photso", "did you mean 'photos'"),
        ("photos/a.pgn/", "there is no file, folder"),
        ("/no/such/folder", "there is no file, folder or data set '/no/such/folder'; expected one"),
        ("no/such.parquet", "there is no file, folder or data set"),
        ("", "there is no file, folder or data set ''"),
        ("*.parquet", r"pattern '\*.parquet' matches 0 files"),
        ("notes.txt", "'notes.txt' is not a .parquet file"),
        (3.5, "data is a float; expected one of 'digits'"),
    ],
)
def test_wrong_names(tmp_path, monkeypatch, name, words):
    monkeypatch.chdir(tmp_path)
    Path("photos").mkdir()
    Path("notes.txt").touch()
    with pytest.raises(InputError, match=words):
        find_source(name)


def test_images_are_a_source_of_their_own():
    test = load_data("digits", split="test")
    assert isinstance(find_source(test), Given)
    assert load_data(test) is test
    assert load_data(test, split="test") is test
    assert len(load_data(test, limit=5)) == 5
    with pytest.raises(InputError, match="'digits' is one whole and has no splits"):
        load_data(test, split="train")
