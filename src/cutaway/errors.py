"""The exceptions that Cutaway raises.

    CutawayError
    ├── InputError (ValueError)      an argument, a file or a data set is not what it should be
    │   └── UnsafeFileError          a file would run code or names a class that is not allowed
    └── MissingDependencyError (ImportError)   an optional library is not installed

Each message names what was received, what was expected and what to do next.
"""


class CutawayError(Exception):
    """Root of all errors that Cutaway raises on purpose."""


class InputError(CutawayError, ValueError):
    """An argument, a file or a data set is not what it should be."""


class UnsafeFileError(InputError):
    """A file would run code when read, or names a class that is not allowed."""


class MissingDependencyError(CutawayError, ImportError):
    """An optional library is not installed; the message says how to install it."""
