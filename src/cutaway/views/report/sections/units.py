"""Units: what moves them most, and how much of each layer is in use."""

from typing import Any

import pandas as pd

from cutaway.study import Study
from cutaway.views.gallery.fields import map_layers
from cutaway.views.gallery.units import has_gradients, telling_units
from cutaway.views.report.pictures import MOST_ROWS, Picture, class_name, picture_of

_SHOWN = 2


def units_section(study: Study) -> dict[str, Any]:
    """What the section `units` shows; nothing in a Study that was built before it was measured."""
    if "selectivity" not in study.units:
        return {"units": None}
    return {
        "units": {
            "text": _text(study),
            "layers": _layers(study),
            "folded": len(study.layers) > MOST_ROWS,
            "use": _use(study),
            "pictures": [_images(study, layer) for layer in _shown_layers(study)],
            "gradients": [each for each in (_gradients(study), _history(study)) if each],
        }
    }


def _shown_layers(study: Study) -> list[str]:
    """The first activation function's maps and the last maps: what is simple and what is not."""
    layers = map_layers(study)
    types = dict(zip(study.layers["layer"], study.layers["type"], strict=True))
    first = next((layer for layer in layers if types[layer] == "ReLU"), None) or next(
        iter(layers), None
    )
    chosen = dict.fromkeys(layer for layer in (first, *layers[-1:]) if layer)
    return list(chosen)[:_SHOWN]


def _text(study: Study) -> str:
    units = study.units
    counts = {
        "dead": int(units["dead"].sum()),
        "saturated": int(units["saturated"].sum()),
        "near-constant": int(units.get("near_constant", units["dead"] & False).sum()),
        "copies of another": int((units["duplicate_of"] >= 0).sum()),
    }
    said = ", ".join(f"{count:,} {name}" for name, count in counts.items())
    return f"Of {len(units):,} units, counted at every layer, these say little: {said}."


def _layers(study: Study) -> list[dict[str, Any]]:
    """For each layer how many units say little, and which one tells a class best."""
    rows = []
    for layer, units in study.units.groupby("layer", sort=False):
        counts = [
            len(units),
            units["dead"].sum(),
            units["saturated"].sum(),
            units["near_constant"].sum(),
            (units["duplicate_of"] >= 0).sum(),
        ]
        rows.append(
            {
                "layer": str(layer),
                "counts": [f"{int(count):,}" for count in counts],
                "best": _preference(study, units),
            }
        )
    return rows


def _preference(study: Study, units: pd.DataFrame) -> str:
    """The most selective unit, and the class that it prefers."""
    known = units[units["selective_class"] >= 0]
    if known["selectivity"].isna().all():
        return ""
    best = known.loc[known["selectivity"].idxmax()]
    name = class_name(study, int(best["selective_class"]))
    return f"unit {best['unit']}, {name}: {best['selectivity']:.2f}"


def _use(study: Study) -> Picture:
    title = "How much of each layer is in use"
    text = (
        "Units that say something, then those that do not, by why; and the directions that a "
        "layer's activations fill, as effective rank over width. A layer that fills few could be "
        "smaller."
    )
    return picture_of(study, "unit_use", title, text)


def _images(study: Study, layer: str) -> Picture:
    title = f"What moves units of {layer} most"
    text = "The nine images that each of some units answers most to, and the part of each that did."
    if study.labelled:
        text += (
            " Beside a unit stand the class that it prefers, and how far: 0 for all alike, 1 for "
            "that class alone (Morcos et al. 2018)."
        )
    own = study.units[study.units["layer"] == layer]
    units = tuple(telling_units(own)["unit"].tolist())
    return picture_of(study, "top_images", title, text, layer=layer, units=units)


def _history(study: Study) -> Picture | None:
    if study.history is None or not has_gradients(study.history):
        return None
    title = "Gradients through training"
    text = "At the parameters of each layer, in the last step of each epoch."
    return picture_of(study, "gradient_history", title, text)


def _gradients(study: Study) -> Picture | None:
    if study.gradients is None or study.gradients.empty:
        return None
    title = "The gradient at every layer"
    text = (
        "How strongly the loss pulls at each layer's output, over a few samples. Within the band "
        "it is between a thousandth and a thousand times what it is at the output."
    )
    return picture_of(study, "gradients", title, text)
