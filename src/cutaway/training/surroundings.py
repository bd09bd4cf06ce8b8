"""What is around a run: other processes, a folder, signals, a Slurm job."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch

from cutaway.progress import mute
from cutaway.training.group import Group, find_group
from cutaway.training.run_folder import RunFolder
from cutaway.training.signals import STOPPING, TIME_IS_UP, Signals
from cutaway.training.slurm_job import Job, job_name


@dataclass(frozen=True)
class Surroundings:
    """What is around a run.

    Attributes:
        group: The processes that train together.
        folder: Where the run writes, or None.
        signals: Those that would stop it; none are caught where nothing is written.
        job: The Slurm job that it runs in, for rank 0.
    """

    group: Group = field(default_factory=Group)
    folder: RunFolder | None = None
    signals: Signals = field(default_factory=lambda: Signals(()))
    job: Job | None = None

    def begin(self, settings: dict[str, Any]) -> Path | None:
        """The checkpoint to go on from; see `RunFolder.begin`."""
        folder = self.folder
        return None if folder is None else self.group.agreed(lambda: folder.begin(settings))

    def finish(self, result: dict[str, Any]) -> None:
        """Notes that the run is finished; see `RunFolder.finish`."""
        if self.folder is not None and self.group.first:
            self.folder.finish(result)


@contextmanager
def surroundings(
    output: str | os.PathLike[str] | None,
    device: torch.device,
    *,
    overwrite: bool = False,
    resume: bool = False,
) -> Iterator[Surroundings]:
    """Finds out what is around this process, and meets those that train with it.

    Within the context signals are caught, where there is a folder.

    Args:
        output: The run's folder, or None.
        device: Where it computes.
        overwrite: See `RunFolder`.
        resume: See `RunFolder`.
    """
    group = find_group()
    group.join(device)
    if not group.first:
        mute()
    try:
        folder = None
        if output is not None:
            place = output
            folder = group.agreed(lambda: RunFolder(place, overwrite=overwrite, resume=resume))
        name = None if folder is None else job_name()
        job = Job(name) if name is not None and group.first else None
        watched = () if folder is None else STOPPING + (() if name is None else TIME_IS_UP)
        with Signals(watched).caught() as signals:
            yield Surroundings(group, folder, signals, job)
    finally:
        group.leave()
