"""Feature maps of kept samples, and which part of the image their positions see."""

import numpy as np
from jaxtyping import Float, Float32, UInt8

from cutaway.errors import InputError
from cutaway.study import Study
from cutaway.study.layout import PIXELS
from cutaway.study.receptive import read_fields

Maps = Float32[np.ndarray, "channels height width"]
Image = UInt8[np.ndarray, "rows columns colours"]
Spans = tuple[Float[np.ndarray, "height 2"], Float[np.ndarray, "width 2"]]
Box = tuple[float, float, float, float]


def map_layers(study: Study) -> list[str]:
    """Layers that put out maps of more than one position, pixels left out."""
    return [
        row.layer
        for row in study.layers.itertuples()
        if row.layer != PIXELS and len(row.shape) == 3 and min(row.shape[1:]) > 1
    ]


def deepest_maps(study: Study) -> str:
    """The last layer of maps of which activations are kept.

    Raises:
        InputError: The network has no layer of maps.
    """
    layers = map_layers(study)
    if not layers:
        raise InputError("the network has no layer of maps (channels, height, width)")
    return layers[-1]


def maps_of(study: Study, layer: str, sample: int) -> Maps:
    """The feature maps of a kept sample.

    Raises:
        InputError: The layer puts out no maps, or is unknown, or the sample was not kept.
    """
    maps = study.activations(layer, sample)
    if maps.ndim != 3:
        raise InputError(f"layer={layer!r} puts out no maps; {map_layers(study)} do")
    return maps


def spans_of(study: Study, layer: str, maps: Maps, image: Image) -> Spans | None:
    """For rows and columns of positions the first pixel seen and the one after the last.

    In pixels of the image, which may be larger than the network's input; None where not known.
    """
    (height, width), fields = read_fields(study.folder)
    field = fields.get(layer)
    if field is None or (len(field.rows), len(field.columns)) != maps.shape[1:]:
        return None
    tall, wide = image.shape[0] / height, image.shape[1] / width
    return field.rows * tall, field.columns * wide


def field_of(
    study: Study, layer: str, point: tuple[int, int], maps: Maps, image: Image
) -> Box | None:
    """Top, left, bottom and right of what a position sees, in pixels of the image, if known.

    Raises:
        InputError: The maps have no such position.
    """
    if not all(0 <= at < side for at, side in zip(point, maps.shape[1:], strict=True)):
        rows, columns = maps.shape[1:]
        raise InputError(
            f"point={point} is no position of {layer}; expected row and column within "
            f"{rows} × {columns}, counted from 0"
        )
    spans = spans_of(study, layer, maps, image)
    if spans is None:
        return None
    (top, bottom), (left, right) = (span[at] for span, at in zip(spans, point, strict=True))
    return float(top), float(left), float(bottom), float(right)
