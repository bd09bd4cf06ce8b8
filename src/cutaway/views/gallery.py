"""The pictures of a Study by name: what `cutaway figure` draws and the report is made of."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from cutaway import plot
from cutaway.diagnosis import confusion_counts, notable_samples
from cutaway.errors import InputError
from cutaway.files import atomic_file
from cutaway.study import Study, decoded
from cutaway.study.layout import PIXELS
from cutaway.views.figures.canvas import PAGE

METHOD_NAMES = {"pca": "PCA", "tsne": "t-SNE", "umap": "UMAP", "autoencoder": "autoencoder"}
FORMATS = (".png", ".svg", ".pdf")
MOST_TWINS = 60
_DPI = 200
_DECODED = 12


@dataclass(frozen=True)
class Request:
    """What to draw a picture of: a Study, and where it matters a layer or a sample."""

    study: Study
    layer: str | None = None
    sample: int | None = None
    theme: str = "light"
    width: float = PAGE
    titled: bool = True

    @property
    def look(self) -> dict[str, Any]:
        """What every figure function takes."""
        return {"theme": self.theme, "width": self.width}

    @property
    def named(self) -> dict[str, Any]:
        """What figures that name classes take."""
        return {"class_names": self.study.class_names or None, **self.look}

    def title(self, text: str) -> str | None:
        """The figure's title, unless what surrounds it says so already."""
        return text if self.titled else None


@dataclass(frozen=True)
class Entry:
    """A picture that can be asked for by name."""

    title: str
    draw: Callable[[Request], Figure | Axes]


def draw(
    study: Study,
    name: str,
    *,
    layer: str | None = None,
    sample: int | None = None,
    theme: str = "light",
    width: float = PAGE,
    titled: bool = True,
) -> Figure:
    """Draws one picture of a Study.

    Args:
        study: An open Study.
        name: A key of `FIGURES`.
        layer: For pictures of one layer; by default all, or the telling one.
        sample: For pictures of one sample: the id of one that was kept.
        theme: "light", "dark" or "inherit".
        width: Inches.
        titled: Whether the figure names what it shows.

    Raises:
        InputError: There is no such picture, layer or sample, or the Study lacks what it needs.
    """
    if name not in FIGURES:
        raise InputError(f"figure {name!r} is not known; expected one of {sorted(FIGURES)}")
    drawn = FIGURES[name].draw(Request(study, layer, sample, theme, width, titled))
    return figure_of(drawn)


def write(figure: Figure, path: str | os.PathLike[str]) -> Path:
    """Writes a figure as PNG, SVG or PDF, whole or not at all; returns its path.

    Raises:
        InputError: The format is another, or the folder cannot be written.
    """
    target = Path(path)
    if target.suffix not in FORMATS:
        raise InputError(f"output {str(path)!r} is no picture file; expected one of {FORMATS}")
    with atomic_file(target) as temporary:
        if target.suffix == ".svg":
            temporary.write_text(plot.to_svg(figure), encoding="utf-8")
        else:
            figure.savefig(temporary, format=target.suffix[1:], dpi=_DPI)
    return target


def telling_sample(study: Study) -> int:
    """The sample to show feature maps of: the surest right prediction that was kept."""
    if not study.labelled:
        return study.kept[0]
    right = notable_samples(study.studied.reset_index(drop=True)).surest_right
    return next((sample for sample in right if sample in study.kept), study.kept[0])


def figure_of(drawn: Figure | Axes) -> Figure:
    """The figure that was drawn, also where its axes were returned."""
    if isinstance(drawn, Figure):
        return drawn
    figure = drawn.get_figure(root=True)
    assert isinstance(figure, Figure)
    return figure


def _labels(study: Study) -> np.ndarray | None:
    return study.samples["label"].to_numpy() if study.labelled else None


def _samples(request: Request) -> Figure | Axes:
    study = request.study
    shown = study.studied["id"].to_numpy()
    labels = _labels(study)
    if labels is not None:
        rank = study.studied.groupby("label").cumcount().to_numpy()
        shown = shown[rank < 20]
    else:
        shown = shown[:200]
    return plot.samples(
        np.stack([study.thumbnail(int(sample)) for sample in shown]),
        labels=None if labels is None else labels[shown],
        **request.named,
    )


def _image(request: Request) -> Figure | Axes:
    sample = telling_sample(request.study) if request.sample is None else request.sample
    return plot.image_structure(request.study.image(sample), **request.look)


def _class_balance(request: Request) -> Figure | Axes:
    study = _need_labels(request, "class_balance")
    counts = np.bincount(study.studied["label"], minlength=len(study.class_names))
    return plot.class_balance(counts, **request.named)


def _mean_images(request: Request) -> Figure | Axes:
    means = request.study.mean_images
    if means is None:
        raise InputError("this Study holds no mean images; build it again")
    return plot.mean_images(means, **request.named)


def _near_duplicates(request: Request) -> Figure | Axes:
    pairs = request.study.twins(shared=False)
    if not pairs:
        raise InputError("figure 'near_duplicates' has nothing to show: no image resembles another")
    return _twins(request, pairs, ("image", "near copy"))


def _shared(request: Request) -> Figure | Axes:
    pairs = request.study.twins(shared=True)
    if not pairs:
        raise InputError("figure 'shared' has nothing to show: data and reference share no image")
    splits = request.study.samples["split"]
    return _twins(request, pairs, (str(splits[pairs[0][0]]), str(splits[pairs[0][1]])))


def _twins(request: Request, pairs: list[tuple[int, int]], names: tuple[str, str]) -> Figure | Axes:
    rows = [
        np.stack([request.study.thumbnail(pair[side]) for pair in pairs[:MOST_TWINS]])
        for side in (0, 1)
    ]
    return plot.twins(rows[0], rows[1], names, **request.look)


def _complexity(request: Request) -> Figure | Axes:
    found = request.study.complexity
    if found is None or not found["scores"]:
        raise InputError(
            "figure 'complexity' needs 40 labelled images of two classes or more; "
            "this Study has fewer"
        )
    return plot.complexity(found, **request.look)


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
        _labels(study),
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
    shown, labels = table["id"].to_numpy(), _labels(study)
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
    return plot.layer_maps(embeddings, _labels(study), **request.named)


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


def vectors(study: Study, sample: int) -> dict[str, np.ndarray]:
    """A kept sample's activations at every fully connected layer."""
    return {
        row.layer: study.activations(row.layer, sample)
        for row in study.layers.itertuples()
        if row.type == "Linear" and len(row.shape) == 1
    }


def _activations(request: Request) -> Figure | Axes:
    study = request.study
    sample = telling_sample(study) if request.sample is None else request.sample
    row = study.samples.iloc[sample]
    return plot.activations(
        vectors(study, sample),
        predicted=int(row["predicted"]),
        label=int(row["label"]) if study.labelled else None,
        logits=np.array(study.outputs[sample]),
        image=study.image(sample),
        **request.named,
    )


def _confusion(request: Request) -> Figure | Axes:
    study = _need_labels(request, "confusion")
    studied = study.studied
    counts = confusion_counts(
        studied["label"].to_numpy(), studied["predicted"].to_numpy(), study.outputs.shape[1]
    )
    return plot.confusion(counts, **request.named)


def _separability(request: Request) -> Figure | Axes:
    if "knn_accuracy" not in request.study.layers:
        raise InputError("separability needs labels of two classes or more; this Study has none")
    return plot.separability(request.study.layers, **request.look)


def _curves(request: Request) -> Figure | Axes:
    if request.study.history is None:
        raise InputError("curves need the training's history; this Study was built without one")
    return plot.curves(request.study.history, **request.look)


def _unit_use(request: Request) -> Figure | Axes:
    return plot.unit_use(request.study.layers, **request.look)


def _need_labels(request: Request, name: str) -> Study:
    if not request.study.labelled:
        raise InputError(f"figure {name!r} needs labels; the data of this Study has none")
    return request.study


FIGURES = {
    "samples": Entry("Sample images, class by class", _samples),
    "image": Entry("One image up close: pixels, channels, histogram", _image),
    "class_balance": Entry("How many samples each class has", _class_balance),
    "mean_images": Entry("The mean image of each class", _mean_images),
    "near_duplicates": Entry("Images that are nearly the same", _near_duplicates),
    "shared": Entry("Images that data and reference share", _shared),
    "complexity": Entry("How far simple classifiers come with the data", _complexity),
    "map": Entry("Maps of one layer side by side (--layer)", _map),
    "clusters": Entry("Clusters of the features and of the map (--layer)", _clusters),
    "reconstructions": Entry("Images and what the autoencoder makes of them", _reconstructions),
    "walk": Entry("What the autoencoder draws at places of its map", _walk),
    "layer_maps": Entry("Every map of every layer", _layer_maps),
    "separability": Entry("Where the classes come apart, over depth", _separability),
    "unit_use": Entry("How much of each layer is in use", _unit_use),
    "curves": Entry("Loss and accuracy through training", _curves),
    "filters": Entry("Filters of a convolution (--layer)", _filters),
    "feature_maps": Entry("Feature maps of one image at every convolution", _feature_maps),
    "activations": Entry("Fully connected activations of one sample (--sample)", _activations),
    "confusion": Entry("What is taken for what", _confusion),
}
"""Every picture by name."""
