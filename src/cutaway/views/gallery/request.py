"""What a picture is asked for with, and what all pictures share."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from cutaway.diagnosis import notable_samples
from cutaway.errors import InputError
from cutaway.study import Study
from cutaway.views.figures.canvas import PAGE

METHOD_NAMES = {"pca": "PCA", "tsne": "t-SNE", "umap": "UMAP", "autoencoder": "autoencoder"}


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


def telling_sample(study: Study) -> int:
    """The sample to show feature maps of: the surest right prediction that was kept."""
    if not study.labelled:
        return study.kept[0]
    right = notable_samples(study.studied.reset_index(drop=True)).surest_right
    return next((sample for sample in right if sample in study.kept), study.kept[0])


def labels_of(study: Study) -> np.ndarray | None:
    """Labels of every sample, or None."""
    return study.samples["label"].to_numpy() if study.labelled else None


def need_labels(request: Request, name: str) -> Study:
    """The Study, which an error of the figure says must have labels."""
    if not request.study.labelled:
        raise InputError(f"figure {name!r} needs labels; the data of this Study has none")
    return request.study
