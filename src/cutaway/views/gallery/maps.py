"""Pictures of maps, of their clusters and of what they decode to."""

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from cutaway import plot
from cutaway.errors import InputError
from cutaway.study import decoded
from cutaway.study.layout import PIXELS
from cutaway.views.gallery.request import METHOD_NAMES, Entry, Request, labels_of

_DECODED = 12


def _map(request: Request) -> Figure | Axes:
    study, layer = request.study, request.layer or PIXELS
    methods = [row.method for row in study.maps.itertuples() if row.layer == layer]
    if not methods:
        raise InputError(
            f"layer={layer!r} has no map in this Study; {sorted(set(study.maps['layer']))} have"
        )
    embeddings = {
        METHOD_NAMES[method]: study.map(layer, method)[["x", "y"]].to_numpy() for method in methods
    }
    return plot.maps(
        embeddings,
        labels_of(study),
        title=request.title(layer),
        **request.named,
    )


def _clusters(request: Request) -> Figure | Axes:
    study = request.study
    held = {record["layer"]: record for record in study.cluster_comparisons}
    if not held:
        raise InputError(
            "clusters are compared on maps by t-SNE or UMAP, and this Study has none; "
            'build it with one, such as --map tsne="pixels"'
        )
    layer = request.layer or next(iter(held))
    table = study.clusters(layer)
    shown, labels = table["id"].to_numpy(), labels_of(study)
    places = study.map(layer, held[layer]["method"])[["x", "y"]].to_numpy()[shown]
    groupings = {name: table[name].to_numpy() for name in table.columns[1:]}
    method = METHOD_NAMES[held[layer]["method"]]
    return plot.clusters(
        places,
        groupings,
        None if labels is None else labels[shown],
        notes=_agreements(held[layer]),
        title=request.title(f"Clusters of {layer}, on its {method} map"),
        **request.named,
    )


def _agreements(record: dict[str, Any]) -> dict[str, str]:
    """What is written under each grouping: how many clusters, and how like the classes."""
    notes = {}
    for name, found in record["groupings"].items():
        notes[name] = f"{found['clusters']} clusters"
        if found["noise"]:
            notes[name] += f", {found['noise']:.0%} in none"
        if found["ari"] is not None:
            notes[name] += f"\nARI {found['ari']:.2f} with the classes"
    return notes


def _reconstructions(request: Request) -> Figure | Axes:
    study = request.study
    shown = study.studied["id"].to_numpy()
    if study.labelled:
        shown = study.studied.groupby("label")["id"].first().to_numpy()
    return plot.reconstructions(
        *decoded.reconstructions(study, shown[:_DECODED].astype(np.int64)),
        title=request.title("Images through the two numbers of the autoencoder's map"),
        **request.look,
    )


def _walk(request: Request) -> Figure | Axes:
    return plot.map_walk(
        decoded.walk(request.study),
        title=request.title("What the autoencoder draws across its map"),
        **request.look,
    )


def _layer_maps(request: Request) -> Figure | Axes:
    study = request.study
    embeddings: dict[str, dict[str, np.ndarray]] = {}
    for row in study.maps.itertuples():
        points = study.map(row.layer, row.method)[["x", "y"]].to_numpy()
        embeddings.setdefault(row.layer, {})[METHOD_NAMES[row.method]] = points
    return plot.layer_maps(embeddings, labels_of(study), **request.named)


FIGURES = {
    "map": Entry("Maps of one layer side by side", _map, ("layer",)),
    "clusters": Entry("Clusters of the features and of the map", _clusters, ("layer",)),
    "reconstructions": Entry("Images and what the autoencoder makes of them", _reconstructions),
    "walk": Entry("What the autoencoder draws at places of its map", _walk),
    "layer_maps": Entry("Every map of every layer", _layer_maps),
}
