"""Pictures of the network: its units, filters, feature maps and training."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from cutaway import plot
from cutaway.errors import InputError
from cutaway.views.gallery.fields import field_of, maps_of
from cutaway.views.gallery.request import Entry, Request, require_unit, telling_sample


def _unit_use(request: Request) -> Figure | Axes:
    return plot.unit_use(request.study.layers, request.study.units, **request.look)


def _curves(request: Request) -> Figure | Axes:
    if request.study.history is None:
        raise InputError("curves need the training's history; this Study was built without one")
    return plot.curves(request.study.history, **request.look)


def _filters(request: Request) -> Figure | Axes:
    filters = request.study.filters
    if not filters:
        raise InputError("the network has no convolution, so there are no filters to draw")
    layer = request.layer or next(iter(filters))
    if layer not in filters:
        raise InputError(f"layer={layer!r} has no filters; {list(filters)} have")
    values, title = filters[layer], f"Filters of {layer}"
    if request.unit is not None:
        require_unit(request.unit, len(values), layer)
        values = values[request.unit][:, np.newaxis]
        title = f"Filter {request.unit} of {layer}, by input channel"
    return plot.filters(values, title=request.title(title), **request.look)


def _feature_maps(request: Request) -> Figure | Axes:
    study = request.study
    sample = telling_sample(study) if request.sample is None else request.sample
    layers = list(study.filters) if request.layer is None else [request.layer]
    if len(layers) > 1 and (request.unit is not None or request.point is not None):
        raise InputError(
            f"unit and point are of one layer; say which by layer, such as {layers[-1]!r}"
        )
    maps = {layer: maps_of(study, layer, sample) for layer in layers}
    image, field = study.image(sample), None
    if request.point is not None:
        field = field_of(study, layers[0], request.point, maps[layers[0]], image)
    if request.unit is not None:
        require_unit(request.unit, len(maps[layers[0]]), layers[0])
        maps = {f"{layers[0]}, map {request.unit}": maps[layers[0]][request.unit][np.newaxis]}
    return plot.feature_maps(maps, image, point=request.point, field=field, **request.look)


def _steadiness(request: Request) -> Figure | Axes:
    table = request.study.steadiness
    if table is None:
        raise InputError("this Study does not say how steady layers are; build it again")
    shown = table.dropna(axis="columns", how="all")
    title = request.title("Whether layers act in use as they did in training")
    return plot.steadiness(shown, title=title, **request.look)


FIGURES = {
    "unit_use": Entry("How much of each layer is in use", _unit_use),
    "curves": Entry("Loss and accuracy through training", _curves),
    "filters": Entry("Filters of a convolution", _filters, ("layer", "unit")),
    "steadiness": Entry("Whether layers act in use as they did in training", _steadiness),
    "feature_maps": Entry(
        "Feature maps of one image at every convolution",
        _feature_maps,
        ("layer", "sample", "unit", "point"),
    ),
}
