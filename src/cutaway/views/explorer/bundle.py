"""The front end as the build made it: one script and one style sheet."""

import base64
import hashlib
import re
from dataclasses import dataclass
from importlib.resources import files

_ENDS_SCRIPT = re.compile(r"<(?=/script|!--)", re.IGNORECASE)
_ENDS_STYLE = re.compile(r"</(?=style)", re.IGNORECASE)


@dataclass(frozen=True)
class Bundle:
    """The front end's two files.

    Attributes:
        script: One ES module.
        style: One style sheet.
    """

    script: str
    style: str

    @property
    def inline_script(self) -> str:
        """The script with nothing in it that would end a script element."""
        return _ENDS_SCRIPT.sub(r"\\x3c", self.script)

    @property
    def inline_style(self) -> str:
        """The style sheet with nothing in it that would end a style element."""
        return _ENDS_STYLE.sub(r"<\\/", self.style)


def find_bundle() -> Bundle | None:
    """The bundle that was built with this installation, or None."""
    folder = files("cutaway.views.explorer").joinpath("static")
    script, style = folder.joinpath("explorer.js"), folder.joinpath("explorer.css")
    if not (script.is_file() and style.is_file()):
        return None
    return Bundle(script.read_text(encoding="utf-8"), style.read_text(encoding="utf-8"))


def content_hash(text: str) -> str:
    """The source expression by which a Content-Security-Policy lets an inline text through.

    Example:
        >>> content_hash("")
        "'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='"
    """
    digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
    return f"'sha256-{digest}'"
