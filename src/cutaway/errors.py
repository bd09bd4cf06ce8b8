"""The exceptions that Cutaway raises.

    CutawayError
    ├── InputError (ValueError)      an argument, a file or a data set is not what it should be
    │   └── UnsafeFileError          a file would run code or names a class that is not allowed
    ├── MissingDependencyError (ImportError)   an optional library is not installed
    └── StoppedRunError          a signal or a job's time limit ended a run, which can go on later

Each message names what was received, what was expected and what to do next.
"""


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
