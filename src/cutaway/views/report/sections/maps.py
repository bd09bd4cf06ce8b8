"""Maps: pixels against the layer before the output, separability over depth, PCA of every layer."""

from typing import Any

import numpy as np

from cutaway import plot
from cutaway.study import Study, decoded
from cutaway.study.layout import PIXELS
from cutaway.views.gallery import METHOD_NAMES
from cutaway.views.report.pictures import (
    CELL,
    THEME,
    WIDE,
    Picture,
    anchor_of,
    inline,
    picture_of,
    shown_first,
)
from cutaway.views.report.sections.separability import separability_part

SHOWN = 24
"""Of more layers the maps of the later ones are folded away."""


def maps_section(study: Study) -> dict[str, Any]:
    """What the section `maps` shows."""
    compared = _compared(study)
    layers = [
        _picture(study, row)
        for row in study.maps.itertuples()
        if row.method == "pca" and row.layer not in compared
    ]
    return {
        "maps": {
            "text": _text(study),
            "compared": [
                {"title": _layer_title(layer), "pictures": _pictures(study, layer)}
                for layer in compared
            ],
            "decoded": _decoded(study),
            **separability_part(study),
            "layers": layers,
            "shown": shown_first(len(layers), SHOWN),
        }
    }


def _compared(study: Study) -> list[str]:
    """Layers with a map that is not PCA; else the pixels and the last but one."""
    several = study.maps.loc[study.maps["method"] != "pca", "layer"].unique().tolist()
    return several or [layer for layer in [PIXELS] if layer in set(study.maps["layer"])]


def _layer_title(layer: str) -> str:
    return "The pixels, before the network" if layer == PIXELS else f"After {layer}"


def _text(study: Study) -> str:
    if not study.labelled:
        return "Colour would show the class; this data has no labels."
    return (
        "Colour and number are the class. Where the colours mix, the classes cannot be told apart "
        "by neighbourhood; a network that works pulls them apart from layer to layer."
    )


def _pictures(study: Study, layer: str) -> list[Picture]:
    return [_picture(study, row) for row in study.maps.itertuples() if row.layer == layer]


def _picture(study: Study, row: Any) -> Picture:
    points = study.map(row.layer, row.method)[["x", "y"]].to_numpy(dtype=np.float32)
    method = METHOD_NAMES[row.method]
    labels = study.samples["label"].to_numpy() if study.labelled else None
    axes = plot.map(points, labels, class_names=study.class_names or None, theme=THEME, width=CELL)
    alternative = (
        f"{method} map of {row.layer}: {len(points):,} samples, trustworthiness "
        f"{row.trustworthiness:.2f}"
    )
    quality: tuple[tuple[str, str], ...] = (
        ("trustworthiness", f"{row.trustworthiness:.3f}"),
        ("continuity", f"{row.continuity:.3f}"),
        ("neighbours kept", f"{row.neighbours_kept:.0%}"),
    )
    components = getattr(row, "components", np.nan)  # only maps that are not of all features say so
    if np.isfinite(components):
        quality += (("measured on", f"{components:.0f} components"),)
    return Picture(
        inline(axes, alternative),
        f"{method} of {row.layer}",
        quality=quality,
        kind="points",
        anchor=f"{anchor_of('map', row.layer)}-{row.method}",
        layer=row.layer,
        method=row.method,
    )


def _decoded(study: Study) -> list[Picture]:
    if not decoded.decodes(study):
        return []
    through = "What of an image is left where two numbers are all that is known of it."
    across = "What the decoder draws at places that cover the middle of the map."
    return [
        picture_of(study, "reconstructions", "Images through the map and back", through),
        picture_of(study, "walk", "A walk over the map", across, width=WIDE * 0.8, kind="square"),
    ]
