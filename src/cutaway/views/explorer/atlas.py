"""An atlas of chosen thumbnails, for a page that cannot hold all."""

import io

import numpy as np
from jaxtyping import Int64
from PIL import Image

from cutaway.study import Study
from cutaway.views.explorer.overview import whole_thumbnails
from cutaway.views.explorer.resource import WEBP, Resource


def small_atlas(study: Study, ids: Int64[np.ndarray, " ids"]) -> Resource:
    """One atlas with the tiles of these samples, in their order, in the Study's columns."""
    layout = study.record["thumbnails"]
    tile = int(layout["tile"])
    columns = min(int(layout["columns"]), len(ids))
    rows = -(-len(ids) // int(layout["columns"]))
    canvas = np.zeros((rows * tile, columns * tile, 3), dtype=np.uint8)
    for place, sample in enumerate(ids.tolist()):
        row, column = divmod(place, int(layout["columns"]))
        top, left = row * tile, column * tile
        canvas[top : top + tile, left : left + tile] = study.thumbnail(sample)
    buffer = io.BytesIO()
    lossless = whole_thumbnails(study)
    Image.fromarray(canvas).save(buffer, format="webp", lossless=lossless, quality=85)
    return Resource(buffer.getvalue(), WEBP)
