"""What the fully connected layers make of one sample, down to its final activations."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Float
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from cutaway.errors import InputError
from cutaway.views.figures.arrays import floats_of, pictures_of
from cutaway.views.figures.canvas import MARGIN, PAGE, TITLE, bare, fitted, panel, width_of, write
from cutaway.views.figures.grid import colour_bar, opaque, show
from cutaway.views.figures.names import Number, ends, names_of, plain, shorten, widest
from cutaway.views.figures.theme import SMALL_POINTS, TEXT_POINTS, Look, drawing

_HEAD = 0.62
_STRIP = 0.26
_STRIP_STEP = 0.58
_ROW = 0.185
_MOST_CLASSES = 12
_BAR_ROOM = 0.55


@dataclass(frozen=True)
class ActivationCase:
    """One sample on its way through the fully connected layers.

    Attributes:
        strips: From layer name to activations (units,), in order of execution.
        logits: Final activations (classes,), or None.
        predicted: The predicted class number, or None for that of the largest logit.
        label: The true class number, or None.
        image: The input, or None.
        title: What the case stands for, such as "Surest right answer".
    """

    strips: Mapping[str, Any]
    logits: Any = None
    predicted: int | None = None
    label: int | None = None
    image: Any = None
    title: str | None = None


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
    read = [_read(case) for case in cases]
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


def _read(case: ActivationCase) -> ActivationCase:
    strips = {
        name: floats_of(value, f"strips[{name!r}]", "units") for name, value in case.strips.items()
    }
    logits = None if case.logits is None else floats_of(case.logits, "logits", "classes")
    predicted = case.predicted
    if logits is not None and logits.size:
        predicted = (
            int(np.nan_to_num(logits, nan=-np.inf).argmax()) if predicted is None else predicted
        )
        for argument, chosen in (("predicted", predicted), ("label", case.label)):
            if chosen is not None and not 0 <= chosen < len(logits):
                raise InputError(
                    f"{argument}={chosen} is none of the {len(logits)} classes that logits has; "
                    f"expected 0 to {len(logits) - 1}"
                )
    return ActivationCase(strips, logits, predicted, case.label, case.image, case.title)


def _height(case: ActivationCase) -> float:
    rows = 0 if case.logits is None else len(_listed(case))
    table = TITLE + rows * _ROW if rows else 0
    return _HEAD + len(case.strips) * _STRIP_STEP + table


def _listed(case: ActivationCase) -> list[int]:
    """Class numbers to list: all in their order, or the largest first and the true one last."""
    logits = case.logits
    if len(logits) <= _MOST_CLASSES:
        return list(range(len(logits)))
    largest = [int(index) for index in np.argsort(-logits, kind="stable")[:_MOST_CLASSES]]
    return largest if case.label is None or case.label in largest else [*largest, case.label]


def _draw_case(
    figure: Figure,
    case: ActivationCase,
    class_names: Sequence[Any] | None,
    place: tuple[Number, Number, Number],
    look: Look,
) -> None:
    left, top, width = place
    known = [each for each in (case.predicted, case.label) if each is not None]
    classes = max(0 if case.logits is None else len(case.logits), 1 + max(known, default=-1))
    names = names_of(class_names, classes)
    beside = left
    if case.image is not None:
        image = case.image.detach().cpu() if hasattr(case.image, "detach") else case.image
        picture = opaque(pictures_of(np.asarray(image)[np.newaxis], "image"))[0]
        show(panel(figure, left, top, 0.5, 0.5), picture)
        beside = left + 0.6
    answer = _answer(case, names)
    if case.title:
        write(figure, beside, top + 0.06, plain(case.title), fontweight="bold")
        write(figure, beside, top + 0.25, answer, color=look.ink)
    else:
        write(figure, beside, top + 0.06, answer, fontweight="bold")
    top += _HEAD
    for name, values in case.strips.items():
        _draw_strip(figure, name, values, (left, top, width), look)
        top += _STRIP_STEP
    if case.logits is not None and case.logits.size:
        _draw_logits(figure, case, names, (left, top, width), look)


def _answer(case: ActivationCase, names: Sequence[str]) -> str:
    parts = []
    if case.predicted is not None:
        parts.append(f"predicted {names[case.predicted]}")
    if case.label is not None:
        parts.append(f"true label {names[case.label]}")
    text = ", ".join(parts)
    return text[:1].upper() + text[1:]


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
    finite = values[np.isfinite(values)]
    low, high = (float(finite.min()), float(finite.max())) if finite.size else (0.0, 0.0)
    axes = bare(panel(figure, left, top + 0.16, width - _BAR_ROOM, _STRIP))
    if len(values):
        axes.imshow(
            values[np.newaxis],
            cmap="cividis",
            vmin=low,
            vmax=high if high > low else low + 1,
            aspect="auto",
            interpolation="none",
        )
    beside = (left + width - _BAR_ROOM + 0.07, top + 0.16, 0.08, _STRIP)
    colour_bar(figure, beside, "cividis", ends(low, high), look)


def _draw_logits(
    figure: Figure,
    case: ActivationCase,
    names: Sequence[str],
    place: tuple[Number, Number, Number],
    look: Look,
) -> None:
    left, top, width = place
    listed = _listed(case)
    write(figure, left, top, "final activations", fontsize=SMALL_POINTS, color=look.ink)
    top += 0.19
    shown = [shorten(names[index], 14) for index in listed]
    name_room = widest(shown, TEXT_POINTS) + 0.1
    bars = width - name_room - 1.15
    axes = bare(panel(figure, left + name_room, top, max(bars, 0.3), len(listed) * _ROW))
    values = np.nan_to_num(case.logits[listed])
    axes.barh(np.arange(len(listed)), values, height=0.6, color=look.rule, linewidth=0)
    axes.set_ylim(max(len(listed), 1) - 0.5, -0.5)
    low, high = min(values.min(), 0.0), max(values.max(), 0.0)
    axes.set_xlim(low, high if high > low else low + 1)
    axes.axvline(0, color=look.ink, linewidth=0.6)
    for row, (index, name) in enumerate(zip(listed, shown, strict=True)):
        middle = top + (row + 0.5) * _ROW
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


def _remark(predicted: bool, true: bool) -> str:
    if predicted and true:
        return "correct"
    return "predicted" if predicted else "true" if true else ""
