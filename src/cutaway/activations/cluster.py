"""Workers for the length of a block: processes started here, or those of a Dask scheduler."""

import gc
import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from typing import Any

from cutaway.activations.workers import Workers
from cutaway.errors import InputError

PATIENCE = 15.0
"""Seconds that a scheduler has to answer."""


def require_workers(workers: int | None, cluster: str | None) -> None:
    """Checks what was asked for, before anything is started.

    Raises:
        InputError: Both are given, `workers` is below 1, or a library is not installed.
    """
    if workers is None and cluster is None:
        return
    if workers is not None and cluster is not None:
        raise InputError(
            f"workers={workers} and cluster={cluster!r} are given; expected one of them: how many "
            "processes to start here, or the address of a scheduler that has some"
        )
    if workers is not None and workers < 1:
        raise InputError(f"workers={workers}; expected 1 or more, or none to stay in this process")
    missing = [name for name in ("distributed", "cryptography") if find_spec(name) is None]
    if missing:
        raise InputError(
            f"workers and cluster need the library {missing[0]}, which is not installed; "
            "pip install 'cutaway[cluster]'"
        )


@contextmanager
def engage(workers: int | None = None, cluster: str | None = None) -> Iterator[Workers | None]:
    """Yields workers for the length of the block, or None where none are asked for.

    Args:
        workers: How many processes to start on this machine; a script that starts some needs
            `if __name__ == "__main__":`, as with multiprocessing.
        cluster: Address of a Dask scheduler, such as "tcp://10.0.0.1:8786", whose workers are
            taken. They must have this version of cutaway, and see the folder that is written.
            Whoever reaches a scheduler can run code on its workers: Dask has no other lock than
            its TLS.

    Raises:
        InputError: Both are given, `workers` is below 1, a library is not installed, or no
            scheduler answers.
    """
    require_workers(workers, cluster)
    if workers is None and cluster is None:
        yield None
        return
    with _client(workers, cluster) as client:
        yield Workers(client)


@contextmanager
def _client(workers: int | None, cluster: str | None) -> Iterator[Any]:
    from distributed import Client, LocalCluster
    from distributed.security import Security

    if cluster is None:
        with (
            _same_environment(),
            LocalCluster(
                n_workers=workers,
                threads_per_worker=1,
                memory_limit=0,
                dashboard_address=None,
                # A port of the system's choice: its default one may be taken.
                scheduler_kwargs={"dashboard_address": "127.0.0.1:0"},
                silence_logs=logging.CRITICAL,
                # Others on this machine could send code to its workers else.
                security=Security.temporary(),
            ) as local,
            Client(local) as client,
        ):
            yield client
        return
    with _connected(cluster) as client:
        yield client


@contextmanager
def _same_environment() -> Iterator[None]:
    """Leaves alone what Dask sets in the environment of this process for those that it starts.

    It would stay there, and processes that are started later would compute with one thread.
    """
    import dask

    names = {*dask.config.get("distributed.nanny.pre-spawn-environ"), "PYTHONHASHSEED"}
    before = {name: os.environ[name] for name in names if name in os.environ}
    try:
        yield
    finally:
        for name in names - set(before):
            os.environ.pop(name, None)
        os.environ.update(before)


def _connected(address: str) -> Any:
    from distributed import Client

    try:
        return Client(address, timeout=PATIENCE)
    except (OSError, ValueError) as error:
        problem = str(error)
    # Where nothing answers, the client that failed is in cycles; left to a later collection in the
    # thread that it would have to wait for, it holds up the next client.
    gc.collect()
    raise InputError(
        f"cluster={address!r}: no Dask scheduler answers there ({problem}); expected an address "
        'such as "tcp://10.0.0.1:8786", which `dask scheduler` prints'
    )
