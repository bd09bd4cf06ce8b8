"""Where the classes come apart: curves over depth, pixels against the last layer, likeness."""

from typing import Any

import pandas as pd

from cutaway.study import Study
from cutaway.views.report.measures import MEASURES, Measure, in_digits
from cutaway.views.report.pictures import WIDE, Picture, picture_of


def separability_part(study: Study) -> dict[str, Any]:
    """What the section `maps` says of the classes over depth."""
    measured = [one for one in MEASURES if one[0] in study.layers]
    return {
        "separability": _curves(study) if measured else None,
        "separability_text": _text(study.layers),
        "ends": _ends(study.layers, measured) if measured else None,
        "cka": _similarity(study),
    }


def _curves(study: Study) -> Picture:
    title = "From layer to layer"
    text = (
        "Accuracies are those of classifiers that see one layer only. Below: samples by two "
        "principal components of some of the layers."
    )
    return picture_of(study, "separability", title, text)


def _text(layers: pd.DataFrame) -> str:
    if "knn_accuracy" not in layers:
        return ""
    pixels, last = layers.iloc[0], layers.iloc[-1]
    return (
        f"By the pixels alone, ten nearest neighbours name {pixels['knn_accuracy']:.1%} of the "
        f"classes right and a linear probe {pixels['probe_accuracy']:.1%}; by {last['layer']} it "
        f"is {last['knn_accuracy']:.1%} and {last['probe_accuracy']:.1%}."
    )


def _ends(layers: pd.DataFrame, measured: list[Measure]) -> dict[str, Any]:
    """The table of raw pixels against the last layer, and where each measure is at its best."""
    first, last = layers.iloc[0], layers.iloc[-1]
    rows = []
    for column, words, form in measured:
        highest = layers[column].idxmax() if layers[column].notna().any() else None
        best = "–" if highest is None else f"{in_digits(layers[column][highest], form)}"
        where = "" if highest is None else layers["layer"][highest]
        values = (in_digits(first[column], form), in_digits(last[column], form), best)
        rows.append({"name": words, "values": values, "where": where})
    return {"first": first["layer"], "last": last["layer"], "rows": rows}


def _similarity(study: Study) -> Picture | None:
    if study.cka is None:
        return None
    title = "How alike the layers are"
    text = (
        "Centred kernel alignment (CKA) in hundredths: 100 where two layers see the samples alike, "
        "but for a rotation, a shift and a scale; about 0 where one tells nothing of the other."
    )
    return picture_of(study, "cka", title, text, width=WIDE * 0.8, kind="square")
