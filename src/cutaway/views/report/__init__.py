"""A Study as one HTML file that opens offline and reads without scripts."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from cutaway import __version__
from cutaway.progress import task
from cutaway.study import Study
from cutaway.views.explorer.bundle import content_hash, find_bundle
from cutaway.views.explorer.embedded import LARGEST, embed
from cutaway.views.report import sections
from cutaway.views.report.chosen import Patterns, with_maps
from cutaway.views.report.page import environment, style_sheet, write_page

__all__ = ["render_report", "write_report"]

_SECTIONS = (
    ("explorer", "Explorer"),
    ("data", "Data"),
    ("maps", "Maps"),
    ("clusters", "Clusters"),
    ("network", "Network"),
    ("filters", "Filters"),
    ("feature-maps", "Feature maps"),
    ("units", "Units"),
    ("unit-images", "What units want"),
    ("predictions", "Predictions"),
    ("cues", "Detail or shape"),
    ("attribution", "Attribution"),
    ("robustness", "Robustness"),
    ("findings", "Findings"),
)


def write_report(
    study: Study,
    path: str | os.PathLike[str],
    *,
    layers: Patterns = None,
    methods: Patterns = None,
) -> Path:
    """Writes a Study as one HTML file; returns its path.

    The file asks for nothing from outside itself, follows the reader's light or dark setting, and
    reads on a phone.

    Args:
        study: The Study.
        path: The file to write.
        layers: Layers whose maps go in, by name or by a pattern such as "conv*"; None means all.
        methods: Methods whose maps go in, such as "umap"; None means all.

    Raises:
        InputError: The folder does not exist or cannot be written, `path` is a folder, or no map is
            of a layer or by a method that is named.
    """
    chosen, left_out = with_maps(study, layers, methods)
    return write_page(path, lambda: render_report(chosen, left_out))


def render_report(study: Study, left_out: Sequence[str] = ()) -> str:
    """The report's HTML; every text of the Study is escaped.

    Args:
        study: The Study.
        left_out: A sentence for each thing that it leaves out by choice.
    """
    from markupsafe import Markup

    style = style_sheet()
    context: dict[str, Any] = {
        "version": __version__,
        "style": Markup(style),  # noqa: S704 (our own file)
        "left_out": left_out,
    }
    with task("Drawing the report", len(_SECTIONS) + 1) as current:
        for part in sections.PARTS:
            context |= part(study)
            current.advance()
        context |= _explorer(study, style)
    context["sections"] = [named for named in _SECTIONS if context[_key(named)] is not None]
    context["anchors"] = {"made", "decided", *(anchor for anchor, _ in context["sections"])}
    context["anchors"] |= sections.anchors_in(context)
    page = environment().get_template("report.html.j2").render(context)
    if context["explorer"] is None:
        return page
    # What the page weighs without its resources says how many of them there is room for.
    return page.replace(_RESOURCES, embed(study, LARGEST - len(page.encode()), left_out), 1)


_RESOURCES = "<!-- the resources of the explorer -->"


def _explorer(study: Study, style: str) -> dict[str, Any]:
    """The front end, and the policy that lets it and our style sheets in, and nothing else."""
    from markupsafe import Markup

    bundle = find_bundle()
    styles, scripts = content_hash(style), ""
    explorer = None
    if bundle is not None:
        styles += f" {content_hash(bundle.inline_style)}"
        scripts = f" script-src {content_hash(bundle.inline_script)};"
        explorer = {
            "style": Markup(bundle.inline_style),  # noqa: S704 (built from our own sources)
            "script": Markup(bundle.inline_script),  # noqa: S704 (built from our own sources)
            "resources": Markup(_RESOURCES),  # noqa: S704 (a comment of ours)
            "samples": f"{len(study.samples):,}",
        }
    policy = (
        f"default-src 'none'; img-src data: blob:; style-src {styles};{scripts} "
        "base-uri 'none'; form-action 'none'"
    )
    return {"explorer": explorer, "policy": Markup(policy)}  # noqa: S704 (hashes only)


def _key(section: tuple[str, str]) -> str:
    """The name under which the template finds a section; what a Study lacks is None there."""
    return section[0].replace("-", "_")
