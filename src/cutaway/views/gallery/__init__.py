"""The pictures of a Study by name: what `cutaway figure` draws and the report is made of."""

import os
from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from cutaway import plot
from cutaway.errors import InputError
from cutaway.files import atomic_file
from cutaway.study import Study
from cutaway.views.figures.canvas import PAGE
from cutaway.views.gallery import (
    adversarial,
    attribution,
    certainty,
    cues,
    data,
    layers,
    maps,
    network,
    predictions,
    units,
    wanted,
)
from cutaway.views.gallery.request import METHOD_NAMES, Request, telling_sample

__all__ = ["FIGURES", "FORMATS", "METHOD_NAMES", "draw", "figure_of", "telling_sample", "write"]

FORMATS = (".png", ".svg", ".pdf")
_DPI = 200

FIGURES = {
    **data.FIGURES,
    **maps.FIGURES,
    **layers.FIGURES,
    **network.FIGURES,
    **units.FIGURES,
    **predictions.FIGURES,
    **certainty.FIGURES,
    **cues.FIGURES,
    **adversarial.FIGURES,
    **attribution.FIGURES,
    **wanted.FIGURES,
}
"""Every picture by name."""


def draw(
    study: Study,
    name: str,
    *,
    layer: str | None = None,
    sample: int | None = None,
    unit: int | None = None,
    point: tuple[int, int] | None = None,
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
        unit: For pictures of one unit or channel of a layer: its number.
        point: For pictures of feature maps: row and column of a position, counted from 0, whose
            receptive field is framed.
        theme: "light", "dark" or "inherit".
        width: Inches.
        titled: Whether the figure names what it shows.

    Raises:
        InputError: There is no such picture, layer, sample, unit or point, the picture takes none,
            or the Study lacks what it needs.
    """
    if name not in FIGURES:
        raise InputError(f"figure {name!r} is not known; expected one of {sorted(FIGURES)}")
    entry = FIGURES[name]
    chosen = {"layer": layer, "sample": sample, "unit": unit, "point": point}
    for option, value in chosen.items():
        if value is not None and option not in entry.takes:
            known = f"it takes {' and '.join(entry.takes)}" if entry.takes else "leave it out"
            raise InputError(f"figure {name!r} takes no {option}, and was given {value!r}; {known}")
    request = Request(study, layer, sample, unit, point, theme, width, titled)
    return figure_of(entry.draw(request))


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


def figure_of(drawn: Figure | Axes) -> Figure:
    """The figure that was drawn, also where its axes were returned."""
    if isinstance(drawn, Figure):
        return drawn
    figure = drawn.get_figure(root=True)
    assert isinstance(figure, Figure)
    return figure
