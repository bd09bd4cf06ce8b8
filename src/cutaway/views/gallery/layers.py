"""Pictures of what becomes of the data from layer to layer."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from cutaway import plot
from cutaway.errors import InputError
from cutaway.study import Study
from cutaway.views.gallery.request import Entry, Request, labels_of

MOST_MAPS = 5
"""So many layers' maps stand under the curves over depth."""


def _separability(request: Request) -> Figure | Axes:
    study = request.study
    measured = {"knn_accuracy", "intrinsic_dimension"} & set(study.layers.columns)
    if not measured:
        raise InputError("separability needs labels of two classes or more; this Study has none")
    maps = {layer: study.map(layer, "pca")[["x", "y"]].to_numpy() for layer in _mapped(study)}
    return plot.separability(study.layers, maps, labels_of(study), **request.named)


def _mapped(study: Study) -> list[str]:
    """Layers with a map by PCA, evenly over depth, the first and the last among them.

    Of layers that can be chosen, those that compute something are taken rather than what follows
    them.
    """
    mapped = study.maps.loc[study.maps["method"] == "pca", "layer"] if len(study.maps) else []
    held = study.layers[study.layers["layer"].isin(mapped)]
    telling = held.iloc[:1].index.union(held.index[held["parameters"] > 0])
    names = held.loc[telling, "layer"].tolist()
    places = np.linspace(0, len(names) - 1, min(MOST_MAPS, len(names))).round().astype(int)
    return [names[place] for place in dict.fromkeys(places.tolist())]


def _cka(request: Request) -> Figure | Axes:
    table = request.study.cka
    if table is None:
        raise InputError("this Study does not compare layers; build it again")
    names = request.study.layers["layer"].tolist()
    matrix = table.pivot(index="layer", columns="other", values="cka").loc[names, names]
    return plot.similarity(matrix.to_numpy(), names, **request.look)


FIGURES = {
    "separability": Entry("Where the classes come apart, over depth", _separability),
    "cka": Entry("How alike the layers are", _cka),
}
