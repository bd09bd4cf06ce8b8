"""Pictures of what the network predicts."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from cutaway import plot
from cutaway.diagnosis import confusion_counts
from cutaway.study import Study
from cutaway.views.gallery.request import Entry, Request, need_labels, telling_sample


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
    study = need_labels(request, "confusion")
    studied = study.studied
    counts = confusion_counts(
        studied["label"].to_numpy(), studied["predicted"].to_numpy(), study.outputs.shape[1]
    )
    return plot.confusion(counts, **request.named)


FIGURES = {
    "activations": Entry("Fully connected activations of one sample (--sample)", _activations),
    "confusion": Entry("What is taken for what", _confusion),
}
