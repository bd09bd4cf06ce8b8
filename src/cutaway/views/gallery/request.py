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
    """What to draw a picture of: a Study, and where it matters a layer, a sample or a place."""

    study: Study
    layer: str | None = None
    sample: int | None = None
    unit: int | None = None
    point: tuple[int, int] | None = None
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
        return {"class_names": output_names(self.study), **self.look}

    def title(self, text: str) -> str | None:
        """The figure's title, unless what surrounds it says so already."""
        return text if self.titled else None


@dataclass(frozen=True)
class Entry:
    """A picture that can be asked for by name.

    Attributes:
        title: What it shows.
        draw: What draws it.
        takes: Which of layer, sample, unit and point choose what it shows.
    """

    title: str
    draw: Callable[[Request], Figure | Axes]
    takes: tuple[str, ...] = ()

    @property
    def options(self) -> str:
        """What it takes, as the command line has it."""
        return f" ({', '.join(f'--{name}' for name in self.takes)})" if self.takes else ""


def telling_sample(study: Study) -> int:
    """The sample to show feature maps of: the surest right prediction that was kept."""
    if not study.labelled:
        return study.kept[0]
    right = notable_samples(study.studied.reset_index(drop=True)).surest_right
    return next((sample for sample in right if sample in study.kept), study.kept[0])


def require_unit(unit: int, count: int, layer: str) -> None:
    """Raises InputError unless a layer has a unit of that number."""
    if not 0 <= unit < count:
        raise InputError(
            f"unit={unit} is none of the {count} units of {layer}; expected 0 to {count - 1}"
        )


def output_names(study: Study) -> tuple[str, ...]:
    """A name for each class that the network can predict; its number where the data has no name."""
    names = study.class_names
    return names + tuple(str(label) for label in range(len(names), study.outputs.shape[1]))


def labels_of(study: Study) -> np.ndarray | None:
    """Labels of every sample, or None."""
    return study.samples["label"].to_numpy() if study.labelled else None


def need_labels(request: Request, name: str) -> Study:
    """The Study, which an error of the figure says must have labels."""
    if not request.study.labelled:
        raise InputError(f"figure {name!r} needs labels; the data of this Study has none")
    return request.study
