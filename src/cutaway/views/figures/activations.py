"""What the fully connected layers make of one sample, down to its final activations."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from jaxtyping import Float
from matplotlib.figure import Figure

from cutaway.errors import InputError
from cutaway.views.figures.canvas import MARGIN, PAGE, TITLE, fitted, panel, width_of, write
from cutaway.views.figures.case import HEAD, ActivationCase, class_names_of, draw_head, read_case
from cutaway.views.figures.grid import colour_bar
from cutaway.views.figures.logits import ROW, draw_logits, listed_classes
from cutaway.views.figures.names import Number, ends, shorten
from cutaway.views.figures.strips import COLOURS, draw_strip, range_of
from cutaway.views.figures.theme import SMALL_POINTS, Look, drawing

_STRIP = 0.26
_STRIP_STEP = 0.58
_BAR_ROOM = 0.55


def activations(
    strips: Mapping[str, Any],
    *,
    logits: Any = None,
    predicted: int | None = None,
    label: int | None = None,
    class_names: Sequence[Any] | None = None,
    image: Any = None,
    title: str | None = None,
    figure: Figure | None = None,
    width: Number = PAGE,
    theme: str = "light",
) -> Figure:
    """The fully connected activations of one sample as strips, each with its colour bar.

    The final activations are written as numbers beside bars, the predicted and the true class
    marked. Of more than 12 classes the 12 of largest activation are listed, and the true one.

    Args:
        strips: From layer name to activations (units,).
        logits: Final activations (classes,).
        predicted: The predicted class number; that of the largest logit by default.
        label: The true class number.
        class_names: A name for each class number.
        image: The input image.
        title: What the sample stands for.
        figure: Where to draw, its height adapted; a new figure by default.
        width: Inches of a new figure.
        theme: "light", "dark" or "inherit".

    Raises:
        InputError: Activations are not vectors, or a class number is not among the logits.

    Example:
        >>> picture = activations({"fc.0": np.ones(64)}, logits=[0.1, 2.0], label=0)
        >>> picture.texts[0].get_text()
        'Predicted 1, true label 0'
    """
    case = ActivationCase(strips, logits, predicted, label, image, title)
    return compare_activations(
        [case], class_names=class_names, figure=figure, width=width, theme=theme
    )


def compare_activations(
    cases: Sequence[ActivationCase],
    *,
    class_names: Sequence[Any] | None = None,
    figure: Figure | None = None,
    width: Number = PAGE,
    theme: str = "light",
) -> Figure:
    """Several samples' fully connected activations side by side, below each other where narrow.

    Meant for the surest right answer beside the least sure wrong one.

    Args:
        cases: One or more samples.
        class_names: A name for each class number.
        figure: Where to draw, its height adapted; a new figure by default.
        width: Inches of a new figure.
        theme: "light", "dark" or "inherit".

    Raises:
        InputError: There is no case, or one's shapes do not fit.

    Example:
        >>> sure = ActivationCase({"fc.0": np.ones(64)}, logits=[0.1, 2.0], label=1, title="Sure")
        >>> unsure = ActivationCase({"fc.0": np.ones(64)}, logits=[1.9, 2.0], label=0)
        >>> len(compare_activations([sure, unsure]).axes)
        4
    """
    if not cases:
        raise InputError("cases holds no sample; expected one or more ActivationCase")
    read = [read_case(case) for case in cases]
    width = width_of(figure, width)
    across = 1 if width / len(cases) < 2.8 else len(cases)
    column = (width - 2 * MARGIN - 0.35 * (across - 1)) / across
    heights = [_height(case) for case in read]
    with drawing(theme) as look:
        total = sum(heights) + 0.2 * (len(cases) - 1) if across == 1 else max(heights)
        figure = fitted(figure, width, total + 2 * MARGIN, look)
        figure.set_label("Activations of fully connected layers")
        left, top = MARGIN, MARGIN
        for case, height in zip(read, heights, strict=True):
            _draw_case(figure, case, class_names, (left, top, column), look)
            if across == 1:
                top += height + 0.2
            else:
                left += column + 0.35
    return figure


def _height(case: ActivationCase) -> float:
    rows = 0 if case.logits is None else len(listed_classes(case))
    table = TITLE + rows * ROW if rows else 0
    return HEAD + len(case.strips) * _STRIP_STEP + table


def _draw_case(
    figure: Figure,
    case: ActivationCase,
    class_names: Sequence[Any] | None,
    place: tuple[Number, Number, Number],
    look: Look,
) -> None:
    left, top, width = place
    names = class_names_of(case, class_names)
    draw_head(figure, case, names, (left, top), look)
    top += HEAD
    for name, values in case.strips.items():
        _draw_strip(figure, name, values, (left, top, width), look)
        top += _STRIP_STEP
    if case.logits is not None and case.logits.size:
        draw_logits(figure, case, names, (left, top, width), look)


def _draw_strip(
    figure: Figure,
    name: str,
    values: Float[np.ndarray, " units"],
    place: tuple[Number, Number, Number],
    look: Look,
) -> None:
    left, top, width = place
    write(figure, left, top, shorten(name, 24), fontsize=SMALL_POINTS, color=look.ink)
    write(
        figure,
        left + width - _BAR_ROOM,
        top,
        f"{len(values)} units, {np.mean(values > 0) if len(values) else 0:.0%} above 0",
        fontsize=SMALL_POINTS,
        color=look.quiet,
        ha="right",
    )
    low, high = range_of(values)
    axes = panel(figure, left, top + 0.16, width - _BAR_ROOM, _STRIP)
    draw_strip(axes, values, low, high)
    beside = (left + width - _BAR_ROOM + 0.07, top + 0.16, 0.08, _STRIP)
    colour_bar(figure, beside, COLOURS, ends(low, high), look)
