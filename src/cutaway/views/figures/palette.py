"""Colours and markers of classes that colour-blind eyes and grey print tell apart."""

import numpy as np
from jaxtyping import Float, Int64
from matplotlib import color_sequences, colormaps
from matplotlib.colors import Colormap, ListedColormap, to_rgb
from matplotlib.markers import MarkerStyle
from matplotlib.path import Path

_SECOND_TEN = (
    *("#0c6c9c", "#d830b4", "#18f0b4", "#6c4830", "#9c60fc"),
    *("#c0e46c", "#9c0054", "#ccb4fc", "#483cd8", "#900c78"),
)
_MARKERS = ("o", "s", "^", "D", "v", "P", "X", "<", "p", ">")


def class_colours(classes: int) -> Float[np.ndarray, "classes rgb=3"]:
    """A colour for each class, values in [0, 1].

    The first ten are those of Petroff (2021), https://arxiv.org/abs/2107.02270, which are optimized
    for colour-blind readers; ten more lie farthest from these and from each other, to normal and to
    colour-blind eyes. Classes beyond twenty repeat them darker and lighter in turn, and are told
    apart by the names or numbers drawn on top.

    Example:
        >>> class_colours(30).shape
        (30, 3)
    """
    own = np.array([to_rgb(one) for one in (*color_sequences["petroff10"], *_SECOND_TEN)])
    cycles, places = np.divmod(np.arange(classes), len(own))
    colours = own[places]
    shade = np.where(cycles == 0, 0.0, 0.15 + 0.15 * ((cycles - 1) // 2 % 3))[:, np.newaxis]
    target = np.where(cycles % 2 == 1, 0.0, 1.0)[:, np.newaxis]
    return colours + (target - colours) * shade


def value_colours() -> Colormap:
    """Colours of numbers, for points: cividis without the dark end, which dark pages swallow."""
    return ListedColormap(colormaps["cividis"](np.linspace(0.2, 1, 256)))


def class_markers(labels: Int64[np.ndarray, " samples"]) -> list[Path]:
    """A marker's outline for each sample, of equal area, differing from class to class."""
    outlines = [_outline(marker) for marker in _MARKERS]
    return [outlines[label % len(outlines)] for label in labels]


def marker_of(label: int) -> str:
    """The marker of a class, as matplotlib names it."""
    return _MARKERS[label % len(_MARKERS)]


def _outline(marker: str) -> Path:
    style = MarkerStyle(marker)
    return style.get_path().transformed(style.get_transform())
