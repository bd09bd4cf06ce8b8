"""One resource: its bytes and what they are."""

from dataclasses import dataclass

ARROW = "application/vnd.apache.arrow.stream"
JSON = "application/json"
PNG = "image/png"
WEBP = "image/webp"


@dataclass(frozen=True)
class Resource:
    """The body of a resource and its media type."""

    body: bytes
    media: str


class AbsentError(Exception):
    """This Study, or this door, does not have a resource; the message says so to the reader."""
