"""Pictures of what units want to see."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from cutaway import plot
from cutaway.errors import InputError
from cutaway.study import Study
from cutaway.study.wanted import layers_with_unit_images, unit_images_of
from cutaway.views.gallery.request import Entry, Request


def _unit_images(request: Request) -> Figure | Axes:
    study = request.study
    held = layers_with_unit_images(study)
    layer = request.layer or next(reversed(held), "")
    images = unit_images_of(study, layer)
    units = held[layer]["units"]
    if request.unit is not None:
        if request.unit not in units:
            raise InputError(f"unit={request.unit} of {layer} has no image; units {units} have")
        images, units = images[[units.index(request.unit)]], [request.unit]
    return plot.unit_images(
        images,
        unit_names(study, layer, units),
        _strongest(study, layer, units),
        title=request.title(f"What units of {layer} want to see, and what moves them most"),
        **request.look,
    )


def unit_names(study: Study, layer: str, units: list[int]) -> list[str]:
    """Numbers of units; names of classes at the output."""
    last = study.layers["layer"].iloc[-1] == layer
    if last and study.class_names and study.outputs.shape[1] == len(study.class_names):
        return [study.class_names[unit] for unit in units]
    return [str(unit) for unit in units]


def _strongest(study: Study, layer: str, units: list[int]) -> np.ndarray | None:
    """The thumbnail of the sample that moves each unit most."""
    top = study.units[study.units["layer"] == layer].set_index("unit")["top"]
    if any(unit not in top.index or not len(top[unit]) for unit in units):
        return None
    return np.stack([study.thumbnail(int(top[unit][0])) for unit in units])


FIGURES = {
    "unit_images": Entry("What units of a layer want to see", _unit_images, ("layer", "unit")),
}
