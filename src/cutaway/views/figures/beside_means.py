"""Where one sample parts from the mean of its class, layer by layer."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from jaxtyping import Float, Int64
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from cutaway.views.figures.canvas import MARGIN, PAGE, TITLE, fitted, panel, width_of, write
from cutaway.views.figures.case import HEAD, ActivationCase, class_names_of, draw_head, read_case
from cutaway.views.figures.grid import colour_bar
from cutaway.views.figures.legend import legend_at
from cutaway.views.figures.logits import ROW, draw_logits, listed_classes
from cutaway.views.figures.names import Number, ends, shorten, widest
from cutaway.views.figures.strips import COLOURS, draw_strip, range_of
from cutaway.views.figures.theme import SMALL_POINTS, Look, drawing

_STRIP, _APART, _LAYER_HEAD, _BETWEEN = 0.17, 0.025, 0.19, 0.13
_BAR_ROOM, _LIKENESS_ROOM = 0.5, 0.42
_MARKS = ("D", "o", "s", "^")


def beside_means(
    case: ActivationCase,
    means: Sequence[ActivationCase],
    *,
    class_names: Sequence[Any] | None = None,
    figure: Figure | None = None,
    width: Number = PAGE,
    theme: str = "light",
) -> Figure:
    """One sample's fully connected activations, each layer's strip above those of classes' means.

    A layer's strips share one scale. Its units are sorted by the first mean, so that this strip
    is a ramp, and what stands out from it in the sample's strip is the sample's own. Beside each
    mean stands the likeness of the sample with it: Pearson's correlation, 1 where they are alike.
    Marks on the bars of the final activations are the means'.

    Args:
        case: The sample.
        means: What classes give on average, each with its title, such as "mean of cat"; layers that
            a mean lacks, or has in another width, or not finite, are drawn without it.
        class_names: A name for each class number.
        figure: Where to draw, its height adapted; a new figure by default.
        width: Inches of a new figure.
        theme: "light", "dark" or "inherit".

    Raises:
        InputError: Activations are not vectors, or a class number is not among the logits.

    Example:
        >>> sample = ActivationCase({"fc.0": np.arange(8.0)}, logits=[0.1, 2.0], label=1)
        >>> mean = ActivationCase({"fc.0": np.arange(8.0) * 2}, title="mean of class 1")
        >>> picture = beside_means(sample, [mean])
        >>> "1.00" in [text.get_text() for text in picture.texts]
        True
    """
    sample, others = read_case(case), [read_case(mean) for mean in means]
    width = width_of(figure, width)
    titles = [shorten(mean.title or "mean", 20) for mean in others]
    room = widest(["this sample", *titles], SMALL_POINTS) + 0.08
    rows = {layer: _rows(sample, others, layer) for layer in sample.strips}
    heights = [_LAYER_HEAD + len(each) * (_STRIP + _APART) + _BETWEEN for each in rows.values()]
    table = _table_height(sample)
    with drawing(theme) as look:
        figure = fitted(figure, width, 2 * MARGIN + HEAD + sum(heights) + table, look)
        figure.set_label("Fully connected activations of a sample beside the means of classes")
        names = class_names_of(sample, class_names)
        draw_head(figure, sample, names, (MARGIN, MARGIN), look)
        top = MARGIN + HEAD
        if others and sample.strips:
            style = {"fontsize": SMALL_POINTS, "color": look.quiet, "ha": "right"}
            # A line above what stands at the right of the first layer.
            write(figure, width - MARGIN - _BAR_ROOM, top - _BETWEEN, "likeness", **style)
        for (layer, strips), height in zip(rows.items(), heights, strict=True):
            _draw_layer(figure, layer, strips, ["this sample", *titles], (top, room), look)
            top += height
        if table:
            place = (MARGIN, top, width - 2 * MARGIN)
            axes = draw_logits(figure, sample, names, place, look)
            _mark_means(figure, axes, sample, others, top, look)
    return figure


Strips = list[tuple[int, Float[np.ndarray, " units"]]]


def _rows(sample: ActivationCase, means: Sequence[ActivationCase], layer: str) -> Strips:
    """The sample's activations and those means that can be held against them, by row number."""
    values = sample.strips[layer]
    rows = [(0, values)]
    for index, mean in enumerate(means):
        found = mean.strips.get(layer)
        if found is not None and found.shape == values.shape and np.isfinite(found).all():
            rows.append((index + 1, found))
    order = _order(rows)
    return [(index, each[order]) for index, each in rows]


def _order(rows: Strips) -> Int64[np.ndarray, " units"]:
    """Units by the first mean, highest first; as they are where there is none."""
    if len(rows) == 1:
        return np.arange(len(rows[0][1]))
    return np.argsort(-rows[1][1], kind="stable")


def _table_height(sample: ActivationCase) -> float:
    if sample.logits is None or not sample.logits.size:
        return 0.0
    return TITLE + len(listed_classes(sample)) * ROW


def _draw_layer(
    figure: Figure,
    layer: str,
    rows: Strips,
    titles: list[str],
    place: tuple[Number, Number],
    look: Look,
) -> None:
    # Its room takes longer to import than all figures, and not all need it.
    from cutaway.diagnosis.likeness import likeness

    top, room = place
    width = figure.get_size_inches()[0]
    write(figure, MARGIN, top, shorten(layer, 30), fontsize=SMALL_POINTS, fontweight="bold")
    sample = rows[0][1]
    low, high = range_of(np.concatenate([each for _, each in rows]))
    left = MARGIN + room
    across = width - left - MARGIN - _BAR_ROOM - _LIKENESS_ROOM
    note = f"{len(sample)} units"
    if len(rows) > 1 and across > 3:
        note += f", in order of the {titles[rows[1][0]]}"
    small = {"fontsize": SMALL_POINTS, "color": look.quiet}
    write(figure, left + across, top, note, ha="right", **small)
    top += _LAYER_HEAD
    for position, (index, values) in enumerate(rows):
        down = top + position * (_STRIP + _APART)
        middle = down + _STRIP / 2
        colour = look.quiet if index else look.ink
        name = {"fontsize": SMALL_POINTS, "color": colour, "va": "center"}
        write(figure, MARGIN, middle, titles[index], **name)
        draw_strip(panel(figure, left, down, across, _STRIP), values, low, high)
        if index:
            alike = likeness(sample, values)
            words = f"{alike:.2f}".replace("-", "−") if np.isfinite(alike) else "–"
            beside = left + across + _LIKENESS_ROOM
            write(figure, beside - 0.04, middle, words, ha="right", va="center", **small)
    tall = len(rows) * (_STRIP + _APART) - _APART
    bar = (left + across + _LIKENESS_ROOM + 0.07, top, 0.08, tall)
    colour_bar(figure, bar, COLOURS, ends(low, high), look)


def _mark_means(
    figure: Figure,
    axes: Axes,
    sample: ActivationCase,
    means: Sequence[ActivationCase],
    top: Number,
    look: Look,
) -> None:
    """Marks what classes give on average on the sample's bars, and says which mark is whose."""
    listed = listed_classes(sample)
    low, high = axes.get_xlim()
    marks = []
    for index, mean in enumerate(means):
        logits = mean.logits
        if logits is None or len(logits) != len(sample.logits) or not np.isfinite(logits).all():
            continue
        shown = logits[listed]
        low, high = min(low, float(shown.min())), max(high, float(shown.max()))
        marker, colour = _MARKS[index % len(_MARKS)], (look.second, look.ink)[index % 2]
        style: dict[str, Any] = {"markersize": 4.5, "linestyle": "none", "clip_on": False}
        axes.plot(shown, np.arange(len(listed)), marker=marker, color=colour, zorder=4, **style)
        marks.append((shorten(mean.title or "mean", 20), marker, colour))
    axes.set_xlim(low, high)
    legend_at(figure, (MARGIN + 1.0, top), marks, look)
