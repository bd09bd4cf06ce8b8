"""Resources that are pictures."""

import io

import numpy as np
from PIL import Image

from cutaway.study import Study
from cutaway.views.explorer.resource import PNG, WEBP, AbsentError, Resource


def thumbnails(study: Study, number: int) -> Resource:
    """One atlas as it lies in the Study."""
    file = study.folder / "thumbnails" / f"{number}.webp"
    if not file.is_file():
        raise AbsentError(f"There is no atlas {number} of thumbnails.")
    return Resource(file.read_bytes(), WEBP)


def png(image: np.ndarray) -> Resource:
    """An image, uint8 (height, width, channels), as PNG."""
    pixels = image.squeeze(-1) if image.ndim == 3 and image.shape[-1] == 1 else image
    buffer = io.BytesIO()
    Image.fromarray(np.ascontiguousarray(pixels)).save(buffer, format="png", compress_level=3)
    return Resource(buffer.getvalue(), PNG)
