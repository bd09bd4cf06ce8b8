"""Workers by number and by address, and what is said where there are none."""

import os
import sys

import pytest

from cutaway.activations import cluster
from cutaway.activations.cluster import engage, require_workers
from cutaway.errors import InputError


def test_nothing_asked_for_starts_nothing():
    with engage() as workers:
        assert workers is None


def test_processes_that_were_started_leave_the_environment_as_it_was(monkeypatch):
    monkeypatch.setenv("OMP_NUM_THREADS", "3")
    monkeypatch.delenv("MKL_NUM_THREADS", raising=False)
    before = dict(os.environ)
    with engage(workers=1) as workers:
        assert workers is not None
    # By its own number Dask knows that it has started processes.
    assert {k: v for k, v in os.environ.items() if k != "__DASK_PARENT_PID"} == before


@pytest.mark.parametrize(
    ("workers", "address", "message"),
    [
        (0, None, "workers=0; expected 1 or more, or none to stay in this process"),
        (-2, None, "workers=-2; expected 1 or more"),
        (2, "tcp://10.0.0.1:8786", "are given; expected one of them"),
    ],
)
def test_what_cannot_be_meant_is_a_clear_error(workers, address, message):
    with pytest.raises(InputError, match=message):
        require_workers(workers, address)


def test_a_missing_library_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    monkeypatch.setattr(cluster, "find_spec", lambda name: sys.modules.get(name, name))
    with pytest.raises(InputError, match=r"need the library distributed, .*cutaway\[cluster\]"):
        require_workers(1, None)


@pytest.mark.parametrize("address", ["tcp://127.0.0.1:9", "nowhere", "tcp://no.such.host:1"])
def test_a_scheduler_that_does_not_answer_is_a_clear_error(address, monkeypatch):
    monkeypatch.setattr(cluster, "PATIENCE", 0.2)
    with (
        pytest.raises(InputError, match="no Dask scheduler answers there .*`dask scheduler`"),
        engage(cluster=address),
    ):
        pass
