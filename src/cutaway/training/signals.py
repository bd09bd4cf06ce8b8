"""Signals that ask a run to stop. Their handler sets a flag and does nothing else."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

STOPPING = (signal.SIGTERM, signal.SIGINT)
# Slurm sends one of these before a job's time limit, where sbatch was told --signal.
# Windows has neither.
TIME_IS_UP = tuple(signal.Signals[name] for name in ("SIGUSR1", "SIGUSR2") if hasattr(signal, name))


class Signals:
    """Which signal came last; None where none did.

    A handler may run between any two instructions, also within a save, so it does not save, log or
    talk to other processes: the run looks at the flag between two steps. (Lightning's own handler
    does these things, see its issues 21406 and 20806.) A second SIGINT is Ctrl-C as ever.

    Args:
        watched: Which signals are to be caught.

    Example:
        >>> with Signals((signal.SIGTERM,)).caught() as signals:
        ...     signal.raise_signal(signal.SIGTERM)
        ...     signals.received
        <Signals.SIGTERM: 15>
    """

    def __init__(self, watched: tuple[signal.Signals, ...]) -> None:
        self.received: signal.Signals | None = None
        self._watched = watched

    def install(self) -> None:
        """Makes this the handler of its signals; without effect outside of the main thread."""
        if threading.current_thread() is threading.main_thread():
            for number in self._watched:
                signal.signal(number, self._note)

    @contextmanager
    def caught(self) -> Iterator["Signals"]:
        """Catches the signals within the context; afterwards the handlers are those of before."""
        before: dict[signal.Signals, Any] = {each: signal.getsignal(each) for each in self._watched}
        self.install()
        try:
            yield self
        finally:
            if threading.current_thread() is threading.main_thread():
                for number, handler in before.items():
                    signal.signal(number, handler)

    def _note(self, number: int, _: FrameType | None) -> None:
        if number == signal.SIGINT and self.received == signal.SIGINT:
            raise KeyboardInterrupt
        self.received = signal.Signals(number)
