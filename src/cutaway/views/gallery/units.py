"""Pictures of units and filters: what they do, what moves them, where they look; gradients."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from cutaway import plot
from cutaway.errors import InputError
from cutaway.study import Study
from cutaway.study.receptive import read_fields
from cutaway.views.gallery.fields import deepest_maps, maps_of, spans_of
from cutaway.views.gallery.request import Entry, Request, require_unit, telling_sample

MOST_UNITS = 12


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
    if request.unit is not None:
        require_unit(request.unit, len(units), layer)
        chosen = units[units["unit"] == request.unit]
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
    maps, image = maps_of(study, layer, sample), study.image(sample)
    if request.unit is not None:
        require_unit(request.unit, len(maps), layer)
    return plot.feature_maps_over_image(
        maps,
        image,
        spans_of(study, layer, maps, image),
        channels=None if request.unit is None else [request.unit],
        point=request.point,
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
    "filter_effects": Entry("Filters by what they do", _filter_effects, ("layer",)),
    "top_images": Entry("Images, and parts, that move units most", _top_images, ("layer", "unit")),
    "feature_maps_over_image": Entry(
        "Deep maps over the image", _over_image, ("layer", "sample", "unit", "point")
    ),
    "gradients": Entry("The gradient at every layer", _gradients),
    "gradient_history": Entry("Each layer's gradient through training", _gradient_history),
}
