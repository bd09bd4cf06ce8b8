"""Shards that workers take come out as one process alone has them."""

import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import pytest
import torch
from distributed import LocalCluster
from torch import Tensor, nn

from cutaway.activations import collect, engage
from cutaway.errors import InputError

SAMPLES = 50
QUIET = {
    "processes": False,
    "dashboard_address": None,
    "scheduler_kwargs": {"dashboard_address": "127.0.0.1:0"},
}


@dataclass
class Rows:
    images: Tensor
    batch_size: int = 4

    def __iter__(self):
        return iter(self.images.split(self.batch_size))

    def part(self, start, stop):
        return Rows(self.images[start:stop], self.batch_size)


@pytest.fixture(scope="module")
def address():
    """A scheduler with two workers, which are threads: processes are had in the Study's test."""
    with LocalCluster(n_workers=2, **QUIET) as cluster:
        yield cluster.scheduler_address


KILLED = """
import sys, time
import torch
from tests.activations.conftest import convolutional
from tests.activations.test_workers import pass_over

if __name__ == "__main__":
    torch.manual_seed(0)
    model = convolutional()
    model.register_forward_hook(lambda *_: time.sleep(0.3))
    pass_over(model, sys.argv[1], processes=2, keep=[49, 3], key="a", checkpoint_seconds=0.0)
"""


def pass_over(model, folder, address=None, processes=None, **options):
    images = torch.randn(SAMPLES, 3, 16, 16, generator=torch.Generator().manual_seed(1))
    with engage(processes, address) as workers:
        return collect(
            model, Rows(images), samples=SAMPLES, folder=folder, device="cpu", workers=workers,
            **options,
        )  # fmt: skip


def test_workers_of_a_scheduler_leave_what_one_process_leaves(zoo, address, tmp_path):
    model = zoo.convolutional()
    alone = pass_over(model, tmp_path / "alone", keep=[49, 3])
    shared = pass_over(model, tmp_path / "shared", address, keep=[49, 3], key="a")
    assert list(alone.layers) == list(shared.layers)
    for name, layer in alone.layers.items():
        for field, value in vars(layer).items():
            twin = getattr(shared.layers[name], field)
            assert value.tobytes() == twin.tobytes() if hasattr(value, "tobytes") else value == twin
        assert alone.maps[name].tobytes() == shared.maps[name].tobytes()
    files = {file.relative_to(tmp_path / "alone") for file in (tmp_path / "alone").rglob("*.*")}
    assert files == {f.relative_to(tmp_path / "shared") for f in (tmp_path / "shared").rglob("*.*")}
    for file in files:
        assert (tmp_path / "alone" / file).read_bytes() == (
            tmp_path / "shared" / file
        ).read_bytes(), file


def test_a_pass_that_is_killed_while_processes_work_goes_on(zoo, address, tmp_path, monkeypatch):
    script, folder, alone = (tmp_path / name for name in ("killed.py", "killed", "alone"))
    script.write_text(KILLED, "utf-8")
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])}
    with subprocess.Popen([sys.executable, script, folder], env=environment) as process:
        while not (folder / "pass.safetensors").exists() and process.poll() is None:
            time.sleep(0.02)
        process.kill()
    asked, part = [], Rows.part
    monkeypatch.setattr(Rows, "part", lambda self, *span: asked.append(span) or part(self, *span))
    torch.manual_seed(0)
    model = zoo.convolutional()
    resumed = pass_over(model, folder, address, keep=[49, 3], key="a")
    assert 0 < sum(stop - start for start, stop in asked) < SAMPLES
    whole = pass_over(model, alone, keep=[49, 3])
    for name, layer in whole.layers.items():
        assert layer.mean.tobytes() == resumed.layers[name].mean.tobytes()
        assert whole.maps[name].tobytes() == resumed.maps[name].tobytes()
    files = sorted(path.relative_to(folder) for path in folder.rglob("*.*"))
    assert files == sorted(path.relative_to(alone) for path in alone.rglob("*.*"))
    for file in files:
        assert (folder / file).read_bytes() == (alone / file).read_bytes(), file


def test_an_error_inside_forward_is_the_networks_own(zoo, address, tmp_path):
    class Failing(nn.Module):
        def forward(self, x):
            if x.shape[0] < 4:
                raise RuntimeError("told to")
            return x.flatten(1)

    with pytest.raises(RuntimeError, match="told to"):
        pass_over(Failing(), tmp_path, address)
    assert not list(tmp_path.rglob("*.npy"))


def test_batches_that_cannot_be_shared_out_are_a_clear_error(address, tmp_path):
    with engage(cluster=address) as workers, pytest.raises(InputError, match="expected Batches"):
        collect(
            nn.ReLU(), [torch.ones(2, 2)], samples=2, folder=tmp_path, workers=workers, device="cpu"
        )


def test_a_network_that_cannot_be_sent_is_a_clear_error(address, tmp_path):
    model = nn.ReLU()
    model.register_forward_hook(lambda *_: None)
    model.stream = (number for number in range(3))
    with pytest.raises(InputError, match="ReLU cannot be sent to workers .*leave out workers"):
        pass_over(model, tmp_path, address)


def test_a_scheduler_without_workers_is_a_clear_error(tmp_path, monkeypatch):
    monkeypatch.setattr("cutaway.activations.workers._PATIENCE", 0.2)
    with (
        LocalCluster(n_workers=0, **QUIET) as empty,
        pytest.raises(InputError, match="no worker has joined the scheduler within 0.2 s"),
    ):
        pass_over(nn.ReLU(), tmp_path, empty.scheduler_address)
