"""Some images that stand for all of a set: the first, or some of every class."""

from typing import overload

import numpy as np
from jaxtyping import Int64

from cutaway.data.image_set import ImageSet
from cutaway.data.images import Images
from cutaway.data.stream import ImageStream
from cutaway.errors import InputError


@overload
def first_images(data: Images | ImageStream, count: int, seed: int = ...) -> Images: ...
@overload
def first_images(data: ImageSet | ImageStream, count: int, seed: int = ...) -> ImageSet: ...
def first_images(data: ImageSet | ImageStream, count: int, seed: int = 0) -> ImageSet:
    """At most `count` images of a set, of all its classes.

    Args:
        data: A set of images, or a stream, of which no more is read than needed.
        count: How many.
        seed: Orders a stream that lies class by class, which is then begun anew, shuffled.

    Raises:
        InputError: The stream gives no image.

    Example:
        >>> from cutaway.data import load_data
        >>> len(first_images(load_data("digits"), 100))
        100
    """
    if isinstance(data, ImageSet):
        return data.select(first_rows(data.labels, len(data), count))
    taken = _taken(data, count)
    if len(taken) == count and lies_by_class(taken.labels):
        taken = _taken(data.shuffle(seed), count)
    return taken


def first_rows(
    labels: Int64[np.ndarray, " samples"] | None, samples: int, count: int
) -> Int64[np.ndarray, " rows"]:
    """Rows of the first `count` samples; of a set that lies class by class, spread over all of it.

    Args:
        labels: Int64 (n,) class of each sample, or None.
        samples: n.
        count: At most how many rows.

    Example:
        >>> first_rows(np.array([0, 0, 1, 1]), 4, 2), first_rows(np.array([0, 1, 0, 1]), 4, 2)
        (array([0, 2]), array([0, 1]))
    """
    if count < samples and lies_by_class(labels):
        return np.arange(count) * samples // count
    return np.arange(min(count, samples))


def lies_by_class(labels: Int64[np.ndarray, " samples"] | None) -> bool:
    """Whether all samples of a class stand together, as in folders.

    Example:
        >>> lies_by_class(np.array([1, 1, 0])), lies_by_class(np.array([1, 0, 1]))
        (True, False)
    """
    if labels is None:
        return False
    return 1 + int(np.count_nonzero(np.diff(labels))) == len(np.unique(labels))


def _taken(data: ImageStream, count: int) -> Images:
    taken = next(iter(data.batches_of(count)), None)
    if taken is None:
        raise InputError(f"{data.name!r} gives no image")
    return taken
