"""Placing texts so that they do not cover each other."""

import numpy as np
from jaxtyping import Bool, Float

Boxes = Float[np.ndarray, "texts 2"]


def spread_texts(
    anchors: Boxes, sizes: Boxes, low: Float[np.ndarray, " 2"], high: Float[np.ndarray, " 2"]
) -> Boxes:
    """Moves the middles of text boxes apart until none overlaps another, as little as it can.

    Args:
        anchors: Where the middles should be.
        sizes: Width and height of each box, in the units of the anchors.
        low: Lower left corner that boxes stay within.
        high: Upper right corner.

    Returns:
        Where the middles are. Where there is no room for all, some overlap.

    Example:
        >>> ends = np.array([0.0, 0.0]), np.array([10.0, 10.0])
        >>> spread_texts(np.full((2, 2), 5.0), np.full((2, 2), 2.0), *ends).tolist()
        [[5.0, 4.0], [5.0, 6.0]]
    """
    middles = anchors.astype(np.float64).copy()
    for _ in range(200):
        middles = np.clip(middles, low + sizes / 2, np.maximum(high - sizes / 2, low + sizes / 2))
        push = _pushes(middles, sizes)
        if not push.any():
            break
        middles += push
    return middles


def crowded(anchors: Boxes, sizes: Boxes) -> bool:
    """Whether more than half of the boxes would lie on another at their anchors.

    Example:
        >>> crowded(np.zeros((3, 2)), np.ones((3, 2)))
        True
    """
    apart = np.abs(anchors[:, np.newaxis] - anchors)
    touching = (apart < (sizes[:, np.newaxis] + sizes) / 2).all(axis=2)
    return bool((touching.sum(axis=1) > 1).mean() > 0.5)


def along_borders(
    anchors: Boxes, sizes: Boxes, low: Float[np.ndarray, " 2"], high: Float[np.ndarray, " 2"]
) -> Boxes:
    """Middles of text boxes along the left and the right border, each in the order of its anchors.

    Args:
        anchors: What the boxes belong to; the left half of them goes to the left.
        sizes: Width and height of each box.
        low: Lower left corner that boxes stay within.
        high: Upper right corner.

    Example:
        >>> ends = np.array([0.0, 0.0]), np.array([10.0, 10.0])
        >>> along_borders(np.array([[5.0, 5.0], [5.1, 5.0]]), np.full((2, 2), 2.0), *ends).tolist()
        [[1.0, 5.0], [9.0, 5.0]]
    """
    middles = np.empty(anchors.shape)
    order = np.argsort(anchors[:, 0], kind="stable")
    half = (len(order) + 1) // 2
    for border, chosen in ((0, order[:half]), (1, order[half:])):
        rising = chosen[np.argsort(anchors[chosen, 1], kind="stable")]
        shares = (np.arange(len(rising)) + 0.5) / max(len(rising), 1)
        middles[rising, 1] = low[1] + shares * (high[1] - low[1])
        inward = sizes[rising, 0] / 2
        middles[rising, 0] = high[0] - inward if border else low[0] + inward
    return middles


def _pushes(middles: Boxes, sizes: Boxes) -> Boxes:
    """Half of each overlap, along the axis where it is the smaller."""
    apart = middles[:, np.newaxis] - middles
    overlap = (sizes[:, np.newaxis] + sizes) / 2 - np.abs(apart)
    order = np.sign(np.arange(len(middles))[:, np.newaxis] - np.arange(len(middles)))
    touching: Bool[np.ndarray, "texts texts"] = (overlap > 1e-9).all(axis=2) & (order != 0)
    direction = np.where(np.abs(apart) > 1e-9, np.sign(apart), order[..., np.newaxis])
    vertical = overlap[..., 1] <= overlap[..., 0]
    along = np.stack([~vertical, vertical], axis=2) & touching[..., np.newaxis]
    return np.where(along, direction * overlap / 2, 0.0).sum(axis=1)
