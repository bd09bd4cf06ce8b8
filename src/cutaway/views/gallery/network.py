"""Pictures of the network: its units, filters, feature maps and training."""

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from cutaway import plot
from cutaway.errors import InputError
from cutaway.views.gallery.request import Entry, Request, telling_sample


def _unit_use(request: Request) -> Figure | Axes:
    return plot.unit_use(request.study.layers, **request.look)


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
    return plot.filters(filters[layer], title=request.title(f"Filters of {layer}"), **request.look)


def _feature_maps(request: Request) -> Figure | Axes:
    study = request.study
    sample = telling_sample(study) if request.sample is None else request.sample
    layers = list(study.filters) if request.layer is None else [request.layer]
    maps = {layer: study.activations(layer, sample) for layer in layers}
    return plot.feature_maps(maps, study.image(sample), **request.look)


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
    "filters": Entry("Filters of a convolution (--layer)", _filters),
    "steadiness": Entry("Whether layers act in use as they did in training", _steadiness),
    "feature_maps": Entry("Feature maps of one image at every convolution", _feature_maps),
}
