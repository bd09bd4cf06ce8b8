"""Processes, on this machine or on a cluster, that take shards of a pass, by Dask."""

import pickle
import tempfile
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from cutaway import __version__
from cutaway.activations.batches import Batches
from cutaway.activations.checkpoint import SCRATCH
from cutaway.activations.pass_state import PassPlan, PassState
from cutaway.activations.shard import collect_shard
from cutaway.activations.spans import Spans
from cutaway.activations.threads import torch_threads
from cutaway.errors import InputError

_SHARDS_A_WORKER = 4
_BATCHES_A_SHARD = 16
_PATIENCE = 30
# Hooks are set on the one network that a process holds, so its threads take turns.
_TURN = threading.Lock()


class Workers:
    """What takes shards of a pass.

    Args:
        client: A client of Dask.
    """

    def __init__(self, client: Any) -> None:
        self._client = client

    def shards(
        self,
        model: nn.Module,
        batches: Batches,
        plan: PassPlan,
        device: torch.device,
        done: Spans,
    ) -> Iterator[PassState]:
        """Yields the state of one shard after the other, as they are finished.

        A worker uses as many threads as this process would, so that it computes the same.

        Args:
            model: The network; each process gets it once.
            batches: All batches; a worker gets those of its shard.
            plan: What the pass is to do.
            device: Where a worker runs it.
            done: What is not to be done again.

        Raises:
            InputError: There is no worker, one lacks the folder or this version, or the network
                cannot be sent.
        """
        from distributed import as_completed

        self._require_alike(plan.folder)
        count = len(self._client.ncores())
        waiting = _cut(done, plan.samples, batches.batch_size, count)
        held = self._sent(model)

        def submit(start: int, stop: int) -> Any:
            part = self._scattered(batches.part(start, stop))
            task = (held, part, start, plan, str(device), torch.get_num_threads())
            return self._client.submit(run_shard, *task, pure=False)

        # A few ahead of the workers, so that memory holds no more than these.
        running = as_completed()
        for start, stop in islice(waiting, 2 * count):
            running.add(submit(start, stop))
        for future in running:
            state = future.result()
            future.release()
            for start, stop in islice(waiting, 1):
                running.add(submit(start, stop))
            yield state

    def _sent(self, model: nn.Module) -> Any:
        import cloudpickle

        with _sendable(f"model {type(model).__name__}"):
            # Bytes of our own making: the way in which Dask itself sends a module turns the ordered
            # dictionaries of its hooks into plain ones, and hooks fail on the worker then.
            return self._client.scatter(cloudpickle.dumps(model), broadcast=True, hash=False)

    def _scattered(self, part: Iterable[Tensor]) -> Any:
        with _sendable("data"):
            return self._client.scatter(part, hash=False)

    def _require_alike(self, folder: Path) -> None:
        try:
            self._client.wait_for_workers(1, timeout=_PATIENCE)
        except TimeoutError as error:
            raise InputError(
                f"no worker has joined the scheduler within {_PATIENCE} s; start some by "
                "`dask worker ADDRESS`"
            ) from error
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=folder, prefix=SCRATCH) as mark:
            reports = self._client.run(_report, mark.name, on_error="return")
        for worker, report in reports.items():
            version, sees = report if isinstance(report, tuple) else (f"none ({report})", False)
            if version != __version__:
                raise InputError(
                    f"worker {worker} has cutaway {version}; expected {__version__}, as here"
                )
            if not sees:
                raise InputError(
                    f"worker {worker} does not see the folder {str(folder)!r}; "
                    "choose one on a file system that all machines share"
                )


@contextmanager
def _sendable(what: str) -> Iterator[None]:
    try:
        yield
    except (TypeError, AttributeError, RuntimeError) as error:
        raise InputError(
            f"{what} cannot be sent to workers ({error}); leave out workers and cluster"
        ) from error


def run_shard(
    model: bytes,
    batches: Iterable[Tensor],
    first_id: int,
    plan: PassPlan,
    device: str,
    threads: int,
) -> PassState:
    """What a worker does: `collect_shard` with a number of threads."""
    # No file of others: the bytes come from the process that asked this worker, over a connection
    # by which Dask runs whatever code it is sent.
    network = pickle.loads(model)  # noqa: S301
    with _TURN, torch_threads(threads):
        return collect_shard(network, batches, first_id, plan, torch.device(device))


def _report(mark: str) -> tuple[str, bool]:
    return __version__, Path(mark).is_file()


def _cut(done: Spans, samples: int, batch_size: int, workers: int) -> Iterator[tuple[int, int]]:
    """Cuts what is left into some shards a worker, between batches."""
    left = samples - done.total
    batches = -(-left // (batch_size * workers * _SHARDS_A_WORKER))
    size = batch_size * min(max(batches, 1), _BATCHES_A_SHARD)
    for start, stop in list(done.gaps(samples)):
        for first in range(start, stop, size):
            yield first, min(first + size, stop)
