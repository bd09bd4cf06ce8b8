"""Two Studies side by side as one HTML file that opens offline, in the look of the report."""

import os
from pathlib import Path
from typing import Any

from cutaway import __version__
from cutaway.progress import task
from cutaway.study.comparison import Comparison
from cutaway.views.comparison import layers, maps, overview, predictions
from cutaway.views.explorer.bundle import content_hash
from cutaway.views.report.page import environment, style_sheet, write_page

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
    return write_page(path, lambda: render_comparison(comparison))


def render_comparison(comparison: Comparison) -> str:
    """The page's HTML; every text of the Studies is escaped."""
    from markupsafe import Markup

    style = style_sheet()
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
    return (
        environment("cutaway.views.comparison").get_template("comparison.html.j2").render(context)
    )
