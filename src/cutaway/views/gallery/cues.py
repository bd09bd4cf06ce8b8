"""Pictures of what the network goes by: detail, shape or colour."""

import numpy as np
import pandas as pd
from jaxtyping import UInt8
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from cutaway import plot
from cutaway.errors import InputError
from cutaway.study import Study
from cutaway.views.gallery.request import Entry, Request, telling_sample

Examples = dict[str, UInt8[np.ndarray, "_ height width channels"]]


def _cues(request: Request) -> Figure | Axes:
    study = request.study
    if study.cues is None:
        raise InputError("figure 'cues' needs a deep Study; build it with deep=True (--deep)")
    sample = telling_sample(study) if request.sample is None else request.sample
    return plot.cues(study.cues, examples(study, study.cues, sample), **request.look)


def examples(study: Study, table: pd.DataFrame, sample: int) -> Examples:
    """A kept sample's image without each cue, at every strength that was tried."""
    import torch

    from cutaway.diagnosis.cues import CUES, altered

    pixels = torch.from_numpy(study.image(sample)).permute(2, 0, 1)[None].float() / 255
    shown: Examples = {}
    for cue, rows in table.groupby("cue", sort=False):
        # A Study of a newer version may have tried others.
        if cue not in CUES:
            continue
        images = [altered(pixels, str(cue), float(strength)) for strength in rows["strength"]]
        levels = torch.cat(images).clamp(0, 1).permute(0, 2, 3, 1) * 255
        shown[str(cue)] = levels.round().to(torch.uint8).numpy()
    return shown


FIGURES = {
    "cues": Entry("What it misses without colour, detail or shape", _cues, ("sample",)),
}
