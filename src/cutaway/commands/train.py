"""Training from the command line: figures beside the history, Studies on the way, Slurm."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from cutaway import plot
from cutaway.commands.submit import SubmittedJob, follow, parse_settings, submit
from cutaway.errors import InputError, StoppedRunError
from cutaway.files import atomic_file
from cutaway.progress import say
from cutaway.study import StudyCallback
from cutaway.training import TrainingRun, train
from cutaway.training.curves import read_history
from cutaway.training.group import find_group
from cutaway.training.run_folder import CURVES, LAST

STUDIES = "studies"


def train_source(
    source: str, network: str | None, *, output: Path, study_at: str | None = None, **options: Any
) -> TrainingRun | None:
    """Trains, and draws the curves beside the history, also of a run that was stopped.

    Args:
        source: What `load_data` takes.
        network: What `train` takes.
        output: The run's folder.
        study_at: Epochs to build a Study after, with commas between.
        options: Of `train`.

    Returns:
        The run; None in a process that only helps another to train.

    Raises:
        InputError: As `train` does, or `study_at` is not understood.
        StoppedRunError: As `train` does.
    """
    first, callbacks = find_group().first, []
    if study_at is not None:
        callbacks.append(StudyCallback(output / STUDIES, _epochs(study_at)))
    try:
        run = train(source, network, output=output, callbacks=callbacks, **options)
    except StoppedRunError:
        if first:
            _draw_curves(output)
        raise
    if not first:
        return None
    _draw_curves(output)
    return run


def submit_training(settings: Sequence[str], output: Path) -> SubmittedJob:
    """Lets Slurm run this very command without what concerns Slurm; see `submit`."""
    arguments = [each for each in sys.argv[1:] if each not in {"--slurm", "--follow", *settings}]
    return submit(arguments, parse_settings(settings), output)


def follow_job(job: SubmittedJob) -> None:
    """Passes a job's log on to standard output until it ends."""
    try:
        for text in follow(job):
            sys.stdout.write(text)
            sys.stdout.flush()
    except KeyboardInterrupt:
        say(f"Job {job.name} goes on without being followed; scancel {job.name} ends it.")


def _epochs(words: str) -> list[int]:
    numbers = words.split(",")
    if not all(number.strip().isdigit() for number in numbers):
        raise InputError(f"--study-at {words!r} is not understood; expected epochs, such as 1,5,10")
    return [int(number) for number in numbers]


def _draw_curves(output: Path) -> None:
    history = read_history(output / LAST)
    if history is not None:
        with atomic_file(output / CURVES) as temporary:
            temporary.write_text(plot.to_svg(plot.curves(history)), encoding="utf-8")
