"""When a run writes, and when it stops."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
from lightning.pytorch import Callback, LightningModule, Trainer

from cutaway.errors import InputError, StoppedRunError
from cutaway.files import atomic_file
from cutaway.progress import say
from cutaway.training.callbacks import History
from cutaway.training.evaluation import Tally
from cutaway.training.group import Group
from cutaway.training.module import Classifier
from cutaway.training.run_folder import RunFolder
from cutaway.training.signals import STOPPING, Signals
from cutaway.training.slurm_job import Job

# Besides the end of every epoch, so that a kill costs no more than this.
_INTERVAL_SECONDS = 600.0
_NOTHING, _SAVE, _STOP, _TIME_IS_UP = 0, 1, 128, 256
_TEMPORARY_FAILURE = 75


class Saving(Callback):
    """Writes `last.ckpt`, `best.ckpt` and `history.parquet`, and ends the run where it is asked to.

    It writes after every epoch, every ten minutes, and at the step after a signal or when a Slurm
    job's time is nearly up; then the run ends, and the job is queued again. Each file is written
    beside its place, synced and renamed, so that whatever happens the file that stands there is
    whole. A checkpoint from the middle of an epoch holds the place in it and its figures so far.

    Processes that train together agree on the step; rank 0 alone writes.

    Args:
        folder: Where the files go.
        history: Says which epoch is the best; it comes before this in the trainer's callbacks.
        group: The processes that train together.
        signals: What was received.
        job: The Slurm job, where there is one; only rank 0 asks it.
    """

    def __init__(
        self, folder: RunFolder, history: History, group: Group, signals: Signals, job: Job | None
    ) -> None:
        self._folder, self._history, self._group = folder, history, group
        self._signals, self._job = signals, job
        self._within_epoch = False
        self._saved = time.monotonic()

    def setup(self, trainer: Trainer, pl_module: LightningModule, stage: str) -> None:  # noqa: ARG002 (Lightning passes them)
        """Keeps the module, whose figures go into checkpoints."""
        assert isinstance(pl_module, Classifier)
        self._module = pl_module

    def on_train_start(self, *_: Any) -> None:
        """Takes the place of the trainer's handlers, which do more than to set a flag."""
        self._signals.install()

    def on_train_batch_end(self, trainer: Trainer, *_: Any) -> None:
        """Saves, where it is time to."""
        wish = self._group.greatest(self._wish())
        # After the last step of an epoch it is validated and written anyway.
        if wish == _NOTHING or trainer.is_last_batch:
            return
        if not self._group.alone:
            self._module.trained.total(self._group.sum)
        with self._full_disk_told():
            self._within_epoch = True
            self._write(trainer, self._folder.last)
            self._within_epoch = False
        self._leave_figures_to_the_first()
        self._stop_at(wish, trainer)

    def on_train_epoch_end(self, trainer: Trainer, _: LightningModule) -> None:
        """Writes what changed."""
        with self._full_disk_told():
            if self._history.newest_is_best:
                self._write(trainer, self._folder.best)
            self._write(trainer, self._folder.last)
            if self._group.first:
                with atomic_file(self._folder.history) as temporary:
                    self._history.table.to_parquet(temporary)
        if trainer.current_epoch + 1 < (trainer.max_epochs or 0):
            self._stop_at(self._group.greatest(self._wish()), trainer)

    def state_dict(self) -> dict[str, Any]:
        """The figures of an epoch that is under way."""
        if not self._within_epoch:
            return {}
        tally = self._module.trained
        return {
            "losses": torch.stack(tally.losses),
            "correct": torch.stack(tally.correct),
            "samples": tally.samples,
        }

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Takes them up."""
        if state_dict:
            tally = self._module.trained
            tally.losses = list(state_dict["losses"].unbind())
            tally.correct = list(state_dict["correct"].unbind())
            tally.samples = state_dict["samples"]
            self._leave_figures_to_the_first()

    def _leave_figures_to_the_first(self) -> None:
        """What all counted together stands on rank 0 from here on, or it would count for each."""
        if not self._group.first:
            self._module.trained = Tally()

    def _wish(self) -> int:
        """What this process would do now; of several processes' wishes the greatest is done."""
        received = self._signals.received
        if received is not None and received not in STOPPING:
            return _TIME_IS_UP
        if received is not None:
            return _STOP + received
        if self._job is not None and self._job.nearly_over:
            return _TIME_IS_UP
        due = self._group.first and time.monotonic() - self._saved > _INTERVAL_SECONDS
        return _SAVE if due else _NOTHING

    def _write(self, trainer: Trainer, path: Any) -> None:
        self._saved = time.monotonic()
        if not self._group.first:
            # The others only wait until it is written.
            trainer.save_checkpoint(path, weights_only=False)
            return
        with atomic_file(path) as temporary:
            trainer.save_checkpoint(temporary, weights_only=False)

    def _stop_at(self, wish: int, trainer: Trainer) -> None:
        if wish <= _SAVE:
            return
        step = f"step {trainer.global_step} of {self._module.steps}"
        reached = f"{step} is saved in {str(self._folder.path)!r}"
        if wish < _TIME_IS_UP:
            name = next(each.name for each in STOPPING if each == wish - _STOP)
            raise StoppedRunError(
                f"stopped by {name}: {reached}, and the same command goes on from there", wish
            )
        # Said before it is done, since Slurm then ends this process.
        say(f"The job's time is nearly up: {reached}. It is queued again to go on from there.")
        problem = None if self._job is None else self._job.requeue()
        then = (
            "the job is queued again and goes on from there"
            if problem is None
            else f"the job could not be queued again ({problem}): submit it again to go on"
        )
        raise StoppedRunError(
            f"stopped before the job's time limit: {reached}; {then}", _TEMPORARY_FAILURE
        )

    @contextmanager
    def _full_disk_told(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise InputError(
                f"output={str(self._folder.path)!r} could not be written "
                f"({error.strerror or error}); what was saved before is whole: make room, then "
                "run the same command again"
            ) from error
