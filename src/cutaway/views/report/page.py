"""What every page that opens offline is made with: templates, style sheet, and writing it whole."""

import os
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

from cutaway.errors import InputError
from cutaway.files import atomic_file

if TYPE_CHECKING:
    from jinja2 import Environment

_ROOM = "cutaway.views.report"


def environment(*rooms: str) -> "Environment":
    """Templates of the report, and before them those of other packages; all text is escaped."""
    from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined

    return Environment(
        loader=ChoiceLoader([PackageLoader(room) for room in (*rooms, _ROOM)]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def style_sheet() -> str:
    """The style sheet of all pages."""
    return files(_ROOM).joinpath("style.css").read_text(encoding="utf-8")


def write_page(path: str | os.PathLike[str], render: Callable[[], str]) -> Path:
    """Writes what `render` returns, whole or not at all; returns the path.

    Raises:
        InputError: The folder does not exist or cannot be written, or `path` is a folder.
    """
    target = Path(path)
    if target.is_dir():
        raise InputError(f"output {str(path)!r} is a folder; expected a file such as page.html")
    page = render()
    with atomic_file(target) as temporary:
        temporary.write_text(page, encoding="utf-8")
    return target
