"""Who may ask: the right host, no other site, and only with the token."""

import ipaddress
import json
import secrets
from collections.abc import Iterable
from http.cookies import CookieError, SimpleCookie
from urllib.parse import parse_qsl

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from cutaway.views.server.policy import HEADERS

_READING = {"GET", "HEAD"}
_OWN_SITE = {b"same-origin", b"none"}


class Guard:
    """Stands before an application and lets through what comes from its own page only.

    A page of another site could make a browser ask this machine, also under a name that it lets
    point here (DNS rebinding). So the Host must be one of ours, a foreign Origin is refused, what
    is not a plain read needs an Origin, and every request needs a cookie. The cookie is given for
    the token in the address that the command prints, which is then taken out of the address.

    Args:
        app: What is guarded.
        hosts: Values of the Host header that are ours; None stands for any address in figures.
        port: Where it listens.
        token: What opens it.
    """

    def __init__(self, app: ASGIApp, hosts: Iterable[str] | None, port: int, token: str) -> None:
        self._app = app
        self._hosts = None if hosts is None else {f"{host}:{port}".lower() for host in hosts}
        self._port = port
        self._token = token.encode()
        # Cookies are shared by all ports of a host; two explorers must not take each other's.
        self._cookie = f"cutaway-{port}"
        self._session = secrets.token_urlsafe(32)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers a request that is refused, and passes on the others."""
        if scope["type"] != "http":
            if scope["type"] == "websocket":
                await send({"type": "websocket.close", "code": 1008})
                return
            await self._app(scope, receive, send)
            return

        async def protected(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message.get("headers", []), *HEADERS]
            await send(message)

        refusal = self._refusal(scope)
        if refusal is not None:
            await _answer(protected, *refusal)
        elif self._opens(scope):
            await self._enter(protected)
        elif not self._known(scope):
            await _answer(
                protected, 401, "Open the address with ?token= that `cutaway explore` has printed."
            )
        else:
            await self._app(scope, receive, protected)

    def _refusal(self, scope: Scope) -> tuple[int, str] | None:
        hosts = _values(scope, b"host")
        if len(hosts) != 1 or not self._ours(hosts[0]):
            return 400, "This address is not the explorer's own."
        origins = _values(scope, b"origin")
        if len(origins) > 1 or any(
            origin.lower() != b"http://" + hosts[0].lower() for origin in origins
        ):
            return 403, "Another site asked for this."
        if scope["method"] not in _READING and not origins:
            return 403, "A request that is not a plain read must say its origin."
        sites = _values(scope, b"sec-fetch-site")
        foreign = any(site not in _OWN_SITE for site in sites)
        if foreign and _values(scope, b"sec-fetch-mode") != [b"navigate"]:
            return 403, "Another site asked for this."
        return None

    def _ours(self, host: bytes) -> bool:
        name = host.decode("latin-1").lower()
        if self._hosts is not None:
            return name in self._hosts
        return _is_figures(name, self._port)

    def _opens(self, scope: Scope) -> bool:
        if scope["path"] != "/" or scope["method"] not in _READING:
            return False
        tokens = [
            value
            for key, value in parse_qsl(scope["query_string"].decode("latin-1"))
            if key == "token"
        ]
        return len(tokens) == 1 and secrets.compare_digest(tokens[0].encode(), self._token)

    def _known(self, scope: Scope) -> bool:
        given = b"; ".join(_values(scope, b"cookie")).decode("latin-1")
        try:
            cookie = SimpleCookie(given).get(self._cookie)
        except CookieError:
            return False
        return cookie is not None and secrets.compare_digest(
            cookie.value.encode(), self._session.encode()
        )

    async def _enter(self, send: Send) -> None:
        cookie = f"{self._cookie}={self._session}; HttpOnly; SameSite=Strict; Path=/"
        headers = [(b"location", b"/"), (b"set-cookie", cookie.encode()), (b"content-length", b"0")]
        await send({"type": "http.response.start", "status": 303, "headers": headers})
        await send({"type": "http.response.body", "body": b""})


def _values(scope: Scope, name: bytes) -> list[bytes]:
    return [value for key, value in scope["headers"] if key == name]


def _is_figures(host: str, port: int) -> bool:
    """Whether a host is an IP address with the port: no name that someone else lets point here."""
    address, separator, given = host.rpartition(":")
    if not separator or given != str(port):
        return False
    try:
        ipaddress.ip_address(address.removeprefix("[").removesuffix("]"))
    except ValueError:
        return address == "localhost"
    return True


async def _answer(send: Send, status: int, detail: str) -> None:
    body = json.dumps({"detail": detail}).encode()
    headers = [
        (b"content-type", b"application/json"),
        (b"content-length", str(len(body)).encode()),
    ]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
