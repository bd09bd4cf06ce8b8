"""How far simple classifiers come with different features of the same images."""

from typing import Any

import numpy as np
from matplotlib.axes import Axes

from cutaway.errors import InputError
from cutaway.views.figures.canvas import MARGIN, PAGE, TITLE, head, new_picture, panel
from cutaway.views.figures.names import Number, inches, widest
from cutaway.views.figures.theme import SMALL_POINTS, TEXT_POINTS, Look, drawing

_ROW_INCHES = 0.3
_MARKS = {"k-NN": "o", "linear": "D", "MLP": "s"}
_ORDER = ("pixels", "one convolution", "t-SNE map", "PCA map")


def complexity(
    found: Any, *, title: str | None = None, width: Number = PAGE, theme: str = "light"
) -> Axes:
    """What simple classifiers get right of held-out images, by what they see of them.

    A dashed line stands at the accuracy that was asked for, a dotted one at what guessing gets.

    Args:
        found: What `cutaway.complexity` gives, of labelled data, or its `to_dict`.
        title: Written above.
        width: Inches.
        theme: "light", "dark" or "inherit".

    Raises:
        InputError: There are no scores, since the data had no labels.

    Example:
        >>> import cutaway
        >>> axes = complexity(cutaway.complexity("digits", limit=300))
        >>> [text.get_text() for text in axes.get_yticklabels()]
        ['pixels', 'one convolution', 't-SNE map', 'PCA map']
    """
    values = found if isinstance(found, dict) else found.to_dict()
    if not values["scores"]:
        raise InputError(
            f"{values['name']!r} has no scores, since it has no labels of two classes; "
            "give labelled data"
        )
    seen = {score["features"] for score in values["scores"]}
    names = [name for name in _ORDER if name in seen]
    with drawing(theme) as look:
        left = MARGIN + widest(names, TEXT_POINTS) + 0.1
        top = MARGIN + (TITLE if title else 0) + 0.36
        down = len(names) * _ROW_INCHES
        picture = new_picture(width, top + down + 0.42, look)
        picture.set_label("Accuracy of simple classifiers on different features of the images")
        axes = panel(picture, left, top, max(width - left - 0.25, 0.5), down)
        _draw_scores(axes, values["scores"], names, look)
        _mark(axes, values["target"], f"{values['target']:.0%} asked for", (0, (4, 2)), look)
        _mark(axes, values["guessing"], "guessing", (0, (1, 2)), look)
        _legend(axes, left, top, look)
        head(axes, title, 28)
    return axes


def _draw_scores(axes: Axes, scores: list[dict[str, Any]], names: list[str], look: Look) -> None:
    rows = np.arange(len(names))
    axes.hlines(rows, 0, 1, color=look.rule, linewidth=0.4)
    for classifier, colour in _colours(look).items():
        points = [
            (score["accuracy"], names.index(score["features"]))
            for score in scores
            if score["classifier"] == classifier
        ]
        across, down = zip(*points, strict=True)
        axes.plot(
            across,
            down,
            _MARKS[classifier],
            color=colour,
            markersize=5,
            clip_on=False,
            zorder=3,
        )
    axes.set_xlim(0, 1)
    axes.set_ylim(len(names) - 0.5, -0.5)
    axes.set_yticks(rows, names, fontsize=TEXT_POINTS, color=look.ink)
    axes.xaxis.set_major_formatter(lambda value, _: f"{value:.0%}")
    axes.spines["left"].set_visible(False)
    axes.tick_params(axis="y", length=0)
    axes.set_xlabel("of held-out images right")


def _colours(look: Look) -> dict[str, Any]:
    return {"k-NN": look.second, "linear": look.accent, "MLP": look.ink}


def _mark(axes: Axes, value: Number, words: str, dashes: Any, look: Look) -> None:
    axes.axvline(value, color=look.quiet, linewidth=0.8, linestyle=dashes)
    axes.annotate(
        words,
        (value, -0.5),
        xytext=(0, 2),
        textcoords="offset points",
        ha="center" if 0.1 < value < 0.9 else ("left" if value < 0.5 else "right"),
        va="bottom",
        fontsize=SMALL_POINTS,
        color=look.quiet,
        annotation_clip=False,
    )


def _legend(axes: Axes, left: Number, top: Number, look: Look) -> None:
    """A line of marks and names above the axes, from the left."""
    figure = axes.get_figure(root=True)
    assert figure is not None
    across, down = figure.get_size_inches()
    along = left + 0.04
    level = 1 - (top - 0.27) / down
    for name, colour in _colours(look).items():
        axes.plot(
            [along / across],
            [level],
            _MARKS[name],
            color=colour,
            markersize=5,
            transform=figure.transFigure,
            clip_on=False,
        )
        figure.text(
            (along + 0.09) / across,
            level,
            name,
            va="center_baseline",
            fontsize=SMALL_POINTS,
            color=look.ink,
        )
        along += inches(name, SMALL_POINTS) + 0.32
