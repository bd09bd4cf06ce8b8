"""Pictures as the report holds them: inline SVG that takes the page's colours, and thumbnails."""

import base64
import hashlib
import io
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from jaxtyping import UInt8
from markupsafe import Markup
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from PIL import Image

from cutaway.diagnosis.bidirectional import isolated
from cutaway.files import file_name
from cutaway.study import Study
from cutaway.views.figures.svg import to_svg
from cutaway.views.gallery import draw

THEME = "inherit"

# Inches of a figure, so that its text has the page's size where it is shown: a third of the page, a
# half, and the whole of it.
CELL, COLUMN, WIDE = 3.3, 4.6, 8.0

MOST_ROWS = 40
"""Of more layers, tables and figures with a row each that a section is not for are folded away."""
_FEW = 4


@dataclass(frozen=True)
class Picture:
    """A figure of the report.

    Attributes:
        svg: Inline SVG.
        title: What it shows, also its text alternative.
        text: What to see in it.
        quality: Pairs of name and value printed under it.
        wide: Whether it needs the page's full width.
        kind: "points" or "square", for the style sheet.
        anchor: The id by which links of the page find it, or "".
        layer: The layer that it is of, or "".
        sample: The sample that it is of, or None.
        method: Of a map: how it was made; else "".
        units: Units of the layer that it is of.
    """

    svg: Markup
    title: str
    text: str = ""
    quality: tuple[tuple[str, str], ...] = field(default=())
    wide: bool = False
    kind: str = ""
    anchor: str = ""
    layer: str = ""
    sample: int | None = None
    method: str = ""
    units: tuple[int, ...] = ()


def shown_first(count: int, most: int) -> int:
    """How many pictures of layers to show before the rest is folded away; a few are not worth it.

    Example:
        >>> shown_first(159, 12), shown_first(15, 12)
        (12, 15)
    """
    return count if count <= most + _FEW else most


def picture_of(
    study: Study,
    name: str,
    title: str,
    text: str = "",
    *,
    layer: str = "",
    sample: int | None = None,
    width: float = WIDE,
    kind: str = "",
    units: tuple[int, ...] = (),
) -> Picture:
    """A picture of the gallery as the report shows it, found by its name, layer and sample.

    Args:
        study: An open Study.
        name: A key of `cutaway.views.gallery.FIGURES`.
        title: What it shows; no other picture of the page may have the same.
        text: What to see in it.
        layer: For pictures of one layer.
        sample: For pictures of one sample.
        width: `COLUMN` for half of the page; else it takes the whole of it.
        kind: "square", for the style sheet.
        units: Units of the layer that it is of.
    """
    figure = draw(
        study, name, layer=layer or None, sample=sample, theme=THEME, width=width, titled=False
    )
    return Picture(
        inline(figure, title),
        title,
        text,
        wide=width > COLUMN,
        kind=kind,
        anchor=anchor_of(name, layer, sample),
        layer=layer,
        sample=sample,
        units=units,
    )


def anchor_of(name: str, layer: str = "", sample: int | None = None) -> str:
    """The id of a picture in the page.

    Example:
        >>> anchor_of("filters", "block1.0"), anchor_of("attribution", sample=7)
        ('figure-filters-block1.0', 'figure-attribution-7')
    """
    parts = [name, file_name(layer) if layer else "", "" if sample is None else str(sample)]
    return "-".join(["figure", *[part for part in parts if part]])


def inline(figure: Figure | Axes, alternative: str) -> Markup:
    """A drawn figure as inline SVG with a text alternative, which no other picture may share."""
    whole = figure if isinstance(figure, Figure) else figure.get_figure(root=True)
    assert isinstance(whole, Figure)
    # Two layers may give equal pictures (dropout after a ReLU), and ids are unique in a page.
    identifier = "p" + hashlib.sha256(alternative.encode()).hexdigest()[:8]
    return Markup(to_svg(whole, title=alternative, identifier=identifier))  # noqa: S704 (to_svg escapes what it writes)


@dataclass(frozen=True)
class Thumbnail:
    """A sample's image with its name and what is said of it, line by line."""

    image: str
    alt: str
    title: str
    text: str
    sample: int
    note: str = ""


def data_uri(image: UInt8[np.ndarray, "height width channels"]) -> str:
    """An image as a lossless data URI."""
    buffer = io.BytesIO()
    pixels = image.squeeze(-1) if image.shape[-1] == 1 else image
    Image.fromarray(pixels).save(buffer, format="webp", lossless=True)
    return "data:image/webp;base64," + base64.b64encode(buffer.getvalue()).decode()


def thumbnails(study: Study, ids: tuple[int, ...], *, measured: bool = False) -> list[Thumbnail]:
    """Thumbnails of samples, with what the network takes them for.

    Args:
        study: An open Study.
        ids: Of the samples.
        measured: Whether margin and entropy are told as well.
    """
    return [_thumbnail(study, sample, measured=measured) for sample in ids]


def class_name(study: Study, label: int) -> str:
    """A class's name for a sentence, or its number."""
    return isolated(study.class_names[label]) if label < len(study.class_names) else str(label)


def _thumbnail(study: Study, sample: int, *, measured: bool) -> Thumbnail:
    row = study.samples.iloc[sample]
    predicted = class_name(study, int(row["predicted"]))
    sure = f"{row['confidence']:.0%} sure"
    image, alt, title, text = data_uri(study.thumbnail(sample)), f"sample {sample}", predicted, sure
    if study.labelled:
        title = class_name(study, int(row["label"]))
        alt += f": {title}, taken for {predicted}"
        text = f"right, {sure}" if title == predicted else f"taken for {predicted}, {sure}"
    note = _measures(row) if measured else ""
    return Thumbnail(image, alt, title, text, sample, note)


def _measures(row: pd.Series) -> str:
    words = [f"margin {row['margin']:.2f}"]
    if "entropy" in row:
        words.append(f"{row['entropy']:.2f} nats")
    return ", ".join(words)
