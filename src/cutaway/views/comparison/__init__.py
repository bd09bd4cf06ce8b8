"""Two Studies side by side as one HTML file that opens offline, in the look of the report."""

import os
from importlib.resources import files
from pathlib import Path
from typing import Any

from cutaway import __version__
from cutaway.errors import InputError
from cutaway.files import atomic_file
from cutaway.progress import task
from cutaway.study.comparison import Comparison
from cutaway.views.comparison import layers, maps, overview, predictions
from cutaway.views.explorer.bundle import content_hash

__all__ = ["render_comparison", "write_comparison"]

_SECTIONS = (
    ("compared", "Compared"),
    ("predictions", "Predictions"),
    ("calibration", "Calibration"),
    ("layers", "Layers"),
    ("maps", "Maps"),
    ("findings", "Findings"),
)
_PARTS = (
    overview.masthead,
    overview.compared_section,
    predictions.predictions_section,
    predictions.calibration_section,
    layers.layers_section,
    maps.maps_section,
    overview.findings_section,
)


def write_comparison(comparison: Comparison, path: str | os.PathLike[str]) -> Path:
    """Writes two Studies side by side as one HTML file; returns its path.

    The file holds no script, asks for nothing from outside itself, and follows the reader's light
    or dark setting.

    Raises:
        InputError: The folder does not exist or cannot be written, or `path` is a folder.
    """
    target = Path(path)
    if target.is_dir():
        raise InputError(f"output {str(path)!r} is a folder; expected a file such as compare.html")
    page = render_comparison(comparison)
    with atomic_file(target) as temporary:
        temporary.write_text(page, encoding="utf-8")
    return target


def render_comparison(comparison: Comparison) -> str:
    """The page's HTML; every text of the Studies is escaped."""
    from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined
    from markupsafe import Markup

    rooms = ("cutaway.views.comparison", "cutaway.views.report")
    environment = Environment(
        loader=ChoiceLoader([PackageLoader(room) for room in rooms]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    style = files("cutaway.views.report").joinpath("style.css").read_text(encoding="utf-8")
    policy = (
        f"default-src 'none'; img-src data:; style-src {content_hash(style)}; base-uri 'none'; "
        "form-action 'none'"
    )
    context: dict[str, Any] = {
        "version": __version__,
        "style": Markup(style),  # noqa: S704 (our own file)
        "policy": Markup(policy),  # noqa: S704 (hashes only)
    }
    with task("Drawing the comparison", len(_PARTS)) as current:
        for part in _PARTS:
            context |= part(comparison)
            current.advance()
    context["sections"] = [named for named in _SECTIONS if context[named[0]] is not None]
    return environment.get_template("comparison.html.j2").render(context)
