"""The processes that train one network together, as `srun` started them."""

import os
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import TypeVar

import torch
from lightning.fabric.plugins.environments.cluster_environment import ClusterEnvironment
from lightning.fabric.plugins.environments.slurm import SLURMEnvironment
from torch import Tensor, distributed

from cutaway.errors import InputError

Result = TypeVar("Result")
_FIRST_PORT, _PORTS = 20_000, 12_000


@dataclass(frozen=True)
class Group:
    """This process among those that train together.

    Attributes:
        rank: Its number among all, from 0; rank 0 alone writes and talks.
        size: How many there are.
        local_rank: Its number among those on its machine.
        nodes: How many machines there are.
        node: The number of its machine.
        address: Name of the machine where rank 0 runs.
        port: Where rank 0 listens.

    Example:
        >>> Group().alone
        True
    """

    rank: int = 0
    size: int = 1
    local_rank: int = 0
    nodes: int = 1
    node: int = 0
    address: str = "localhost"
    port: int = _FIRST_PORT

    @property
    def alone(self) -> bool:
        """Whether there is no other process."""
        return self.size == 1

    @property
    def first(self) -> bool:
        """Whether this process is the one that writes."""
        return self.rank == 0

    def device(self, device: torch.device) -> torch.device:
        """The device of this process, where "cuda" stands for as many as there are."""
        if self.alone or device != torch.device("cuda"):
            return device
        return torch.device("cuda", self.local_rank % torch.cuda.device_count())

    def join(self, device: torch.device) -> None:
        """Meets the others; without effect where there are none, or where they have met."""
        if self.alone or distributed.is_initialized():
            return
        backend = "cpu:gloo,cuda:nccl" if device.type == "cuda" else "gloo"
        meeting = f"tcp://{self.address}:{self.port}"
        distributed.init_process_group(backend, meeting, rank=self.rank, world_size=self.size)

    def agreed(self, function: Callable[[], Result]) -> Result:
        """What `function` gives on rank 0, where alone it is called, for all.

        An error that it raises on purpose is raised everywhere.
        """
        if self.alone:
            return function()
        outcome: list[tuple[str, object]] = [("", None)]
        if self.first:
            try:
                outcome = [("", function())]
            except InputError as error:
                outcome = [(str(error), None)]
        distributed.broadcast_object_list(outcome)
        message, result = outcome[0]
        if message:
            raise InputError(message)
        return result  # type: ignore[return-value]

    def in_turn(self, function: Callable[[], Result]) -> Result:
        """What `function` gives here; rank 0 calls it first, so that others find what it stored."""
        first: list[Result] = []
        self.agreed(lambda: first.append(function()))
        return first[0] if first else function()

    def greatest(self, number: int) -> int:
        """The greatest of the numbers that the processes give; all get the same."""
        if self.alone:
            return number
        shared = torch.tensor(number)
        distributed.all_reduce(shared, distributed.ReduceOp.MAX)
        return int(shared)

    def sum(self, values: Tensor) -> Tensor:
        """The sum of everyone's `values`, on any device."""
        if not self.alone:
            distributed.all_reduce(values)
        return values

    def leave(self) -> None:
        """Forgets the others."""
        if not self.alone and distributed.is_initialized():
            with suppress(RuntimeError):
                distributed.destroy_process_group()


def find_group() -> Group:
    """This process's place in a step that `srun` started; alone everywhere else.

    A batch script, or a shell that `srun --pty` or `salloc` gave, has the variables of its job too,
    although nothing was started in parallel there: only those of a step count. (Lightning goes by
    the job's and waits for processes that do not exist, or stops; its issues 19762 and 20391.)

    Raises:
        InputError: The step has more tasks on one machine than on another.

    Example:
        >>> find_group().size
        1
    """
    size = int(os.environ.get("SLURM_STEP_NUM_TASKS", "1"))
    if size == 1 or "SLURM_PROCID" not in os.environ or "SLURM_PTY_PORT" in os.environ:
        return Group()
    nodes = int(os.environ.get("SLURM_STEP_NUM_NODES", "1"))
    if size % nodes:
        raise InputError(
            f"srun started {size} tasks on {nodes} machines; expected equally many on each: use "
            "--ntasks-per-node"
        )
    number = [os.environ.get(name, "0") for name in ("SLURM_JOB_ID", "SLURM_STEP_ID")]
    # A requeued job has the same number, and its old port may still be taken.
    number.append(os.environ.get("SLURM_RESTART_COUNT", "0"))
    port = (
        _FIRST_PORT
        + sum(int(n) * factor for n, factor in zip(number, (97, 7, 1), strict=True)) % _PORTS
    )
    hosts = os.environ.get("SLURM_STEP_NODELIST", "localhost")
    return Group(
        rank=int(os.environ["SLURM_PROCID"]),
        size=size,
        local_rank=int(os.environ.get("SLURM_LOCALID", "0")),
        nodes=nodes,
        node=int(os.environ.get("SLURM_NODEID", "0")),
        address=SLURMEnvironment.resolve_root_node_address(hosts),
        port=port,
    )


class GroupEnvironment(ClusterEnvironment):
    """What Lightning asks about a group.

    Args:
        group: With others in it.
    """

    def __init__(self, group: Group) -> None:
        super().__init__()
        self._group = group

    @property
    def creates_processes_externally(self) -> bool:
        """They run already."""
        return True

    @property
    def main_address(self) -> str:
        """Where rank 0 runs."""
        return self._group.address

    @property
    def main_port(self) -> int:
        """Where it listens."""
        return self._group.port

    @staticmethod
    def detect() -> bool:
        """It is given, never found by Lightning."""
        return False

    def world_size(self) -> int:
        """How many processes there are."""
        return self._group.size

    def set_world_size(self, size: int) -> None:
        """Lightning says what it was told."""

    def global_rank(self) -> int:
        """This process among all."""
        return self._group.rank

    def set_global_rank(self, rank: int) -> None:
        """Lightning says what it was told."""

    def local_rank(self) -> int:
        """This process among those of its machine."""
        return self._group.local_rank

    def node_rank(self) -> int:
        """The machine of this process."""
        return self._group.node
