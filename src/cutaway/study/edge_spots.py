"""Whether a place at the edge of images gives the class away, and the network goes by it."""

import json
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Bool, Float32, Int64
from torch import Tensor, from_numpy

from cutaway.activations import evaluating
from cutaway.diagnosis.edge_spots import EdgeSpot, edge_spot
from cutaway.diagnosis.layer_geometry import drawn_rows
from cutaway.files import atomic_file
from cutaway.study.arrays import read_array
from cutaway.study.layout import PIXELS, edge_spots_file, features_file
from cutaway.study.plan import Plan
from cutaway.study.stored import read_record

MOST_CHANNELS = 3
LOOKED_AT, PAINTED = 2_000, 128
"""Places are looked at in so many samples of each split, and painted over in so many."""

Rows = Int64[np.ndarray, " rows"]


def write_edge_spots(plan: Plan, folder: Path) -> None:
    """Writes edge_spots.json: by split the place that gives the class away, where there is one.

    Each has row and column in pixels of the images, accuracy and typical as `EdgeSpot` has them,
    and how often the network is right as the images are (right) and with the place painted over
    (painted), in [0, 1].
    """
    found = {}
    if plan.labels is not None and plan.images.channels <= MOST_CHANNELS:
        for split, first, stop in _splits(plan):
            spot = _spot(plan, folder, first, stop)
            if spot is not None:
                found[split] = _record(plan, spot, first, stop)
    with atomic_file(edge_spots_file(folder)) as temporary:
        temporary.write_text(json.dumps(found, indent=1, allow_nan=False), encoding="utf-8")


def read_edge_spots(folder: Path) -> dict[str, Any]:
    """What `write_edge_spots` wrote; nothing where it wrote nothing."""
    file = edge_spots_file(folder)
    return read_record(file) if file.is_file() else {}


def _splits(plan: Plan) -> list[tuple[str, int, int]]:
    own = [(plan.split, 0, plan.studied)]
    others = [(plan.splits[-1], plan.studied, len(plan.images))]
    return own + (others if plan.studied < len(plan.images) else [])


def _spot(plan: Plan, folder: Path, first: int, stop: int) -> EdgeSpot | None:
    rows = first + drawn_rows(stop - first, LOOKED_AT, plan.seed)
    features = read_array(features_file(folder, PIXELS))[rows]
    height, width, channels = plan.images.shape
    if features.shape[1] != height * width * channels:
        height = width = round((features.shape[1] / channels) ** 0.5)
    assert plan.labels is not None
    pixels = np.asarray(features).reshape(len(rows), channels, height, width)
    return edge_spot(pixels, plan.labels[rows])


def _record(plan: Plan, spot: EdgeSpot, first: int, stop: int) -> dict[str, Any]:
    rows = first + np.unique(np.linspace(0, stop - first - 1, PAINTED).astype(np.int64))
    sides = plan.images.shape[:2]
    place = [
        int((at + 0.5) * side / count)
        for at, side, count in zip((spot.row, spot.column), sides, spot.telling.shape, strict=True)
    ]
    return {
        "row": place[0],
        "column": place[1],
        "accuracy": spot.accuracy,
        "typical": spot.typical,
        "right": _right(plan, rows, None),
        "painted": _right(plan, rows, _over(spot.telling, sides)),
    }


def _over(
    telling: Bool[np.ndarray, "rows columns"], sides: tuple[int, ...]
) -> Bool[np.ndarray, "height width"]:
    """The same places in an image of other sides."""
    at = [np.arange(side) * count // side for side, count in zip(sides, telling.shape, strict=True)]
    return telling[np.ix_(*at)]


def _right(plan: Plan, rows: Rows, painted: Bool[np.ndarray, "height width"] | None) -> float:
    images = plan.images.tensor(rows)
    if painted is not None:
        images = _painted(images, painted)
    assert plan.labels is not None
    with evaluating(plan.model, plan.device):
        outputs = plan.model(plan.transform(images).to(plan.device))
    return float((outputs.argmax(dim=1).cpu().numpy() == plan.labels[rows]).mean())


def _painted(
    images: Float32[Tensor, "rows channels height width"],
    places: Bool[np.ndarray, "height width"],
) -> Float32[Tensor, "rows channels height width"]:
    """Images with the mean of each channel of each at some places."""
    means = images.mean(dim=(2, 3), keepdim=True)
    return images.where(~from_numpy(places).to(images.device), means)
