"""Places at the edge of images whose value alone gives the class away: marks, frames, captions."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float, Float32, Int64

EDGE = 0.125
"""The edge is what lies within this share of the side from the border."""
TELLS = 0.6
"""A place gives the class away where it names so much of what guessing the largest class leaves."""
SMALL_PART = 0.1
"""And where no more than this share of all places names half as much: an object fills more."""
_LEVELS = {1: 16}
_OTHER_LEVELS = 8
_FEWEST, _FEWEST_OF_CLASS = 100, 10


@dataclass(frozen=True)
class EdgeSpot:
    """A place that gives the class away.

    Attributes:
        row: Where it is, in pixels from the top.
        column: And from the left.
        accuracy: How often its value names the class, in [0, 1].
        typical: How often the median place does.
        telling: All places that name at least half as much of what guessing leaves.
    """

    row: int
    column: int
    accuracy: float
    typical: float
    telling: Bool[np.ndarray, "height width"]


def edge_spot(
    pixels: Float32[np.ndarray, "samples channels height width"],
    labels: Int64[np.ndarray, " samples"],
) -> EdgeSpot | None:
    """The place at the edge that tells most of the class, where one stands out.

    Each place is a classifier: its value, in 16 levels of grey or 8 of each colour, names the class
    that is most frequent with it in one half of the samples, and is scored on the other half, and
    the other way round. What an object shows is told by many places about the middle; a mark, a
    frame or a caption by few, and at the edge.

    Args:
        pixels: Values in [0, 1].
        labels: Of each sample; ten of each class and a hundred in all are the least.

    Example:
        >>> random = np.random.default_rng(0)
        >>> labels = np.arange(200) % 4
        >>> pixels = random.random((200, 1, 16, 16), np.float32)
        >>> edge_spot(pixels, labels) is None
        True
        >>> pixels[:, 0, 0, 3] = labels / 4
        >>> found = edge_spot(pixels, labels)
        >>> found.row, found.column, found.accuracy
        (0, 3, 1.0)
    """
    classes, labels = np.unique(labels, return_inverse=True)
    if len(classes) < 2 or len(labels) < max(_FEWEST, _FEWEST_OF_CLASS * len(classes)):
        return None
    right = _accuracies(pixels, labels, len(classes))
    guessing = np.bincount(labels).max() / len(labels)
    leads = (right - guessing) / (1 - guessing)
    at_edge = np.where(_edge(*right.shape), leads, -np.inf)
    row, column = np.unravel_index(at_edge.argmax(), right.shape)
    best = leads[row, column]
    telling = leads >= best / 2
    if best < TELLS or telling.mean() > SMALL_PART:
        return None
    accuracy, typical = float(right[row, column]), float(np.median(right))
    return EdgeSpot(int(row), int(column), accuracy, typical, telling)


def _edge(height: int, width: int) -> Bool[np.ndarray, "height width"]:
    rows, columns = (
        np.minimum(np.arange(side), np.arange(side)[::-1]) < max(1, round(EDGE * side))
        for side in (height, width)
    )
    return rows[:, None] | columns


def _accuracies(
    pixels: Float32[np.ndarray, "samples channels height width"],
    labels: Int64[np.ndarray, " samples"],
    classes: int,
) -> Float[np.ndarray, "height width"]:
    levels = _LEVELS.get(pixels.shape[1], _OTHER_LEVELS)
    steps = np.clip(pixels * levels, 0, levels - 1).astype(np.int64)
    codes = sum(steps[:, channel] * levels**channel for channel in range(pixels.shape[1]))
    size = levels ** pixels.shape[1]
    flat = np.asarray(codes).reshape(len(labels), -1)
    # Classes may come in any order, and so may what alternates.
    half = np.random.default_rng(0).permutation(len(labels)) % 2 == 0
    right = np.zeros(flat.shape[1])
    for learned in (half, ~half):
        for place in range(flat.shape[1]):
            pairs = flat[learned, place] * classes + labels[learned]
            counts = np.bincount(pairs, minlength=size * classes).reshape(size, classes)
            named = counts.argmax(axis=1)[flat[~learned, place]]
            right[place] += (named == labels[~learned]).sum()
    return right.reshape(pixels.shape[2:]) / len(labels)
