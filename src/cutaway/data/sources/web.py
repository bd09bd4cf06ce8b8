"""A file of a web server, read in order, with patience for a server that fails now and then.

The standard library's client serves: what is asked of it is one GET with a Range, and what no
client brings is going on in the middle of a file after a failure.
"""

import http.client
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from cutaway.errors import InputError

SCHEMES = ("http://", "https://")
BLOCK = 1 << 18


@dataclass(frozen=True)
class Patience:
    """How long a server is waited for.

    Attributes:
        timeout: Seconds that a block of 256 KiB may take.
        tries: How often a block is asked for.
        pause: Seconds before the second try; each further pause is twice as long.
    """

    timeout: float = 20.0
    tries: int = 6
    pause: float = 0.5


PATIENCE = Patience()


class WebError(Exception):
    """A server did not give a file, or not all of it; the message says how it failed."""


class _FailedError(Exception):
    """One try failed; another may not."""


class WebFile:
    """The bytes of a file from an offset on.

    Args:
        url: Its address, http or https.
        offset: Where to begin.
        patience: How long to wait; None for the usual.
        sleep: Waits for so many seconds.

    Example:
        >>> WebFile("ftp://example.org/a.tar")
        Traceback (most recent call last):
            ...
        cutaway.errors.InputError: url='ftp://example.org/a.tar'; expected http:// or https://
    """

    def __init__(
        self,
        url: str,
        offset: int = 0,
        patience: Patience | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        if not url.startswith(SCHEMES):
            raise InputError(f"url={url!r}; expected http:// or https://")
        self._url = url
        self._offset = offset
        self._patience = patience or PATIENCE
        self._sleep = sleep
        self._response: Any = None
        self._buffer = b""
        self._identity: str | None = None
        self._ended = False

    def close(self) -> None:
        """Closes the connection."""
        if self._response is not None:
            self._response.close()
            self._response = None

    def read(self, size: int) -> bytes:
        """The next `size` bytes, fewer at the file's end.

        Raises:
            WebError: The server failed as often as it was tried.
        """
        pieces: list[bytes] = []
        while size > 0:
            if not self._buffer:
                self._fill()
            if not self._buffer:
                break
            pieces.append(self._buffer[:size])
            self._buffer = self._buffer[size:]
            size -= len(pieces[-1])
        return b"".join(pieces)

    def skip(self, size: int) -> bool:
        """Goes on by `size` bytes; False where the file ends before."""
        while size > 0:
            piece = self.read(min(size, BLOCK))
            if not piece:
                return False
            size -= len(piece)
        return True

    def _fill(self) -> None:
        """Reads the next block, however many tries it takes; nothing at the end."""
        pieces: list[bytes] = []
        failure = ""
        for attempt in range(self._patience.tries):
            if attempt:
                self._sleep(self._patience.pause * 2 ** (attempt - 1))
            try:
                for piece in self._pieces(BLOCK - sum(map(len, pieces))):
                    pieces.append(piece)
                    # What has come is not asked for again.
                    self._offset += len(piece)
            except _FailedError as error:
                failure = str(error)
                self.close()
                continue
            self._buffer = b"".join(pieces)
            return
        raise WebError(
            f"the server failed {self._patience.tries} times at byte {self._offset:,}: {failure}"
        )

    def _pieces(self, missing: int) -> Iterator[bytes]:
        """What one try gives of a block."""
        deadline = time.monotonic() + self._patience.timeout
        if self._response is None and not self._ended:
            self._response = self._open()
        while missing and not self._ended:
            try:
                piece = self._response.read1(missing)
            except (OSError, http.client.HTTPException) as error:
                raise _FailedError(_in_words(error)) from error
            if not piece and self._response.length:
                raise _FailedError(f"it stopped {self._response.length:,} bytes before the end")
            self._ended = not piece
            missing -= len(piece)
            yield piece
            if missing and time.monotonic() > deadline:
                raise _FailedError(f"256 KiB took over {self._patience.timeout:g} s")

    def _open(self) -> Any:
        asked = {"Accept-Encoding": "identity"}
        if self._offset:
            asked["Range"] = f"bytes={self._offset}-"
        request = urllib.request.Request(self._url, headers=asked)  # noqa: S310 (checked above)
        try:
            response = _opener().open(request, timeout=self._patience.timeout)
        except urllib.error.HTTPError as error:
            with error:
                return self._refused(error.code)
        except (OSError, http.client.HTTPException) as error:
            raise _FailedError(_in_words(error)) from error
        self._require_same(response)
        if response.status == http.HTTPStatus.OK:
            self._discard(response)
        elif not response.headers.get("Content-Range", "").startswith(f"bytes {self._offset}-"):
            raise WebError(f"the server gave another part than was asked for, {asked.get('Range')}")
        return response

    def _refused(self, status: int) -> None:
        """Tells refusals that stay from those that pass; a Range behind the end is neither."""
        if status == http.HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE and self._offset:
            self._ended = True
            return
        passing = status >= 500 or status in {408, 425, 429}
        words = f"status {status} {http.client.responses.get(status, '')}".rstrip()
        raise _FailedError(words) if passing else WebError(f"the server answered {words}")

    def _require_same(self, response: Any) -> None:
        """A file that changes while it is read would be two halves of different files."""
        identity = response.headers.get("ETag") or response.headers.get("Last-Modified")
        if self._identity not in {None, identity}:
            raise WebError(
                f"the file changed on the server while it was read (at {self._offset:,})"
            )
        self._identity = identity

    def _discard(self, response: Any) -> None:
        """Goes to the offset where the server knows no Range."""
        missing = self._offset
        while missing:
            try:
                piece = response.read1(min(missing, BLOCK))
            except (OSError, http.client.HTTPException) as error:
                raise _FailedError(_in_words(error)) from error
            if not piece:
                raise _FailedError("it stopped before the place asked for")
            missing -= len(piece)


def _opener() -> urllib.request.OpenerDirector:
    """A client of http and https alone: no redirection leads to a local file."""
    director = urllib.request.OpenerDirector()
    for handler in (
        urllib.request.ProxyHandler(),
        urllib.request.UnknownHandler(),
        urllib.request.HTTPHandler(),
        urllib.request.HTTPSHandler(),
        urllib.request.HTTPDefaultErrorHandler(),
        urllib.request.HTTPRedirectHandler(),
        urllib.request.HTTPErrorProcessor(),
    ):
        director.add_handler(handler)
    return director


def _in_words(error: Exception) -> str:
    if isinstance(error, TimeoutError) or isinstance(getattr(error, "reason", None), TimeoutError):
        return "no answer in time"
    reason = getattr(error, "reason", error)
    return f"{type(error).__name__}: {reason}"
