"""Pictures of how sure the network is, and of labels that it doubts."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from cutaway import plot
from cutaway.diagnosis.label_errors import NONE
from cutaway.errors import InputError
from cutaway.views.gallery.request import Entry, Request, need_labels, output_names

_MOST = 18


def _calibration(request: Request) -> Figure | Axes:
    found = request.study.calibration
    if found is None:
        raise InputError("figure 'calibration' needs labels, in a Study of this version")
    return plot.reliability(found, **request.look)


def _sureness(request: Request) -> Figure | Axes:
    return plot.sureness(request.study.studied, **request.look)


def _suspected(request: Request) -> Figure | Axes:
    study = need_labels(request, "suspected_labels")
    table = study.studied
    if "suspected_label" not in table or (table["suspected_label"] == NONE).all():
        raise InputError("figure 'suspected_labels' has nothing to show: no label looks wrong")
    doubted = table[table["suspected_label"] != NONE]
    shown = doubted.sort_values("margin", ascending=False, kind="stable").head(_MOST)
    names = output_names(study)
    captions = [
        (f"given {names[row.label]}", f"like {names[row.suspected_label]}", f"sample {row.id}")
        for row in shown.itertuples()
    ]
    images = np.stack([study.thumbnail(int(sample)) for sample in shown["id"]])
    return plot.answers(images, captions, **request.look)


FIGURES = {
    "calibration": Entry("Whether the network is as often right as it says", _calibration),
    "sureness": Entry("How sure it is of right and of wrong predictions", _sureness),
    "suspected_labels": Entry("Images whose labels look wrong", _suspected),
}
