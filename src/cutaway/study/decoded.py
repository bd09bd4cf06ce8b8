"""Images that an autoencoder of a Study draws: of samples, and of places on its map."""

import math

import numpy as np
from jaxtyping import Float32, Int64

from cutaway.errors import InputError
from cutaway.maps.decoding import grid, reconstruct
from cutaway.maps.finished_map import FinishedMap
from cutaway.study.layout import PIXELS
from cutaway.study.study import Study

METHOD = "autoencoder"

Pictures = Float32[np.ndarray, "samples height width channels"]


def reconstructions(study: Study, samples: Int64[np.ndarray, " samples"]) -> tuple[Pictures, ...]:
    """Images of samples, and what the decoder draws at their places; values in [0, 1].

    Raises:
        InputError: The Study holds no map of the pixels by an autoencoder.
    """
    found = reconstruct(_autoencoder(study), np.array(study.features(PIXELS)[samples]))
    return _images(study, found.originals), _images(study, found.redrawn)


def walk(study: Study, size: int = 10) -> Float32[np.ndarray, "rows columns height width channels"]:
    """Images at size × size places over the autoencoder's map, the top row first; in [0, 1].

    Raises:
        InputError: The Study holds no map of the pixels by an autoencoder, or `size` is below 2.
    """
    autoencoder = _autoencoder(study)
    places = study.map(PIXELS, METHOD)[["x", "y"]].to_numpy(dtype=np.float32)
    images = _images(study, grid(autoencoder, places, size).rows)
    return images.reshape(size, size, *images.shape[1:])


def decodes(study: Study) -> bool:
    """Whether the Study holds a map of the pixels by an autoencoder."""
    return (PIXELS, METHOD) in {(row.layer, row.method) for row in study.maps.itertuples()}


def _autoencoder(study: Study) -> FinishedMap:
    if not decodes(study):
        raise InputError(
            "this Study has no map of the pixels by an autoencoder, which alone draws images; "
            "build it with --map autoencoder=pixels"
        )
    return study.finished_map(PIXELS, METHOD)


def _images(study: Study, rows: Float32[np.ndarray, "samples features"]) -> Pictures:
    """Rows of pixel features, channels first and for large images averaged, as images."""
    channels, height, width = study.record["model"]["graph"][0]["shape"]
    if rows.shape[1] != channels * height * width:
        height = width = math.isqrt(rows.shape[1] // channels)
    pictures = rows.reshape(-1, channels, height, width).transpose(0, 2, 3, 1)
    return np.clip(pictures, 0, 1).astype(np.float32)
