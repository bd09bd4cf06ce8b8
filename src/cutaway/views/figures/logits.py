"""Final activations of one sample, as numbers beside bars."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from cutaway.views.figures.canvas import bare, panel, write
from cutaway.views.figures.case import ActivationCase
from cutaway.views.figures.names import Number, shorten, widest
from cutaway.views.figures.theme import SMALL_POINTS, TEXT_POINTS, Look

ROW = 0.185
"""Height of a class, in inches."""

_MOST_CLASSES = 12


def listed_classes(case: ActivationCase) -> list[int]:
    """Class numbers to list: all in their order, or the largest first and the true one last."""
    logits = case.logits
    if len(logits) <= _MOST_CLASSES:
        return list(range(len(logits)))
    largest = [int(index) for index in np.argsort(-logits, kind="stable")[:_MOST_CLASSES]]
    return largest if case.label is None or case.label in largest else [*largest, case.label]


def draw_logits(
    figure: Figure,
    case: ActivationCase,
    names: Sequence[str],
    place: tuple[Number, Number, Number],
    look: Look,
) -> Axes:
    """Writes the class, its bar and its number, a row a class; returns the axes of the bars."""
    left, top, width = place
    listed = listed_classes(case)
    write(figure, left, top, "final activations", fontsize=SMALL_POINTS, color=look.ink)
    top += 0.19
    shown = [shorten(names[index], 14) for index in listed]
    name_room = widest(shown, TEXT_POINTS) + 0.1
    bars = width - name_room - 1.15
    axes = bare(panel(figure, left + name_room, top, max(bars, 0.3), len(listed) * ROW))
    values = np.nan_to_num(case.logits[listed])
    axes.barh(np.arange(len(listed)), values, height=0.6, color=look.rule, linewidth=0)
    axes.set_ylim(max(len(listed), 1) - 0.5, -0.5)
    low, high = min(values.min(), 0.0), max(values.max(), 0.0)
    axes.set_xlim(low, high if high > low else low + 1)
    axes.axvline(0, color=look.ink, linewidth=0.6)
    for row, (index, name) in enumerate(zip(listed, shown, strict=True)):
        middle = top + (row + 0.5) * ROW
        is_chosen = index == case.predicted
        weight = "bold" if is_chosen or index == case.label else "normal"
        style = {"va": "center", "fontweight": weight}
        write(figure, left, middle, name, **style)
        value = f"{case.logits[index]:.2f}".replace("-", "−")
        write(figure, left + width - 0.62, middle, value, ha="right", **style)
        remark = _remark(is_chosen, index == case.label)
        write(
            figure,
            left + width - 0.55,
            middle,
            remark,
            va="center",
            fontsize=SMALL_POINTS,
            color=look.quiet,
        )
        if is_chosen:
            axes.add_patch(
                Rectangle((0, row - 0.3), values[row], 0.6, color=look.accent, linewidth=0)
            )
    return axes


def _remark(predicted: bool, true: bool) -> str:
    if predicted and true:
        return "correct"
    return "predicted" if predicted else "true" if true else ""
