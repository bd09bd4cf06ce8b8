"""Pictures of units and filters: what they do, what moves them, where they look; gradients."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from cutaway import plot
from cutaway.errors import InputError
from cutaway.study import Study
from cutaway.study.layout import PIXELS
from cutaway.study.receptive import read_fields
from cutaway.views.gallery.request import Entry, Request, telling_sample

MOST_UNITS = 12


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


def telling_units(units: pd.DataFrame, count: int = MOST_UNITS) -> pd.DataFrame:
    """The most selective units of a layer that are not dead, each class's best first, in order."""
    living = units[~units["dead"]]
    if "selectivity" not in living:
        return living.head(count)
    ranked = living.sort_values("selectivity", ascending=False, kind="stable")
    rank = ranked.groupby("selective_class").cumcount()
    chosen = ranked.assign(rank=rank).sort_values("rank", kind="stable").head(count)
    return chosen.sort_values("unit").drop(columns="rank")


def _top_images(request: Request) -> Figure | Axes:
    study = request.study
    layer = request.layer or deepest_maps(study)
    units = study.units[study.units["layer"] == layer]
    if units.empty:
        raise InputError(f"layer={layer!r} has no units; {list(study.units['layer'].unique())} do")
    chosen = telling_units(units)
    (height, width), _ = read_fields(study.folder)
    images, boxes = [], []
    for row in chosen.itertuples():
        pictures = np.stack([study.thumbnail(int(sample)) for sample in row.top])
        images.append(pictures)
        places = getattr(row, "top_places", ())
        if height and len(places) == 4 * len(row.top):
            scale = np.array([pictures.shape[1] / height, pictures.shape[2] / width] * 2)
            boxes.append(np.reshape(places, (-1, 4)) * scale)
    return plot.top_images(
        images,
        boxes if len(boxes) == len(images) else None,
        names=[f"unit {row.unit}" for row in chosen.itertuples()],
        notes=[_note(study, row) for row in chosen.to_dict("records")],
        title=request.title(f"What moves units of {layer} most"),
        **request.look,
    )


def _note(study: Study, row: dict) -> str:
    label = int(row.get("selective_class", -1))
    if label < 0:
        return ""
    name = study.class_names[label] if label < len(study.class_names) else str(label)
    return f"{name} {row['selectivity']:.2f}"


def _filter_effects(request: Request) -> Figure | Axes:
    study, filters = request.study, request.study.filters
    layer = request.layer or next(iter(filters), "")
    if layer not in filters or "effect" not in study.units:
        raise InputError(
            f"layer={layer!r} has no filters that were named; {list(filters)} have filters"
        )
    effects = study.units.loc[study.units["layer"] == layer, "effect"].tolist()
    title = request.title(f"What the filters of {layer} do")
    return plot.filter_effects(filters[layer], effects, title=title, **request.look)


def _over_image(request: Request) -> Figure | Axes:
    study = request.study
    layer = request.layer or deepest_maps(study)
    sample = telling_sample(study) if request.sample is None else request.sample
    maps, image = study.activations(layer, sample), study.image(sample)
    if maps.ndim != 3:
        raise InputError(f"layer={layer!r} puts out no maps; {map_layers(study)} do")
    (height, width), fields = read_fields(study.folder)
    spans = None
    if layer in fields and (len(fields[layer].rows), len(fields[layer].columns)) == maps.shape[1:]:
        tall, wide = image.shape[0] / height, image.shape[1] / width
        spans = (fields[layer].rows * tall, fields[layer].columns * wide)
    return plot.feature_maps_over_image(
        maps,
        image,
        spans,
        title=request.title(f"Feature maps of {layer} over the image"),
        **request.look,
    )


def _gradients(request: Request) -> Figure | Axes:
    table = request.study.gradients
    if table is None or table.empty:
        raise InputError("this Study holds no gradients; build it again")
    return plot.gradients(table, title=request.title("Gradient at each layer"), **request.look)


def _gradient_history(request: Request) -> Figure | Axes:
    history = request.study.history
    if history is None or not has_gradients(history):
        raise InputError(
            "gradients over training need a history with columns gradient_norm/LAYER, as "
            "`cutaway train` writes it; this Study was built without one"
        )
    return plot.gradient_history(
        history, title=request.title("Gradients through training"), **request.look
    )


def has_gradients(history: pd.DataFrame) -> bool:
    """Whether a training's history holds the gradients of layers."""
    return any(str(name).startswith("gradient_norm/") for name in history)


FIGURES = {
    "filter_effects": Entry("Filters by what they do (--layer)", _filter_effects),
    "top_images": Entry("Images, and parts, that move units most (--layer)", _top_images),
    "feature_maps_over_image": Entry("Deep maps over the image (--layer)", _over_image),
    "gradients": Entry("The gradient at every layer", _gradients),
    "gradient_history": Entry("Each layer's gradient through training", _gradient_history),
}
