"""Images that occur more than once, pixel for pixel."""

import hashlib
from collections.abc import Iterable

import numpy as np
from jaxtyping import Int64

from cutaway.data.image_set import Pixels

Groups = tuple[tuple[int, ...], ...]


def digests(pixels: Pixels) -> list[bytes]:
    """A 128-bit hash of each image's values (BLAKE2b).

    Example:
        >>> first, second, third = digests(np.array([1, 2, 1], np.uint8).reshape(3, 1, 1, 1))
        >>> first == third, first == second
        (True, False)
    """
    return [
        hashlib.blake2b(image.data, digest_size=16).digest()
        for image in np.ascontiguousarray(pixels)
    ]


def equal_groups(of: Iterable[bytes]) -> Groups:
    """Groups of positions whose hashes are equal, in order of first occurrence.

    Example:
        >>> equal_groups([b"one", b"two", b"one"])
        ((0, 2),)
    """
    groups: dict[bytes, list[int]] = {}
    for position, digest in enumerate(of):
        groups.setdefault(digest, []).append(position)
    return tuple(tuple(group) for group in groups.values() if len(group) > 1)


def label_conflicts(groups: Groups, labels: Int64[np.ndarray, " samples"] | None) -> Groups:
    """The groups of equal images whose labels differ; none where there are no labels."""
    if labels is None:
        return ()
    return tuple(group for group in groups if len(set(labels[list(group)].tolist())) > 1)
