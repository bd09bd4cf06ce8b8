"""Pictures as the report holds them: inline SVG that takes the page's colours, and thumbnails."""

import base64
import hashlib
import io
from dataclasses import dataclass, field

import numpy as np
from jaxtyping import UInt8
from markupsafe import Markup
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from PIL import Image

from cutaway.study import Study
from cutaway.views.figures.svg import to_svg

THEME = "inherit"

# Inches of a figure, so that its text has the page's size where it is shown: a third of the page, a
# half, and the whole of it.
CELL, COLUMN, WIDE = 3.3, 4.6, 8.0


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
    """

    svg: Markup
    title: str
    text: str = ""
    quality: tuple[tuple[str, str], ...] = field(default=())
    wide: bool = False
    kind: str = ""


def inline(figure: Figure | Axes, alternative: str) -> Markup:
    """A drawn figure as inline SVG with a text alternative, which no other picture may share."""
    whole = figure if isinstance(figure, Figure) else figure.get_figure(root=True)
    assert isinstance(whole, Figure)
    # Two layers may give equal pictures (dropout after a ReLU), and ids are unique in a page.
    identifier = "p" + hashlib.sha256(alternative.encode()).hexdigest()[:8]
    return Markup(to_svg(whole, title=alternative, identifier=identifier))  # noqa: S704 (to_svg escapes what it writes)


@dataclass(frozen=True)
class Thumbnail:
    """A sample's image with its name and what is said of it."""

    image: str
    alt: str
    title: str
    text: str


def data_uri(image: UInt8[np.ndarray, "height width channels"]) -> str:
    """An image as a lossless data URI."""
    buffer = io.BytesIO()
    pixels = image.squeeze(-1) if image.shape[-1] == 1 else image
    Image.fromarray(pixels).save(buffer, format="webp", lossless=True)
    return "data:image/webp;base64," + base64.b64encode(buffer.getvalue()).decode()


def thumbnails(study: Study, ids: tuple[int, ...]) -> list[Thumbnail]:
    """Thumbnails of samples, with what the network takes them for."""
    return [_thumbnail(study, sample) for sample in ids]


def class_name(study: Study, label: int) -> str:
    """A class's name, or its number."""
    return study.class_names[label] if label < len(study.class_names) else str(label)


def _thumbnail(study: Study, sample: int) -> Thumbnail:
    row = study.samples.iloc[sample]
    predicted = class_name(study, int(row["predicted"]))
    sure = f"{row['confidence']:.0%}"
    if not study.labelled:
        return Thumbnail(data_uri(study.thumbnail(sample)), f"sample {sample}", predicted, sure)
    label = class_name(study, int(row["label"]))
    return Thumbnail(
        data_uri(study.thumbnail(sample)),
        f"sample {sample}: {label}, taken for {predicted}",
        label,
        f"right, {sure} sure" if label == predicted else f"taken for {predicted}, {sure} sure",
    )
