"""Progress and remarks on standard error: bars on a terminal, plain lines elsewhere.

Nothing is written unless someone asked for it: the command line calls `show_progress`, a library
user does so with `show_progress(True)`. Remarks that a user must not miss (an input transform that
was inferred, images that were resized) go through `say` and are always written.
"""

import sys
import time
from collections.abc import Iterable, Iterator, Sized
from contextlib import contextmanager
from typing import Any, Protocol, TypeVar, runtime_checkable

Item = TypeVar("Item")

_PLAIN_INTERVAL_SECONDS = 5.0
_settings = {"visible": False, "muted": False}
_shown: list[Any] = []  # what displays the outermost piece of work under way


@runtime_checkable
class Task(Protocol):
    """A piece of work whose completion is counted in steps."""

    def advance(self, steps: int = 1) -> None:
        """Counts `steps` more steps as done."""


def show_progress(visible: bool = True) -> None:
    """Turns progress display on or off for this process."""
    _settings["visible"] = visible


def mute() -> None:
    """Lets this process write nothing, where another one says the same."""
    _settings.update(visible=False, muted=True)


def progress_visible() -> bool:
    """Whether progress is displayed."""
    return _settings["visible"]


def say(remark: str) -> None:
    """Writes one remark to standard error."""
    if not _settings["muted"]:
        print(remark, file=sys.stderr, flush=True)  # noqa: T201 (this is the one place that prints)


@contextmanager
def task(description: str, total: int | None = None) -> Iterator[Task]:
    """Displays a piece of work while it runs.

    Args:
        description: What is being done, such as "Capturing 17 layers".
        total: Number of steps, or None where it is not known.

    Work within work is a second bar on a terminal, and silent elsewhere.

    Yields:
        A task whose `advance(steps)` moves the bar; it is inert while progress is hidden.
    """
    if not _settings["visible"]:
        yield _SilentTask()
    elif _shown:
        with _within(_shown[0], description, total) as inner:
            yield inner
    elif sys.stderr.isatty():
        with _rich_bar() as bar, _shown_by(bar):
            yield _RichTask(bar, bar.add_task(description, total=total))
    else:
        plain = _PlainTask(description, total)
        with _shown_by(plain):
            yield plain
        plain.finish()


def track(items: Iterable[Item], description: str, total: int | None = None) -> Iterator[Item]:
    """Yields `items` unchanged while it displays how many have gone by."""
    if total is None and isinstance(items, Sized):
        total = len(items)
    with task(description, total) as current:
        for item in items:
            yield item
            current.advance()


@contextmanager
def _shown_by(display: Any) -> Iterator[None]:
    _shown.append(display)
    try:
        yield
    finally:
        _shown.pop()


@contextmanager
def _within(display: Any, description: str, total: int | None) -> Iterator[Task]:
    if isinstance(display, _PlainTask):
        yield _SilentTask()
        return
    identifier = display.add_task(f"  {description}", total=total)
    try:
        yield _RichTask(display, identifier)
    finally:
        display.remove_task(identifier)


def _rich_bar() -> Any:
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
    )

    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(elapsed_when_finished=True),
        console=Console(stderr=True),
    )


class _SilentTask:
    def advance(self, steps: int = 1) -> None:
        pass


class _RichTask:
    def __init__(self, bar: Any, identifier: Any) -> None:
        self._bar = bar
        self._identifier = identifier

    def advance(self, steps: int = 1) -> None:
        self._bar.advance(self._identifier, steps)


class _PlainTask:
    """One line when the work starts, one every few seconds, one at the end."""

    def __init__(self, description: str, total: int | None) -> None:
        self._description = description
        self._total = total
        self._done = 0
        self._started = self._last = time.monotonic()
        say(f"{description} ...")

    def advance(self, steps: int = 1) -> None:
        self._done += steps
        now = time.monotonic()
        if now - self._last >= _PLAIN_INTERVAL_SECONDS:
            self._last = now
            of_total = f" of {self._total}" if self._total else ""
            say(f"{self._description}: {self._done}{of_total}, {now - self._started:.0f} s")

    def finish(self) -> None:
        say(f"{self._description}: done in {time.monotonic() - self._started:.1f} s")
