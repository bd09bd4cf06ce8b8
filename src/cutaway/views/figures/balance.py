"""How many samples each class has."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from jaxtyping import Float
from matplotlib.axes import Axes

from cutaway.errors import InputError
from cutaway.views.figures.arrays import floats_of, labelled, labels_of
from cutaway.views.figures.canvas import MARGIN, PAGE, TITLE, bare, head, new_picture, panel
from cutaway.views.figures.names import Number, names_of, widest
from cutaway.views.figures.theme import SMALL_POINTS, TEXT_POINTS, Look, drawing

_ROW_INCHES = 0.2
_MOST_ROWS = 40


def class_balance(
    data: Any,
    class_names: Sequence[Any] | None = None,
    *,
    title: str | None = None,
    axes: Axes | None = None,
    width: Number = PAGE,
    theme: str = "light",
) -> Axes:
    """The number of samples of each class as bars, beside a line where all classes were equal.

    More than 40 classes are drawn as one curve, largest class first.

    Args:
        data: `Images` with labels, counts a class, or a mapping from class name to count.
        class_names: A name for each class number.
        title: Written above.
        axes: Where to draw; a new figure by default.
        width: Inches of a new figure.
        theme: "light", "dark" or "inherit".

    Raises:
        InputError: There are no labels, or counts are negative.

    Example:
        >>> axes = class_balance({"cat": 30, "dog": 50})
        >>> [text.get_text() for text in axes.get_yticklabels()]
        ['cat', 'dog']
    """
    counts, class_names = _counts_of(data, class_names)
    names = names_of(class_names, len(counts))[: len(counts)]
    with drawing(theme) as look:
        if len(counts) > _MOST_ROWS:
            return _draw_curve(counts, title, axes, width, look)
        if axes is None:
            left = MARGIN + widest(names, TEXT_POINTS) + 0.08
            top = MARGIN + (TITLE if title else 0.05) + 0.15
            down = max(len(counts), 1) * _ROW_INCHES
            picture = new_picture(width, top + down + MARGIN, look)
            picture.set_label(f"Samples of each of {len(counts)} classes")
            axes = panel(picture, left, top, width - left - MARGIN, down)
        _draw_bars(axes, counts, names, look)
        head(axes, title)
    return axes


def _counts_of(
    data: Any, class_names: Sequence[Any] | None
) -> tuple[Float[np.ndarray, " classes"], Sequence[Any] | None]:
    if isinstance(data, Mapping):
        data, class_names = list(data.values()), class_names or list(data)
    elif hasattr(data, "labels"):
        labels, class_names = labelled(data, None, class_names)
        if labels is None:
            raise InputError("data has no labels, so its classes cannot be counted; pass counts")
        numbers = labels_of(labels, len(labels))
        assert numbers is not None
        data = np.bincount(numbers, minlength=len(class_names or ()))
    counts = floats_of(data, "counts", "classes")
    if not np.all(np.isfinite(counts)) or np.any(counts < 0):
        raise InputError("counts holds numbers that count nothing; expected 0 or more a class")
    return counts, class_names


def _draw_bars(axes: Axes, counts: np.ndarray, names: Sequence[str], look: Look) -> None:
    bare(axes)
    rows = np.arange(len(counts))
    axes.barh(rows, counts, height=0.62, color=look.accent, linewidth=0)
    longest = max(counts.max(initial=0), 1)
    # The numbers stand in a column of their own, where no bar and no line reaches.
    axes.set_xlim(0, longest * 1.12)
    axes.set_ylim(max(len(counts), 1) - 0.5, -0.5)
    axes.set_yticks(rows, names, fontsize=TEXT_POINTS, color=look.ink, parse_math=False)
    for row, count in zip(rows, counts, strict=True):
        text = f"{count:,.0f}" if float(count).is_integer() else f"{count:.3g}"
        axes.text(
            longest * 1.12,
            float(row),
            text,
            ha="right",
            va="center",
            fontsize=SMALL_POINTS,
            color=look.quiet,
        )
    if len(counts) > 1:
        _mark_equal_share(axes, float(counts.mean()), -0.5, look)


def _mark_equal_share(axes: Axes, share: Number, top: Number, look: Look) -> None:
    axes.axvline(share, color=look.ink, linewidth=0.8, dashes=(3, 2))
    axes.annotate(
        "all equal",
        (share, top),
        xytext=(0, 2),
        textcoords="offset points",
        ha="center",
        va="bottom",
        fontsize=SMALL_POINTS,
        color=look.quiet,
        annotation_clip=False,
    )


def _draw_curve(
    counts: np.ndarray, title: str | None, axes: Axes | None, width: Number, look: Look
) -> Axes:
    if axes is None:
        top = MARGIN + (TITLE if title else 0)
        picture = new_picture(width, top + 1.6 + 0.45, look)
        picture.set_label(f"Samples of each of {len(counts)} classes")
        axes = panel(picture, 0.65, top, width - 0.65 - MARGIN, 1.6)
    axes.stairs(np.sort(counts)[::-1], fill=True, color=look.accent)
    axes.set_xlim(0, len(counts))
    axes.set_ylim(0, max(counts.max(initial=0), 1) * 1.08)
    axes.axhline(counts.mean(), color=look.ink, linewidth=0.8, dashes=(3, 2))
    axes.set_xlabel(f"{len(counts)} classes, largest first (dashed: all equal)")
    axes.set_ylabel("samples")
    head(axes, title)
    return axes
