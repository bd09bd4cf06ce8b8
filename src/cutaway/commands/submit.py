"""Handing a command to Slurm, and following the job."""

import math
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cutaway.errors import InputError, MissingDependencyError
from cutaway.progress import say
from cutaway.training.run_folder import LOGS
from cutaway.training.slurm_job import seconds_of

# What people call it, and what sbatch does; any other name is passed on as it is.
_SBATCH_NAMES = {"gpus": "gpus-per-node", "tasks": "ntasks-per-node", "cpus": "cpus-per-task"}
# Slurm may send the signal up to a minute early, so short jobs are warned late.
_WARNING_SECONDS, _WARNING_SHARE = 90, 0.25
_POLL_SECONDS = 1.0
_WAITING = {"PENDING", "CONFIGURING", "REQUEUED", "REQUEUE_HOLD", "SUSPENDED", "COMPLETING"}


@dataclass(frozen=True)
class SubmittedJob:
    """A job that Slurm has.

    Attributes:
        name: Its number.
        log: What its first task writes; the job creates it.
    """

    name: str
    log: Path


def parse_settings(settings: Sequence[str]) -> dict[str, str]:
    """From "partition=main" and the like to a mapping.

    Raises:
        InputError: One is not of the form KEY=VALUE, or there is no time limit.

    Example:
        >>> parse_settings(["partition=main", "time=10"])
        {'partition': 'main', 'time': '10'}
    """
    parsed: dict[str, str] = {}
    for setting in settings:
        key, separator, value = setting.partition("=")
        if not separator or not key or not value:
            raise InputError(
                f"--slurm setting {setting!r} is not understood; expected KEY=VALUE, such as "
                "partition=main, time=01:00:00, nodes=1, gpus=1, tasks=2, cpus=8 or mem=16G, or "
                "any other option of sbatch"
            )
        parsed[key.replace("_", "-")] = value
    if "time" not in parsed:
        raise InputError("--slurm needs a time limit; expected one, such as time=01:00:00")
    return parsed


def submit(arguments: Sequence[str], settings: dict[str, str], output: Path) -> SubmittedJob:
    """Lets Slurm run `cutaway` with some arguments, by `srun`, with as many tasks as asked for.

    The job is queued again when it is preempted or its time is nearly up, and then runs the same
    command, which goes on with its own unfinished run.

    Args:
        arguments: Of the command, such as ["train", "digits"].
        settings: What sbatch is told; "gpus" and "tasks" are of every node, "cpus" of every task,
            and there is a task for every GPU where "tasks" is not given.
        output: The run's folder; logs go into a folder in it.

    Raises:
        InputError: There is no Slurm, no such partition, or Slurm does not take the job.
        MissingDependencyError: submitit is not installed.
    """
    _require_slurm()
    submitit = _submitit()
    _require_partition(settings.get("partition"))
    output = output.resolve()
    executor = submitit.SlurmExecutor(folder=output / LOGS)
    executor.update_parameters(
        job_name=f"cutaway-{output.name}",
        time=_minutes(settings["time"]),
        stderr_to_stdout=True,
        srun_args=["--open-mode=append"],
        additional_parameters=_sbatch_options(settings),
    )
    try:
        job = executor.submit(_become, list(arguments))
    except (submitit.core.utils.FailedSubmissionError, submitit.core.utils.FailedJobError) as error:
        raise InputError(f"Slurm did not take the job: {_in_short(str(error))}") from error
    return SubmittedJob(job.job_id, Path(job.paths.stdout))


def follow(job: SubmittedJob) -> Iterator[str]:
    """Yields what a job writes, until it has ended, also when it is queued again in between.

    Raises:
        InputError: The job did not end well.
    """
    place, said = 0, ""
    while True:
        state, reason = _state(job.name)
        if job.log.is_file():
            with job.log.open(encoding="utf-8", errors="replace") as log:
                log.seek(place)
                text = log.read()
                place = log.tell()
            if text:
                yield text
        if state == "COMPLETED":
            return
        waits = f"{state.lower()}{reason}"
        if state in _WAITING and waits != said:
            say(f"Job {job.name} is {waits} ...")
        elif state not in _WAITING and state != "RUNNING":
            raise InputError(f"job {job.name} ended as {state}; its log is {str(job.log)!r}")
        said = waits
        time.sleep(_POLL_SECONDS)


def _become(arguments: list[str]) -> None:
    """Replaces the task's process, and with it submitit's signal handlers, by the command."""
    sys.stdout.flush()
    command = [sys.executable, "-u", "-m", "cutaway", *arguments]
    os.execv(sys.executable, command)  # noqa: S606 (the user's own command)


def _require_slurm() -> None:
    for program in ("sbatch", "srun", "squeue", "scontrol"):
        if shutil.which(program) is None:
            raise InputError(
                f"--slurm needs a cluster, and {program} is not on the PATH; expected Slurm's "
                "programs: log in to a node of the cluster, or leave out --slurm to train here"
            )


def _submitit() -> Any:
    try:
        import submitit
        import submitit.core.utils
    except ImportError as error:
        raise MissingDependencyError(
            "--slurm needs submitit, which is not installed; install it: pip install "
            "'cutaway[cluster]'"
        ) from error
    return submitit


def _require_partition(partition: str | None) -> None:
    found = _run("sinfo", "--noheader", "--format", "%R")
    if found.returncode:
        raise InputError(f"Slurm does not answer: {_in_short(found.stderr)}")
    known = sorted(set(found.stdout.split()))
    if partition is not None and not set(partition.split(",")) <= set(known):
        raise InputError(
            f"partition={partition!r} is not one of this cluster; expected one or more of "
            f"{', '.join(known)}"
        )


def _minutes(limit: str) -> int:
    seconds = seconds_of(limit)
    return 0 if math.isinf(seconds) else max(1, math.ceil(seconds / 60))  # 0 is Slurm's "no limit"


def _sbatch_options(settings: dict[str, str]) -> dict[str, Any]:
    given = {_SBATCH_NAMES.get(key, key): value for key, value in settings.items() if key != "time"}
    count = re.search(r"\d+$", given.get("gpus-per-node", "1"))
    seconds = min(_WARNING_SECONDS, int(seconds_of(settings["time"]) * _WARNING_SHARE))
    defaults = {"nodes": "1", "ntasks-per-node": "1" if count is None else count.group()}
    return {**defaults, **given, "requeue": True, "signal": f"USR2@{seconds}"}


def _state(name: str) -> tuple[str, str]:
    """The job's state in Slurm's words, "COMPLETED" where Slurm has forgotten it, and why."""
    shown = _run("scontrol", "--oneliner", "show", "job", name)
    found = re.search(r"JobState=(\S+)", shown.stdout)
    if found is None and shown.returncode and "Invalid job id" not in shown.stderr:
        raise InputError(f"Slurm does not answer: {_in_short(shown.stderr)}")
    reason = re.search(r"Reason=(\S+)", shown.stdout)
    told = "" if reason is None or reason.group(1) == "None" else f" ({reason.group(1)})"
    return ("COMPLETED", "") if found is None else (found.group(1), told)


def _in_short(words: str) -> str:
    """Slurm's own sentences out of what came with them."""
    lines = [line.strip() for line in words.splitlines() if "error:" in line] or [words.strip()]
    return "; ".join(line.partition("error: ")[2] or line for line in lines)


def _run(*command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 (Slurm's)
