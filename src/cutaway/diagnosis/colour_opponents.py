"""Filters over red, green and blue, taken apart into a colour and a pattern."""

import numpy as np
from jaxtyping import Bool, Float

GREY_SHARE = 0.5
"""A filter is a colour opponent where less than this share of its colour's power is grey."""

ONE_COLOUR = 0.8
"""A pair of colours is no chance where it explains this share of the filter's power."""

_HUES = {
    "red–cyan": (2.0, -1.0, -1.0),
    "green–magenta": (-1.0, 2.0, -1.0),
    "blue–yellow": (-1.0, -1.0, 2.0),
    "red–green": (1.0, -1.0, 0.0),
    "green–blue": (0.0, 1.0, -1.0),
    "red–blue": (1.0, 0.0, -1.0),
}


def split_colour(
    weights: Float[np.ndarray, "filters 3 height width"],
) -> tuple[Float[np.ndarray, "filters height width"], list[str], Bool[np.ndarray, " filters"]]:
    """The pattern and the pair of colours that explain most of each filter.

    Returns:
        Each filter's first right singular vector as a pattern, with the sign that it has on grey
        images; the pair of colours that it sets against each other, or "" where it is grey; and
        whether that explains 80% of the filter or more, which hardly one in a hundred random
        filters of 3x3 reaches, and none of 5x5.

    Example:
        >>> dot = np.zeros((3, 3)); dot[1, 1] = 1.0
        >>> split_colour(np.array([[dot, -dot, 0 * dot], [dot, dot, dot]]))[1]
        ['red–green', '']
    """
    filters, _, height, width = weights.shape
    flat = np.nan_to_num(weights).reshape(filters, 3, height * width)
    colours, strengths, patterns = np.linalg.svd(flat, full_matrices=False)
    colour = colours[:, :, 0]
    grey = colour.sum(axis=1) / np.sqrt(3)
    sign = np.where(grey < 0, -1.0, 1.0)
    chosen = patterns[:, 0] * (sign * strengths[:, 0])[:, np.newaxis]
    pairs = [
        "" if not strength or share * share >= GREY_SHARE else _pair(direction)
        for direction, share, strength in zip(colour, grey, strengths[:, 0], strict=True)
    ]
    squares = np.square(strengths)
    share = squares[:, 0] / np.maximum(squares.sum(axis=1), np.finfo(np.float64).tiny)
    return chosen.reshape(filters, height, width), pairs, np.asarray(share >= ONE_COLOUR)


def _pair(colour: Float[np.ndarray, " 3"]) -> str:
    chroma = colour - colour.mean()
    hues = np.array(list(_HUES.values()))
    likeness = np.abs(hues @ chroma) / np.linalg.norm(hues, axis=1)
    return list(_HUES)[int(likeness.argmax())]
