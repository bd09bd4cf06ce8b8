"""Pictures of what the network predicts."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from cutaway import plot
from cutaway.diagnosis import confusion_counts
from cutaway.diagnosis.likeness import likeness
from cutaway.errors import InputError
from cutaway.study import Study
from cutaway.views.gallery.request import Entry, Request, need_labels, telling_sample

MOST_NAMED = 40
"""Of more classes the confusion matrix is too fine to be read whole."""
PAIRS = 12
"""So many of the most confused pairs are then listed."""


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


def _beside_means(request: Request) -> Figure | Axes:
    study = request.study
    sample = telling_sample(study) if request.sample is None else request.sample
    strips = vectors(study, sample)
    if not strips:
        raise InputError("figure 'beside_means' needs a fully connected layer; there is none")
    row = study.samples.iloc[sample]
    predicted = int(row["predicted"])
    label = int(row["label"]) if study.labelled else None
    case = plot.ActivationCase(
        strips, np.array(study.outputs[sample]), predicted, label, study.image(sample)
    )
    classes = dict.fromkeys([predicted if label is None else label, predicted])
    means = [class_mean(study, each, list(strips)) for each in classes]
    return plot.beside_means(case, means, **request.named)


def class_mean(study: Study, label: int, layers: list[str]) -> plot.ActivationCase:
    """What a class gives on average at some layers, and its mean final activations."""
    means = {layer: study.class_means(layer) for layer in layers}
    rows = study.studied
    chosen = rows.loc[rows["label" if study.labelled else "predicted"] == label, "id"].to_numpy()
    logits = study.outputs[chosen].mean(axis=0) if len(chosen) else None
    name = study.class_names[label] if label < len(study.class_names) else f"class {label}"
    return plot.ActivationCase(
        {layer: mean[label] for layer, mean in means.items() if mean is not None},
        logits,
        title=f"mean of {name}",
    )


def likenesses(study: Study, sample: int) -> dict[str, tuple[float, float]]:
    """How like a kept sample is, layer by layer, to the means of its class and of the predicted."""
    row = study.samples.iloc[sample]
    strips = vectors(study, sample)
    pair = [int(row["label"]), int(row["predicted"])]
    own, other = (class_mean(study, each, list(strips)).strips for each in pair)
    return {
        layer: (likeness(values, own[layer]), likeness(values, other[layer]))
        for layer, values in strips.items()
        if layer in own and own[layer].shape == values.shape
    }


def _confusion(request: Request) -> Figure | Axes:
    study = need_labels(request, "confusion")
    counts = confused(study)
    if len(counts) <= MOST_NAMED:
        return plot.confusion(counts, **request.named)
    # Where no title is wanted, what surrounds the figure lists the pairs.
    most = PAIRS if request.titled else 0
    return plot.confusion_overview(counts, pairs=most, **request.named)


def confused(study: Study) -> np.ndarray:
    """How often each class of the data (row) was predicted as each (column)."""
    rows = study.studied
    classes = study.outputs.shape[1]
    return confusion_counts(rows["label"].to_numpy(), rows["predicted"].to_numpy(), classes)


FIGURES = {
    "activations": Entry("Fully connected activations of one sample", _activations, ("sample",)),
    "beside_means": Entry(
        "Fully connected activations of one sample beside its class's mean",
        _beside_means,
        ("sample",),
    ),
    "confusion": Entry("What is taken for what", _confusion),
}
