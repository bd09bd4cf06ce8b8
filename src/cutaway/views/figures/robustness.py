"""How far predictions are from being turned over, and whether the sure ones are farther."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from jaxtyping import Bool, Float
from matplotlib.axes import Axes
from matplotlib.ticker import NullLocator

from cutaway.errors import InputError
from cutaway.views.figures.arrays import array_of, floats_of
from cutaway.views.figures.canvas import MARGIN, PAGE, TITLE, head, new_picture, panel
from cutaway.views.figures.legend import legend
from cutaway.views.figures.names import Number, plain, shorten
from cutaway.views.figures.theme import SMALL_POINTS, Look, drawing

_BINS = 8
_DOWN = 2.6
_LEFT, _BELOW = 0.55, 0.45


def robustness(
    surety: Any,
    distances: Any,
    *,
    right: Any = None,
    name: str = "lead of the largest activation",
    note: str | None = None,
    title: str | None = None,
    axes: Axes | None = None,
    width: Number = PAGE,
    theme: str = "light",
) -> Axes:
    """Each sample's distance to the decision boundary against how sure its prediction is.

    A line joins the medians of eight bins of equally many samples; it rises where sure predictions
    are the robust ones. Half of a bin's samples lie within its bar.

    Args:
        surety: A number a sample, such as its lead or its confidence.
        distances: L2 distance to the nearest boundary found, one a sample; NaN is left out.
        right: Whether each prediction is right; all samples look alike by default.
        name: What `surety` is, for the axis.
        note: Written small above, at the right, such as the rank correlation.
        title: Written above.
        axes: Where to draw; a new figure by default.
        width: Inches of a new figure.
        theme: "light", "dark" or "inherit".

    Raises:
        InputError: The lengths differ, or no sample has both numbers.

    Example:
        >>> axes = robustness(np.arange(40.0), np.arange(40.0) / 10)
        >>> axes.get_ylabel()
        'distance to the boundary (L2)'
    """
    sure = floats_of(surety, "surety", "samples")
    far = floats_of(distances, "distances", "samples")
    truth = None if right is None else array_of(right, "right").astype(bool)
    if sure.shape != far.shape or (truth is not None and truth.shape != far.shape):
        raise InputError(
            f"surety has {len(sure)} numbers and distances {len(far)}; expected one a sample in "
            "each, and in right where it is given"
        )
    known = np.isfinite(sure) & np.isfinite(far)
    if not known.any():
        raise InputError("distances holds no finite number; expected one or more samples with both")
    sure, far, truth = sure[known], far[known], None if truth is None else truth[known]
    with drawing(theme) as look:
        if axes is None:
            axes = _new_axes(width, title, "Distance to the decision boundary by surety", look)
        _scatter(axes, sure, far, truth, look)
        _medians(axes, sure, far, look)
        axes.set_ylim(0, float(far.max()) * 1.04 or 1)
        axes.set_xlabel(plain(name))
        axes.set_ylabel("distance to the boundary (L2)")
        axes.annotate(
            plain(note or ""), (1, 1), (0, 8), xycoords="axes fraction", ha="right", va="center",
            textcoords="offset points", fontsize=SMALL_POINTS, color=look.quiet,
        )  # fmt: skip
        head(axes, title, 17)
    return axes


def _new_axes(width: Number, title: str | None, label: str, look: Look) -> Axes:
    top = MARGIN + (TITLE if title else 0) + 0.2
    picture = new_picture(width, top + _DOWN + _BELOW, look)
    picture.set_label(label)
    return panel(picture, _LEFT, top, max(width - _LEFT - MARGIN, 0.5), _DOWN)


def _scatter(
    axes: Axes,
    sure: Float[np.ndarray, " samples"],
    far: Float[np.ndarray, " samples"],
    right: Bool[np.ndarray, " samples"] | None,
    look: Look,
) -> None:
    groups = (
        [("samples", "o", look.accent, np.ones(len(sure), bool))]
        if right is None
        else [("right", "o", look.accent, right), ("wrong", "X", look.second, ~right)]
    )
    for _, marker, colour, chosen in groups:
        axes.scatter(
            sure[chosen], far[chosen], s=11, marker=marker, color=colour, alpha=0.55, linewidths=0
        )
    medians = ("median of a bin, and its middle half", "D", look.ink)
    legend(axes, [*[group[:3] for group in groups], medians], look)


def _medians(
    axes: Axes,
    sure: Float[np.ndarray, " samples"],
    far: Float[np.ndarray, " samples"],
    look: Look,
) -> None:
    order = np.argsort(sure, kind="stable")
    parts = np.array_split(order, min(_BINS, max(len(order) // 5, 1)))
    middles = [np.median(sure[part]) for part in parts]
    low, medians, high = np.transpose([np.percentile(far[part], [25, 50, 75]) for part in parts])
    axes.vlines(middles, low, high, color=look.ink, linewidth=1.6, zorder=4)
    axes.plot(middles, medians, color=look.ink, linewidth=1.2, marker="D", markersize=4, zorder=5)


def attacks(
    turned: Mapping[str, Any],
    epsilons: Sequence[Number],
    *,
    title: str | None = None,
    axes: Axes | None = None,
    width: Number = PAGE,
    theme: str = "light",
) -> Axes:
    """The share of predictions that attacks turn over, by how much each pixel may change.

    Args:
        turned: From an attack's name to shares in [0, 1], one for each of `epsilons`.
        epsilons: Shares of the pixel range, from small to large, such as 8/255.
        title: Written above.
        axes: Where to draw; a new figure by default.
        width: Inches of a new figure.
        theme: "light", "dark" or "inherit".

    Raises:
        InputError: There is no attack, or the lengths differ.

    Example:
        >>> axes = attacks({"FGSM": [0.2, 0.6]}, [1 / 255, 2 / 255])
        >>> [text.get_text() for text in axes.get_xticklabels()]
        ['1/255', '2/255']
    """
    steps = floats_of(list(epsilons), "epsilons", "rungs")
    lines = {
        shorten(name): floats_of(list(shares), f"turned[{name!r}]", "rungs")
        for name, shares in turned.items()
    }
    if not lines or not len(steps) or any(line.shape != steps.shape for line in lines.values()):
        raise InputError(
            f"turned has {[len(line) for line in lines.values()]} shares an attack and epsilons "
            f"{len(steps)}; expected one attack or more, and a share for each epsilon"
        )
    with drawing(theme) as look:
        if axes is None:
            axes = _new_axes(width, title, "Share of predictions turned over by attacks", look)
        _draw_attacks(axes, lines, steps, look)
        head(axes, title, 17)
    return axes


def _draw_attacks(
    axes: Axes, lines: Mapping[str, np.ndarray], steps: np.ndarray, look: Look
) -> None:
    styles = (
        ("o", look.second, (0, (4, 1.6))),
        ("D", look.accent, "-"),
        ("s", look.ink, (0, (1, 1))),
    )
    marks = []
    for number, (name, shares) in enumerate(lines.items()):
        marker, colour, dashes = styles[number % len(styles)]
        axes.plot(
            steps, shares, color=colour, marker=marker, markersize=4.5, linewidth=1.3,
            linestyle=dashes, clip_on=False,
        )  # fmt: skip
        marks.append((name, marker, str(colour)))
    legend(axes, marks, look)
    if steps.min() > 0:
        axes.set_xscale("log")
    axes.set_xticks(steps, [f"{255 * step:.3g}/255" for step in steps])
    axes.xaxis.set_minor_locator(NullLocator())
    axes.set_ylim(0, 1)
    axes.yaxis.set_major_formatter(lambda value, _: f"{value:.0%}")
    axes.yaxis.grid(visible=True, color=look.rule, linewidth=0.4)
    axes.set_axisbelow(True)
    axes.spines["left"].set_visible(False)
    axes.tick_params(axis="y", length=0)
    axes.set_xlabel("most that a pixel may change, as a share of the pixel range")
    axes.set_ylabel("predictions turned over")
