"""Which processes train together: those of a step that srun started, and no others."""

import pytest
import torch
from torch import multiprocessing

from cutaway.errors import InputError
from cutaway.training.group import Group, find_group

STEP = {
    "SLURM_JOB_ID": "12",
    "SLURM_NTASKS": "4",
    "SLURM_PROCID": "3",
    "SLURM_LOCALID": "1",
    "SLURM_NODEID": "1",
    "SLURM_STEP_ID": "0",
    "SLURM_STEP_NUM_TASKS": "4",
    "SLURM_STEP_NUM_NODES": "2",
    "SLURM_STEP_NODELIST": "gpu[07-08]",
}


@pytest.fixture
def environment(monkeypatch):
    def set_to(values):
        for name in STEP:
            monkeypatch.delenv(name, raising=False)
        for name, value in values.items():
            monkeypatch.setenv(name, value)

    return set_to


def test_a_step_of_srun_is_found(environment):
    environment(STEP)
    group = find_group()
    assert (group.rank, group.size, group.local_rank, group.node, group.nodes) == (3, 4, 1, 1, 2)
    assert group.address == "gpu07"
    environment(STEP | {"SLURM_RESTART_COUNT": "1"})
    assert find_group().port != group.port


@pytest.mark.parametrize(
    "values",
    [
        {},
        # A batch script and salloc have the job's variables, and nothing runs in parallel there.
        {name: value for name, value in STEP.items() if not name.startswith("SLURM_STEP")},
        # A shell by `srun --pty`, the only one of its step that anything is typed into.
        STEP | {"SLURM_PTY_PORT": "4000"},
    ],
)
def test_elsewhere_a_process_is_alone(environment, values):
    environment(values)
    assert find_group().alone


def test_machines_with_unequal_numbers_of_tasks(environment):
    environment(STEP | {"SLURM_STEP_NUM_TASKS": "3"})
    with pytest.raises(InputError, match="3 tasks on 2 machines; .* use --ntasks-per-node"):
        find_group()


def _talk(rank, port, results):
    group = Group(rank=rank, size=2, local_rank=rank, port=port)
    group.join(torch.device("cpu"))
    found = [
        group.agreed(lambda: f"said by {rank}"),
        group.in_turn(lambda: rank),
        group.greatest(10 * rank),
        group.sum(torch.tensor([1.0, rank])).tolist(),
    ]
    try:
        group.agreed(_fail)
    except InputError as error:
        found.append(str(error))
    group.leave()
    results[rank] = found


def _fail():
    raise InputError("wrong")


def test_two_processes_agree():
    with multiprocessing.Manager() as manager:
        results = manager.dict()
        port = 20_000 + torch.randint(10_000, ()).item()
        multiprocessing.start_processes(
            _talk, (port, results), nprocs=2, start_method="fork", join=True
        )
        assert dict(results) == {
            rank: ["said by 0", rank, 10, [2.0, 1.0], "wrong"] for rank in (0, 1)
        }
