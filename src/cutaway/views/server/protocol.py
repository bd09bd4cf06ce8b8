"""uvicorn's HTTP, with our headers also on what never reaches the application."""

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

from cutaway.views.server.policy import HEADERS


class Protocol(H11Protocol):
    """HTTP/1.1 in Python: one parser, whatever else is installed."""

    def send_400_response(self, msg: str) -> None:
        """Answers what is no HTTP and ends the connection."""
        body = msg.encode("ascii")
        headers = [
            (b"content-type", b"text/plain; charset=utf-8"),
            (b"content-length", str(len(body)).encode()),
            (b"connection", b"close"),
            *HEADERS,
        ]
        for event in (
            h11.Response(status_code=400, headers=headers, reason=b"Bad Request"),
            h11.Data(data=body),
            h11.EndOfMessage(),
        ):
            self.transport.write(self.conn.send(event))
        self.transport.close()
