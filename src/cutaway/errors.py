"""The exceptions that Cutaway raises.

    CutawayError
    ├── InputError (ValueError)      an argument, a file or a data set is not what it should be
    │   └── UnsafeFileError          a file would run code or names a class that is not allowed
    ├── MissingDependencyError (ImportError)   an optional library is not installed
    └── StoppedRunError          a signal or a job's time limit ended a run, which can go on later

Each message names what was received, what was expected and what to do next.
"""

import os
import sys
import sysconfig
import traceback
from pathlib import Path


class CutawayError(Exception):
    """Root of all errors that Cutaway raises on purpose.

    Attributes:
        exit_code: What the command line ends with.
    """

    exit_code = 2


class InputError(CutawayError, ValueError):
    """An argument, a file or a data set is not what it should be."""


class UnsafeFileError(InputError):
    """A file would run code when read, or names a class that is not allowed."""


class MissingDependencyError(CutawayError, ImportError):
    """An optional library is not installed; the message says how to install it."""


class StoppedRunError(CutawayError):
    """A signal or a job's time limit ended a run; what was reached is saved and can go on later.

    Args:
        message: What stopped it, and how to go on.
        exit_code: 128 and the signal's number, as shells have it; 75 at a job's time limit (the
            "temporary failure" of sysexits.h).
    """

    def __init__(self, message: str, exit_code: int) -> None:
        super().__init__(message)
        self.exit_code = exit_code


def own_lines(error: BaseException) -> list[traceback.FrameSummary]:
    """The lines of a user's network that an error came through, outermost first.

    What lies before them, and torch in between, only calls the network. Of an installed library's
    network, such as one of timm, they are that library's.

    Args:
        error: As it was caught.

    Returns:
        Nothing where the error is of Cutaway's own making.
    """
    lines = traceback.extract_tb(error.__traceback__)
    house = str(Path(__file__).parent) + os.sep
    ours = [at for at, line in enumerate(lines) if line.filename.startswith(house)]
    rest = lines[ours[-1] + 1 if ours else 0 :]
    network_runs = any(line.name == "_call_impl" for line in rest)
    return [
        line
        for line in rest
        if (network_runs if _installed(line) else not _built_in(line)) and not _of_torch(line)
    ]


def _installed(line: traceback.FrameSummary) -> bool:
    return bool({"site-packages", "dist-packages"} & set(Path(line.filename).parts))


def _built_in(line: traceback.FrameSummary) -> bool:
    return line.filename.startswith(("<", sysconfig.get_path("stdlib") + os.sep))


def _of_torch(line: traceback.FrameSummary) -> bool:
    file = getattr(sys.modules.get("torch"), "__file__", None)
    return file is not None and line.filename.startswith(str(Path(file).parent) + os.sep)
