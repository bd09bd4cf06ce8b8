"""What can be known of a job without a cluster."""

import sys

import pytest

from cutaway.commands.submit import parse_settings, submit
from cutaway.commands.train import submit_training
from cutaway.errors import InputError


def test_without_slurm_it_says_where_to_go(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    expected = "--slurm needs a cluster, and sbatch is not on the PATH; .* or leave out --slurm"
    with pytest.raises(InputError, match=expected):
        submit(["train", "digits"], {"time": "10"}, tmp_path / "run")
    assert list(tmp_path.iterdir()) == []


def test_settings_may_be_any_of_sbatch():
    settings = parse_settings(["partition=main", "time=01:00:00", "cpus_per_task=4"])
    assert settings == {"partition": "main", "time": "01:00:00", "cpus-per-task": "4"}


@pytest.mark.parametrize("setting", ["main", "=main", "partition="])
def test_a_setting_without_key_or_value(setting):
    with pytest.raises(InputError, match="is not understood; expected KEY=VALUE"):
        parse_settings([setting])


def test_settings_are_asked_for_before_the_cluster(tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "argv", ["cutaway", "train", "digits", "--slurm"])
    with pytest.raises(InputError, match="--slurm needs a time limit"):
        submit_training([], tmp_path / "run")
