"""Atomic writes: the old file or the new one, never a half."""

import os

import pytest

from cutaway.errors import InputError
from cutaway.files import atomic_file, file_name


def test_a_failed_write_leaves_the_old_file(tmp_path):
    target = tmp_path / "table.txt"
    target.write_text("old")
    with pytest.raises(RuntimeError), atomic_file(target) as temporary:
        temporary.write_text("half")
        raise RuntimeError
    assert target.read_text() == "old"
    assert os.listdir(tmp_path) == ["table.txt"]


def test_a_good_write_replaces_the_file(tmp_path):
    target = tmp_path / "table.txt"
    target.write_text("old")
    with atomic_file(target) as temporary:
        temporary.write_text("new")
    assert target.read_text() == "new"
    assert os.listdir(tmp_path) == ["table.txt"]


def test_where_folders_cannot_be_opened_files_are_written_all_the_same(tmp_path, monkeypatch):
    monkeypatch.setattr("cutaway.files._ON_WINDOWS", True)
    with atomic_file(tmp_path / "a.txt") as temporary:
        temporary.write_text("new")
    assert (tmp_path / "a.txt").read_text() == "new"


def test_a_missing_folder_is_named(tmp_path):
    with (
        pytest.raises(InputError, match="does not exist; create it first"),
        atomic_file(tmp_path / "no" / "table.txt"),
    ):
        pass


@pytest.mark.parametrize("name", ["..", ".", "a/b", "../x", "<img src=x>", "naïve", "a\\b", "a:b"])
def test_any_name_becomes_one_harmless_file_name(name, tmp_path):
    encoded = file_name(name)
    (tmp_path / encoded).touch()
    assert os.listdir(tmp_path) == [encoded]


def test_different_names_stay_different():
    names = ["a/b", "a%2Fb", "a b", "a+b", "a#1", "a"]
    assert len({file_name(name) for name in names}) == len(names)
