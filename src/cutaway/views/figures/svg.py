"""Figures as files and as SVG that stands within a page."""

import hashlib
import os
import re
import warnings
from base64 import b64decode, b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from typing import Any
from xml.etree import ElementTree as ET

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.text import Text
from PIL import Image

from cutaway.errors import InputError
from cutaway.files import atomic_file
from cutaway.views.figures.canvas import PNG_RUNS
from cutaway.views.figures.names import Number, plain
from cutaway.views.figures.theme import HALO_POINTS, INK_SENTINEL, PAPER_SENTINEL, Halo

FONTS = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif"
_RASTER_DPI = 216
_PNG_HEADER = "data:image/png;base64,"
_HALO = "halo"
_SVG = "http://www.w3.org/2000/svg"
_LINK = "{http://www.w3.org/1999/xlink}href"
_REFERENCE = re.compile(r"url\(#([^)]+)\)")
# "font: bold 8px 'DejaVu Sans', ..." is no presentation attribute, its parts are.
_FONT = re.compile(r"^(?P<words>.*?)(?P<size>[\d.]+)px")
_PAGE_COLOURS = {INK_SENTINEL: "currentColor", PAPER_SENTINEL: "var(--paper, Canvas)"}


def to_svg(figure: Figure | Axes, title: str | None = None, identifier: str | None = None) -> str:
    """A figure as one `<svg>` element to write into an HTML page.

    It fills the width of what holds it, takes the page's text colour where its theme is "inherit",
    keeps text as text in the system's font, and holds neither style sheets, scripts nor references
    to anything outside, so that it stands under the strictest Content-Security-Policy. Points of
    scatter plots are one image of three pixels a point (216 dpi). Equal figures give equal text.

    Args:
        figure: A figure, or axes of it.
        title: What the figure shows, for screen readers; the figure's own label by default.
        identifier: Begins every id inside; needed only where one page holds equal figures.

    Example:
        >>> svg = to_svg(Figure(), title="Nothing <yet>")
        >>> svg.startswith("<svg "), 'aria-label="Nothing &lt;yet&gt;"' in svg
        (True, True)
    """
    whole = _whole(figure)
    words = plain(title or whole.get_label() or "Figure")
    root = ET.fromstring(_drawn(whole))  # noqa: S314 (what matplotlib has just written, not a file)
    _take_out(root)
    _style_by_attributes(root)
    _shrink_images(root)
    salt = identifier or f"f{hashlib.sha256(ET.tostring(root)).hexdigest()[:8]}"
    _rename_ids(root, salt)
    root.attrib = {
        "xmlns": _SVG,
        "viewBox": root.attrib["viewBox"],
        "width": "100%",
        "role": "img",
        "aria-label": words,
        "font-family": FONTS,
        "stroke-linejoin": "round",
        "stroke-linecap": "butt",
    }
    name = ET.Element("title")
    name.text = words
    root.insert(0, name)
    return ET.tostring(root, encoding="unicode")


def to_png(figure: Figure | Axes, path: str | os.PathLike[str], dpi: Number = 200) -> None:
    """Writes a figure as PNG, whole or not at all.

    Args:
        figure: A figure, or axes of it.
        path: File to write; one that exists is replaced.
        dpi: Pixels an inch.

    Raises:
        InputError: The folder does not exist or cannot be written, or dpi is out of range.
    """
    if not 10 <= dpi <= 1200:
        raise InputError(f"dpi={dpi} cannot be drawn; expected 10 to 1200 pixels an inch")
    whole = _whole(figure)
    picture = _lossless(_pixels(whole, dpi))
    with atomic_file(path) as temporary:
        picture.save(temporary, format="png", dpi=(dpi, dpi), compress_type=PNG_RUNS)


def _pixels(figure: Figure, dpi: Number) -> Image.Image:
    buffer = BytesIO()
    with _any_script():
        figure.savefig(buffer, format="rgba", dpi=dpi)
    width, height = (int(side * dpi) for side in figure.get_size_inches())
    return Image.frombuffer("RGBA", (width, height), buffer.getvalue())


def _lossless(picture: Image.Image) -> Image.Image:
    """The same pixels without opacity, or in grey, where nothing is lost by it."""
    pixels = np.asarray(picture)
    if pixels[..., 3].min(initial=255) < 255:
        return picture
    if np.array_equal(pixels[..., 0], pixels[..., 1]) and np.array_equal(
        pixels[..., 1], pixels[..., 2]
    ):
        return picture.getchannel("R")
    return picture.convert("RGB")


def _whole(figure: Figure | Axes) -> Figure:
    if isinstance(figure, Axes):
        found = figure.get_figure(root=True)
        assert found is not None
        return found
    return figure


@contextmanager
def _any_script() -> Iterator[None]:
    """Characters that no installed font has are drawn as boxes; that is worth no warning each."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph .* missing from")
        yield


def _drawn(figure: Figure) -> bytes:
    buffer = BytesIO()
    settings: dict[Any, Any] = {
        "svg.fonttype": "none",
        "svg.hashsalt": "cutaway",
        "svg.image_inline": True,
        "image.composite_image": False,
        "path.simplify": True,
    }
    nothing = dict.fromkeys(("Creator", "Date", "Format", "Type"))
    with mpl.rc_context(settings), _any_script(), _marked_halos(figure):
        figure.savefig(buffer, format="svg", dpi=_RASTER_DPI, metadata=nothing)
    return buffer.getvalue()


@contextmanager
def _marked_halos(figure: Figure) -> Iterator[None]:
    """Takes halos off texts, which would make them outlines, and marks them to get one later."""
    haloed = [
        (text, effect)
        for text in figure.findobj(Text)
        if isinstance(text, Text)
        for effect in text.get_path_effects()
        if isinstance(effect, Halo)
    ]
    try:
        for index, (text, effect) in enumerate(haloed):
            text.set_gid(f"{_HALO}-{index}-{effect.colour.removeprefix('#')}")
            text.set_path_effects([])
        yield
    finally:
        for text, effect in haloed:
            text.set_gid(None)
            text.set_path_effects([effect])


def _take_out(root: ET.Element) -> None:
    """Drops metadata and style sheets (which would apply to the whole page), and indentation."""
    for parent in list(root.iter()):
        for child in list(parent):
            if child.tag.rpartition("}")[2] in {"metadata", "style"}:
                parent.remove(child)
        parent.tag = parent.tag.rpartition("}")[2]
        if parent.tag != "text":
            parent.text = (parent.text or "").strip() or None
        parent.tail = None
        if parent.get("transform", "").startswith("rotate(-0 "):
            del parent.attrib["transform"]
        if _LINK in parent.attrib:
            parent.set("href", parent.attrib.pop(_LINK))


def _style_by_attributes(root: ET.Element) -> None:
    for element in root.iter():
        for declaration in element.attrib.pop("style", "").split(";"):
            name, _, value = (part.strip() for part in declaration.partition(":"))
            if name == "font":
                _set_font(element, value)
            elif name and name != "font-family":
                element.set(name, _PAGE_COLOURS.get(value, value))
        for name in ("fill", "stroke"):
            if element.get(name) in _PAGE_COLOURS:
                element.set(name, _PAGE_COLOURS[element.attrib[name]])
        identifier = element.get("id", "")
        if identifier.startswith(f"{_HALO}-"):
            _set_halo(element, f"#{identifier.rpartition('-')[2]}")


def _set_font(element: ET.Element, value: str) -> None:
    parts = _FONT.match(value)
    assert parts is not None
    element.set("font-size", parts["size"])
    words = parts["words"].split()
    weight = next((word for word in words if word in {"bold", "600", "700"}), None)
    if weight:
        element.set("font-weight", "600")
    if "italic" in words:
        element.set("font-style", "italic")


def _set_halo(group: ET.Element, colour: str) -> None:
    for text in group.iter("text"):
        text.set("stroke", _PAGE_COLOURS.get(colour, colour))
        text.set("stroke-width", f"{HALO_POINTS:g}")
        text.set("paint-order", "stroke")


def _shrink_images(root: ET.Element) -> None:
    for image in root.iter("image"):
        link = image.get("href", "")
        # matplotlib marks images that keep their own pixels; the others are rasterized points.
        points = "image-rendering" not in image.attrib
        if link.startswith(_PNG_HEADER):
            small = _smaller_png(b64decode(link.removeprefix(_PNG_HEADER)), points)
            image.set("href", _PNG_HEADER + b64encode(small).decode("ascii"))


def _smaller_png(png: bytes, points: bool) -> bytes:
    """The same picture in fewer bytes.

    Opacity and colour are left out where nothing is lost by it; points get 256 colours.
    """
    with Image.open(BytesIO(png)) as opened:
        picture = opened.convert("RGBA")
    candidate = _lossless(picture)
    if points:
        method, dither = Image.Quantize.FASTOCTREE, Image.Dither.NONE
        candidate = picture.quantize(256, method=method, dither=dither)
    buffer = BytesIO()
    candidate.save(buffer, format="png", compress_level=9)
    return min(buffer.getvalue(), png, key=len)


def _rename_ids(root: ET.Element, salt: str) -> None:
    """Keeps the ids that something refers to, short and unlike those of other figures."""
    used: dict[str, str] = {}
    for element in root.iter():
        for name, value in element.attrib.items():
            if name == "href" and value.startswith("#"):
                used.setdefault(value[1:], f"{salt}-{len(used)}")
            elif name != "aria-label" and (reference := _REFERENCE.search(value)):
                used.setdefault(reference[1], f"{salt}-{len(used)}")
    for element in root.iter():
        for name, value in list(element.attrib.items()):
            if name == "id":
                if value in used:
                    element.set(name, used[value])
                else:
                    del element.attrib[name]
            elif name == "href" and value.startswith("#"):
                element.set(name, f"#{used[value[1:]]}")
            else:
                element.set(name, _REFERENCE.sub(lambda found: f"url(#{used[found[1]]})", value))
