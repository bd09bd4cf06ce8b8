"""How data shows itself in a notebook: a few pictures and a small table, all text escaped."""

import base64
import html
import io
from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np
from jaxtyping import UInt8
from PIL import Image

if TYPE_CHECKING:
    from cutaway.data.images import Images
    from cutaway.data.summary import Summary

THUMBNAILS = 8
_SIDE = 64


def images_html(images: "Images") -> str:
    """A set of images as an HTML fragment without scripts."""
    classes = "no labels"
    if images.class_count:
        names = images.class_names or tuple(map(str, range(images.class_count)))
        more = ", ..." if len(names) > 20 else ""
        classes = f"{len(names):,}: {', '.join(names[:20])}{more}"
    rows = [
        ("Data set", images.name + (f" ({images.split})" if images.split else "")),
        ("Images", images.shape_in_words()),
        ("Classes", classes),
        *(("Remark", remark) for remark in images.remarks),
    ]
    return _fragment(thumbnails(images), rows)


def summary_html(summary: "Summary") -> str:
    """A summary as an HTML fragment without scripts."""
    return _fragment(summary.thumbnails, summary.facts())


def thumbnails(images: "Images") -> tuple[str, ...]:
    """Data URIs of a few images, spread evenly over the set."""
    rows = np.unique(np.linspace(0, len(images) - 1, THUMBNAILS).astype(np.int64))
    return tuple(_data_uri(picture) for picture in images.display(rows))


def _data_uri(picture: UInt8[np.ndarray, "height width channels"]) -> str:
    image = Image.fromarray(picture[..., 0] if picture.shape[2] == 1 else picture)
    image.thumbnail((_SIDE, _SIDE))
    buffer = io.BytesIO()
    image.save(buffer, "PNG")
    return "data:image/png;base64," + base64.b64encode(buffer.getvalue()).decode("ascii")


def _fragment(pictures: Iterable[str], rows: Iterable[tuple[str, str]]) -> str:
    # No colour is set: text and background are those of the notebook, light or dark.
    images = "".join(
        f'<img src="{uri}" alt="sample image" width="{_SIDE}" height="{_SIDE}" '
        'style="image-rendering:pixelated;object-fit:contain;margin:2px;display:inline-block">'
        for uri in pictures
    )
    cells = "".join(
        f'<tr><th scope="row" style="text-align:left">{html.escape(name)}</th>'
        f'<td style="text-align:left">{html.escape(value)}</td></tr>'
        for name, value in rows
    )
    return f"<div>{images}<table>{cells}</table></div>"
