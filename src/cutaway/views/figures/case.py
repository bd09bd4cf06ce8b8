"""One sample on its way through the fully connected layers, and the head of its picture."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from cutaway.errors import InputError
from cutaway.views.figures.arrays import floats_of, pictures_of
from cutaway.views.figures.canvas import panel, write
from cutaway.views.figures.grid import opaque, show
from cutaway.views.figures.names import Number, inches, names_of, plain
from cutaway.views.figures.theme import TEXT_POINTS, Look

HEAD = 0.62
"""Height of a case's image, title and answer, in inches."""


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


def read_case(case: ActivationCase) -> ActivationCase:
    """The same as arrays, with the predicted class.

    Raises:
        InputError: Activations are not vectors, or a class number is not among the logits.
    """
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


def class_names_of(case: ActivationCase, class_names: Sequence[Any] | None) -> Sequence[str]:
    """A name for each class that the case speaks of."""
    known = [each for each in (case.predicted, case.label) if each is not None]
    classes = max(0 if case.logits is None else len(case.logits), 1 + max(known, default=-1))
    return names_of(class_names, classes)


def draw_head(
    figure: Figure,
    case: ActivationCase,
    names: Sequence[str],
    place: tuple[Number, Number],
    look: Look,
) -> None:
    """The image, and beside it what the case stands for and what it was taken for."""
    left, top = place
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
        return
    room = figure.get_size_inches()[0] - beside
    # Bold letters are wider than `inches` takes them to be.
    fits = 1.1 * inches(answer, TEXT_POINTS) <= room
    for line, text in enumerate([answer] if fits else answer.split(", ")):
        write(figure, beside, top + 0.06 + line * 0.17, text, fontweight="bold")


def _answer(case: ActivationCase, names: Sequence[str]) -> str:
    parts = []
    if case.predicted is not None:
        parts.append(f"predicted {names[case.predicted]}")
    if case.label is not None:
        parts.append(f"true label {names[case.label]}")
    text = ", ".join(parts)
    return text[:1].upper() + text[1:]
