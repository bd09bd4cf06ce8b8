"""Images that occur more than once, pixel for pixel."""

import hashlib

import numpy as np
from jaxtyping import Int64

from cutaway.data.images import Pixels


def exact_duplicates(pixels: Pixels) -> tuple[tuple[int, ...], ...]:
    """Groups of positions whose images are equal in every value, in order of first occurrence.

    Images are compared by a 128-bit hash (BLAKE2b).

    Example:
        >>> exact_duplicates(np.array([1, 2, 1], np.uint8).reshape(3, 1, 1, 1))
        ((0, 2),)
    """
    groups: dict[bytes, list[int]] = {}
    for position, image in enumerate(np.ascontiguousarray(pixels)):
        digest = hashlib.blake2b(image.data, digest_size=16).digest()
        groups.setdefault(digest, []).append(position)
    return tuple(tuple(group) for group in groups.values() if len(group) > 1)


def label_conflicts(
    groups: tuple[tuple[int, ...], ...], labels: Int64[np.ndarray, " samples"] | None
) -> tuple[tuple[int, ...], ...]:
    """The groups of equal images whose labels differ; none where there are no labels."""
    if labels is None:
        return ()
    return tuple(group for group in groups if len(set(labels[list(group)].tolist())) > 1)
