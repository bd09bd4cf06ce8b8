"""Lightning without its remarks: what a user should know goes through `cutaway.progress`."""

import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

# Each would be told of every run of ours, and none asks for anything that a user could do.
_EXPECTED = (
    # Batches come from arrays in memory; workers would copy them for nothing.
    ".*does not have many workers.*",
    # Someone asked for the CPU on a machine with a GPU.
    ".*available but not used.*",
    # Lightning 2.6 on a newer torch, in its own handling of loaders.
    r".*isinstance\(treespec, LeafSpec\).*",
    # A run in one process on a machine that has Slurm.
    ".*`srun` command is available on your system but is not used.*",
)


@contextmanager
def quiet_lightning() -> Iterator[None]:
    """Silences Lightning's informational log lines and the warnings that every run would raise.

    Warnings and errors of its logger still pass.

    Example:
        >>> with quiet_lightning():
        ...     logging.getLogger("lightning.pytorch").isEnabledFor(logging.INFO)
        False
    """
    loggers = [logging.getLogger(name) for name in ("lightning.pytorch", "lightning.fabric")]
    levels = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.WARNING)
    try:
        with warnings.catch_warnings():
            for message in _EXPECTED:
                warnings.filterwarnings("ignore", message=message)
            yield
    finally:
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)
