"""Pictures of the data."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from cutaway import plot
from cutaway.errors import InputError
from cutaway.views.gallery.request import Entry, Request, labels_of, need_labels, telling_sample

MOST_TWINS = 60


def _samples(request: Request) -> Figure | Axes:
    study = request.study
    shown = study.studied["id"].to_numpy()
    labels = labels_of(study)
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
    study = need_labels(request, "class_balance")
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


FIGURES = {
    "samples": Entry("Sample images, class by class", _samples),
    "image": Entry("One image up close: pixels, channels, histogram", _image, ("sample",)),
    "class_balance": Entry("How many samples each class has", _class_balance),
    "mean_images": Entry("The mean image of each class", _mean_images),
    "near_duplicates": Entry("Images that are nearly the same", _near_duplicates),
    "shared": Entry("Images that data and reference share", _shared),
    "complexity": Entry("How far simple classifiers come with the data", _complexity),
}
