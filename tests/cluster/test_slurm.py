"""Training under a real Slurm: submitted, in a batch script, preempted, out of time."""

import json
import os
import subprocess
import sys
import time

import pandas as pd
import pytest
import torch

from cutaway.networks import read_checkpoint
from cutaway.training.slurm_job import Job

pytestmark = pytest.mark.slurm
PATIENCE_SECONDS = 240
TRAIN = ["train", "digits", "--epochs", "4", "--device", "cpu"]
SCRIPT = """#!/bin/bash
srun {python} -m cutaway {arguments} -o whole
"""


@pytest.fixture(scope="module")
def place(slurm, tmp_path_factory):
    """A folder that jobs run in, each task with one thread."""
    folder = tmp_path_factory.mktemp("jobs")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.setenv("OMP_NUM_THREADS", "1")
        yield folder


@pytest.fixture(scope="module")
def whole(place):
    """A run of two tasks in a batch script of the user's own, with nothing in its way."""
    script = place / "job.sh"
    script.write_text(SCRIPT.format(python=sys.executable, arguments=" ".join(TRAIN)))
    command = ["sbatch", "--wait", "--ntasks=2", "--time=10", "--output=job.log", str(script)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    log = (place / "job.log").read_text()
    assert done.returncode == 0, log
    return place / "whole", log


@pytest.fixture(scope="module")
def interrupted(place, whole):
    """A submitted run that is preempted first, and later told that its time is nearly up."""
    settings = ["partition=main", "time=10", "tasks=2"]
    command = [sys.executable, "-m", "cutaway", *TRAIN, "-o", "again", "--slurm", *settings]
    with subprocess.Popen(
        [*command, "--follow"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as following:
        name = following.stdout.readline().split()[1].strip(",")
        log = place / "again" / "slurm" / f"{name}_0_log.out"
        _wait_for(lambda: "Epoch 1 of 4" in _text(log), log)
        _slurm("scontrol", "requeue", name)
        _wait_for(lambda: "Epoch " in _text(log).partition("Going on")[2], log)
        _slurm("scancel", "--signal=USR2", name)
        followed = following.stdout.read()
    assert following.returncode == 0, followed
    return place / "again", followed


def test_a_batch_script_with_two_tasks_trains_one_network(whole):
    folder, log = whole
    assert log.count("Training CNN for 4 epochs ...") == 1
    assert log.count("of test images right") == 1
    assert sorted(os.listdir(folder)) == [
        "best.ckpt",
        "curves.svg",
        "history.parquet",
        "last.ckpt",
        "run.json",
    ]
    assert json.loads((folder / "run.json").read_text())["finished"]["test_accuracy"] > 0.9
    # 1,293 images in batches of 64: one image more for each of two processes is left out.
    assert read_checkpoint(folder / "last.ckpt").global_step == 4 * 21


def test_the_log_is_followed_through_preemption_and_time_limit(interrupted):
    _, followed = interrupted
    assert followed.count("stopped by SIGTERM: step ") == 1
    assert followed.count("The job's time is nearly up: step ") == 1
    assert "It is queued again to go on from there." in followed
    assert followed.count("Going on with the run in ") == 2
    assert followed.count("of test images right") == 1


def test_a_job_that_can_never_begin_says_why_it_waits(place):
    settings = ["partition=main", "time=1", "nodes=9"]
    command = [sys.executable, "-m", "cutaway", *TRAIN, "-o", "never", "--slurm", *settings]
    with subprocess.Popen(
        [*command, "--follow"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as following:
        name = following.stdout.readline().split()[1].strip(",")
        said = next(line for line in following.stdout if "(PartitionConfig)" in line)
        _slurm("scancel", name)
        rest = following.stdout.read()
    assert said == f"Job {name} is pending (PartitionConfig) ...\n"
    assert f"job {name} ended as CANCELLED" in rest


def test_it_ends_as_a_run_that_nothing_interrupted(interrupted, whole):
    ours, theirs = (read_checkpoint(run[0] / "best.ckpt") for run in (interrupted, whole))
    assert ours.epoch == theirs.epoch
    for key, value in ours.state_dict.items():
        assert torch.equal(value, theirs.state_dict[key]), key
    histories = (pd.read_parquet(run[0] / "history.parquet") for run in (interrupted, whole))
    pd.testing.assert_frame_equal(*histories)


def test_the_time_that_is_left_is_known_to_the_job(place):
    done = _slurm("sbatch", "--parsable", "--time=10", "--wrap=sleep 60")
    name = done.stdout.strip()
    try:
        _wait_for(lambda: "R" in _slurm("squeue", "-h", "-j", name, "-o", "%t").stdout, None)
        assert 500 < Job(name)._seconds_left() <= 600
        job = Job(name)
        assert not job.nearly_over
        # What Slurm says now counts, not what was known when the job began.
        job._end = time.monotonic()
        assert not job.nearly_over
        _slurm("scontrol", "update", f"JobId={name}", "TimeLimit=1")
        job._end = time.monotonic()
        assert job.nearly_over
    finally:
        _slurm("scancel", name)


def test_a_job_that_may_not_be_queued_again_says_why(slurm):
    assert "Invalid job id" in Job("999999").requeue()


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        (["partition=abacus", "time=10"], "partition='abacus' is not one of this cluster; .* main"),
        (["partition=main"], "--slurm needs a time limit; expected one, such as time=01:00:00"),
        (["time=soon"], "time='soon' is no time limit; expected minutes, HOURS:MINUTES:SECONDS"),
        (["main"], "setting 'main' is not understood; expected KEY=VALUE, such as partition=main"),
        (["time=10", "colour=red"], "Slurm did not take the job: .*colour"),
    ],
)
def test_what_slurm_cannot_do_is_one_clear_message(place, settings, message, monkeypatch):
    from cutaway.commands.train import submit_training
    from cutaway.errors import InputError

    monkeypatch.setattr(sys, "argv", ["cutaway", *TRAIN, "--slurm", *settings])
    with pytest.raises(InputError, match=message):
        submit_training(settings, place / "wrong")


def _slurm(*command):
    return subprocess.run(command, capture_output=True, text=True, check=True)


def _text(file):
    return file.read_text() if file.is_file() else ""


def _wait_for(condition, log):
    until = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < until, None if log is None else _text(log)
        time.sleep(0.05)
