"""The Slurm job that a run is part of: how long it may still go on, and how it is queued again."""

import os
import subprocess
import time
from dataclasses import dataclass, field

from cutaway.errors import InputError

# A save takes seconds; of short limits, as in tests, a quarter is left for it.
_MARGIN_SECONDS, _MARGIN_SHARE = 90.0, 0.25
_UNITS = (1, 60, 3600)


def seconds_of(limit: str) -> float:
    """Seconds of a time limit as Slurm writes it; infinite for "UNLIMITED".

    Forms: minutes, minutes:seconds, hours:minutes:seconds, days-hours, days-hours:minutes,
    days-hours:minutes:seconds.

    Raises:
        InputError: It is in no such form.

    Example:
        >>> seconds_of("01:00:00"), seconds_of("90"), seconds_of("1-12")
        (3600.0, 5400.0, 129600.0)
    """
    if limit.upper() in {"UNLIMITED", "INFINITE"}:
        return float("inf")
    days, separator, rest = limit.rpartition("-")
    parts = rest.split(":")
    if (
        not all(part.isdigit() for part in [*parts, *([days] if separator else [])])
        or len(parts) > 3
    ):
        raise InputError(
            f"time={limit!r} is no time limit; expected minutes, HOURS:MINUTES:SECONDS or "
            "DAYS-HOURS, such as 01:00:00"
        )
    # The first number is hours after days, and minutes where it stands alone.
    missing = 3 - len(parts) if separator else (1 if len(parts) == 1 else 0)
    numbers = [*map(int, parts), *[0] * missing]
    seconds = sum(number * unit for number, unit in zip(reversed(numbers), _UNITS, strict=False))
    return float(seconds + int(days or 0) * 86_400)


@dataclass
class Job:
    """The job that this process runs in.

    Attributes:
        name: Its number, or that of the array and of its task within it.
    """

    name: str
    _end: float = field(init=False, repr=False)
    _margin: float = field(init=False, repr=False)

    def __post_init__(self) -> None:
        """Asks for its time limit."""
        left = self._seconds_left()
        self._margin = min(_MARGIN_SECONDS, left * _MARGIN_SHARE)
        self._end = time.monotonic() + left

    @property
    def nearly_over(self) -> bool:
        """Whether it is time to save; Slurm is asked again then, for the limit may have changed."""
        if time.monotonic() < self._end - self._margin:
            return False
        self._end = time.monotonic() + self._seconds_left()
        return time.monotonic() >= self._end - self._margin

    def requeue(self) -> str | None:
        """Queues the job again, which also ends it.

        Returns:
            None, or in Slurm's words why it was not possible.
        """
        try:
            done = _run("scontrol", "requeue", self.name)
        except OSError as error:
            return f"scontrol: {error.strerror}"
        return (done.stderr.strip() or "scontrol failed") if done.returncode else None

    def _seconds_left(self) -> float:
        """Until the time limit; infinite where none is known."""
        try:
            done = _run("squeue", "--noheader", "--jobs", self.name, "--format", "%L")
            return seconds_of(done.stdout.strip().split("\n")[0])
        except (OSError, InputError):
            return float("inf")


def job_name() -> str | None:
    """The name of the job that this process runs in, as `scontrol` takes it; None outside of Slurm.

    A single task of an array must be named by the array, or all of it is meant.

    Example:
        >>> job_name() is None or job_name() != ""
        True
    """
    array, task = os.environ.get("SLURM_ARRAY_JOB_ID"), os.environ.get("SLURM_ARRAY_TASK_ID")
    return f"{array}_{task}" if array and task else os.environ.get("SLURM_JOB_ID")


def _run(*command: str) -> subprocess.CompletedProcess[str]:
    # Slurm's own programs, found where the machine has them, with a number from Slurm.
    return subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
