"""A run that is stopped or killed, at any step and within a save, ends as one that was not."""

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import pandas as pd
import pytest
import torch
from lightning.pytorch import Callback

from cutaway.errors import InputError
from cutaway.networks import read_checkpoint
from tests.faults import killed_runs

RECIPE = {"epochs": 3, "averaging": 0.9, "dropout": 0.2}
CASES = {
    "killed": {"signals": ["SIGKILL"] * 3, "moment": "step"},
    "killed in a save": {"signals": ["SIGKILL"] * 2, "moment": "save"},
    "stopped": {"signals": ["SIGTERM"] * 3, "moment": "step"},
}


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """The folder of a run that nothing stopped."""
    folder = tmp_path_factory.mktemp("runs") / "whole"
    threads = torch.get_num_threads()
    killed_runs.go_on({"folder": str(folder), "recipe": RECIPE})
    torch.set_num_threads(threads)
    return folder


@pytest.fixture(scope="module")
def interrupted(whole):
    """How the processes of every case ended, what they said, and the folder."""
    folders = {name: whole.parent / name for name in CASES}
    cases = [
        case | {"folder": str(folders[name]), "recipe": RECIPE} for name, case in CASES.items()
    ]
    done = subprocess.run(
        [sys.executable, killed_runs.__file__, json.dumps(cases)],
        capture_output=True,
        text=True,
        check=True,
    )
    ends = json.loads(done.stdout)
    return {name: (end, done.stderr, folders[name]) for name, end in zip(CASES, ends, strict=True)}


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("killed", [-9, -9, -9, 0]),
        ("killed in a save", [-9, -9, 0]),
        ("stopped", [143, 143, 143, 0]),
    ],
)
def test_it_ends_bit_for_bit_as_an_unbroken_one(interrupted, whole, name, expected):
    ends, _, folder = interrupted[name]
    assert ends == expected
    _require_equal(folder, whole)


def test_a_stopped_run_says_what_is_saved(interrupted):
    _, said, folder = interrupted["stopped"]
    saved = [line for line in said.splitlines() if line.startswith("stopped by SIGTERM: step ")]
    assert len(saved) == 3
    assert all(
        f" of 42 is saved in '{folder}', and the same command goes on from there" in line
        for line in saved
    )


def _require_equal(folder, whole):
    # The second half of a save that was killed is gone too.
    names = ["best.ckpt", "history.parquet", "last.ckpt", "run.json"]
    assert sorted(file.name for file in folder.iterdir()) == names
    for name in ("best.ckpt", "last.ckpt"):
        ours, theirs = (read_checkpoint(place / name) for place in (folder, whole))
        assert (ours.epoch, ours.global_step) == (theirs.epoch, theirs.global_step)
        assert list(ours.state_dict) == list(theirs.state_dict)
        for key, value in ours.state_dict.items():
            assert torch.equal(value, theirs.state_dict[key]), key
    pd.testing.assert_frame_equal(
        *(pd.read_parquet(place / "history.parquet") for place in (folder, whole))
    )
    ours, theirs = (json.loads((place / "run.json").read_text()) for place in (folder, whole))
    assert ours == theirs


@pytest.fixture
def disk(tmp_path):
    """A file system that holds a few checkpoints."""
    place = tmp_path / "disk"
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=64m", "tmpfs", str(place)]
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("mounting a small file system needs to be root")
    yield place
    subprocess.run(["umount", "--lazy", str(place)], check=True)


class FillDisk(Callback):
    """Takes all space that is left when the second epoch ends."""

    def __init__(self, ballast: Path) -> None:
        self.ballast = ballast

    def on_train_epoch_end(self, trainer, _):
        if trainer.current_epoch == 1:
            with self.ballast.open("wb", buffering=0) as file:
                try:
                    while file.write(bytes(1 << 16)):
                        pass
                except OSError:
                    return


def test_a_full_disk_spares_the_last_good_checkpoint(disk, whole):
    case = {"folder": str(disk / "run"), "recipe": RECIPE}
    threads = torch.get_num_threads()
    with pytest.raises(InputError, match="is full|make room"):
        killed_runs.go_on(case, [FillDisk(disk / "ballast")])
    assert read_checkpoint(disk / "run" / "last.ckpt").epoch == 0
    (disk / "ballast").unlink()
    killed_runs.go_on(case)
    torch.set_num_threads(threads)
    _require_equal(disk / "run", whole)


def test_the_command_ends_with_a_code_that_says_so(tmp_path):
    command = [sys.executable, "-m", "cutaway", "train", "digits", "--epochs", "30", "-o", "run"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, cwd=tmp_path) as running:
        said = []
        for line in running.stderr:
            said.append(line)
            if line.startswith("Epoch 1 of 30"):
                time.sleep(0.1)
                running.send_signal(signal.SIGTERM)
    assert running.returncode == 128 + signal.SIGTERM
    assert said[-1].startswith("cutaway: stopped by SIGTERM: step ")
    assert json.loads((tmp_path / "run" / "run.json").read_text())["finished"] is None
