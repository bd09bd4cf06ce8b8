"""The pass of a Study on a Dask cluster, by the command line as a user types it."""

import json
import os
import subprocess
import sys
import time
from contextlib import contextmanager

import pytest

NETWORK = """
import torch
from torch import nn

def network():
    torch.manual_seed(3)
    return nn.Sequential(nn.Conv2d(1, 4, 3), nn.ReLU(), nn.Flatten(), nn.Linear(144, 10))
"""


@contextmanager
def running(*words, folder):
    """A process of Dask's own command line."""
    with (
        (folder / "dask.log").open("a") as log,
        subprocess.Popen(
            [sys.executable, "-m", "distributed.cli." + words[0], *words[1:]],
            cwd=folder, env=environment(folder), stdout=log, stderr=log,
        ) as process,
    ):  # fmt: skip
        yield process
        process.terminate()


def environment(folder):
    return {**os.environ, "PYTHONPATH": str(folder), "OMP_NUM_THREADS": "1"}


@pytest.fixture
def scheduler(tmp_path):
    """Address of a scheduler of two workers, each a process of its own."""
    (tmp_path / "net.py").write_text(NETWORK, "utf-8")
    written = ("--scheduler-file", "scheduler.json")
    local = ("--host", "127.0.0.1")
    quiet = ("--dashboard-address", "127.0.0.1:0")
    with running(
        "dask_scheduler", *written, *local, "--port", "0", *quiet, folder=tmp_path
    ) as process:
        workers = ("--nworkers", "2", "--nthreads", "1", *quiet)
        with running("dask_worker", *written, *local, *workers, folder=tmp_path):
            file = tmp_path / "scheduler.json"
            while not (file.exists() and file.read_text()):
                assert process.poll() is None, (tmp_path / "dask.log").read_text()
                time.sleep(0.1)
            yield json.loads(file.read_text())["address"]


def study(folder, name, *options):
    words = ("study", "net:network", "digits", "-o", name, "--limit", "200", "--map", "pca=pixels")
    subprocess.run(
        [sys.executable, "-m", "cutaway", *words, *options],
        cwd=folder, env=environment(folder), check=True,
    )  # fmt: skip
    return folder / name


def test_workers_reached_over_the_network_leave_the_study_that_one_process_leaves(
    scheduler, tmp_path
):
    assert scheduler.startswith("tcp://127.0.0.1:")
    shared = study(tmp_path, "shared", "--cluster", scheduler)
    alone = study(tmp_path, "alone")
    files = sorted(path.relative_to(alone) for path in alone.rglob("*") if path.is_file())
    assert files == sorted(p.relative_to(shared) for p in shared.rglob("*") if p.is_file())
    for file in files:
        assert (shared / file).read_bytes() == (alone / file).read_bytes(), file
