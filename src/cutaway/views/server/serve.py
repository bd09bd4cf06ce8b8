"""Listening on an address of this machine and serving a Study there until it is stopped."""

import ipaddress
import secrets
import socket
import threading
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

from torch import nn

from cutaway.errors import InputError
from cutaway.progress import say
from cutaway.study import Study
from cutaway.views.explorer import Resources
from cutaway.views.explorer.bundle import find_bundle
from cutaway.views.explorer.placing import Placing
from cutaway.views.server.guard import Guard

if TYPE_CHECKING:
    from starlette.applications import Starlette
else:
    Starlette = object

LOOPBACK = "127.0.0.1"
_OWN_NAMES = ("127.0.0.1", "localhost", "[::1]")


class Serving:
    """A Study that is being served, from a thread of its own.

    Attributes:
        url: Where, with the token that opens it.
        port: The port.

    Args:
        study: What is served.
        model: The network that the Study was made with, to place new images, or None.
        host: The address to listen on.
        port: The port; 0 means any free one.

    Raises:
        InputError: The address or port cannot be had, or the network is another than the Study's.
    """

    def __init__(
        self,
        study: Study,
        model: nn.Module | str | Path | None = None,
        *,
        host: str = LOOPBACK,
        port: int = 0,
    ) -> None:
        import uvicorn

        from cutaway.views.server.protocol import Protocol

        placing = None if model is None else Placing(study, model)
        listening = _listen(host, port)
        self.port = listening.getsockname()[1]
        self._token = secrets.token_urlsafe(32)
        shown = "[::1]" if host == "::1" else LOOPBACK if _is_any(host) else host
        self.url = f"http://{shown}:{self.port}/?token={self._token}"
        app = Guard(
            _app(study, placing),
            None if _is_any(host) else {*_OWN_NAMES, _bracketed(host)},
            self.port,
            self._token,
        )
        config = uvicorn.Config(
            app,
            http=Protocol,
            ws="none",
            lifespan="off",
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=False,
            timeout_graceful_shutdown=2,
        )
        self._server = uvicorn.Server(config)
        self._sockets = [listening]
        self._thread = threading.Thread(target=self._run, name="cutaway-explorer", daemon=True)
        self._thread.start()
        if placing is not None:
            placing.warm_up()

    def wait(self) -> None:
        """Returns when serving has ended; an interrupt (Ctrl-C) ends it."""
        try:
            while self._thread.is_alive():
                self._thread.join(0.5)
        except KeyboardInterrupt:
            self.close()

    def close(self) -> None:
        """Stops serving."""
        self._server.should_exit = True
        self._thread.join(10)

    def __enter__(self) -> "Serving":  # noqa: PYI034 (the run-time type checker knows no Self here)
        """Itself."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stops serving."""
        self.close()

    def __repr__(self) -> str:
        """Where it is."""
        return f"<explorer at {self.url}>"

    def _run(self) -> None:
        self._server.run(sockets=self._sockets)


def serve(
    study: Study,
    model: nn.Module | str | Path | None = None,
    *,
    host: str = LOOPBACK,
    port: int = 0,
) -> Serving:
    """Serves a Study on this machine; see `Serving`."""
    serving = Serving(study, model, host=host, port=port)
    if not ipaddress.ip_address(_address(host)).is_loopback:
        say(
            f"Listening on {host}: whoever can reach this machine and has the token sees the "
            "Study. The connection is not encrypted."
        )
    return serving


def _app(study: Study, placing: Placing | None) -> Starlette:
    from cutaway.views.server.app import make_app

    if placing is None:
        words = ["The network is not at hand, so new images cannot be placed: start with --model."]
        return make_app(Resources(study), None, find_bundle(), words)
    resources = Resources(study, live=placing.live, compute=placing.activation_of)
    return make_app(resources, placing, find_bundle(), placing.omitted)


def _listen(host: str, port: int) -> socket.socket:
    if not 0 <= port <= 65535:
        raise InputError(f"port={port}; expected 0 (any free one) to 65535")
    address = _address(host)
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((address, port))
        listening.listen(128)
    except OSError as error:
        listening.close()
        raise InputError(
            f"host={host!r}, port={port} cannot be listened on ({error.strerror}); expected an "
            "address of this machine and a free port. port=0 takes any free one"
        ) from error
    return listening


def _address(host: str) -> str:
    """An address in figures, so that nothing else decides where is listened."""
    named = "127.0.0.1" if host == "localhost" else host
    try:
        return str(ipaddress.ip_address(named))
    except ValueError as error:
        raise InputError(
            f"host={host!r} is no address; expected one in figures, such as 127.0.0.1 (this "
            "machine only) or 0.0.0.0 (whoever can reach it)"
        ) from error


def _is_any(host: str) -> bool:
    return ipaddress.ip_address(_address(host)).is_unspecified


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host
