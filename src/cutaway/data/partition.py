"""Dividing samples into a part to keep and a part to hold out, class by class."""

import numpy as np
from jaxtyping import Int64


def hold_out(
    labels: Int64[np.ndarray, " samples"] | None, samples: int, count: int, seed: int
) -> tuple[Int64[np.ndarray, " kept"], Int64[np.ndarray, " held"]]:
    """Holds out `count` of `samples`, each class in proportion (to within one sample).

    Within each class the samples are put in random order and given the places 0.5/m, 1.5/m, ... of
    its m samples; the `count` samples with the first places are held out, so a class with few
    samples keeps at least one as long as less than half is held out.

    Args:
        labels: Int64 (n,) class of each sample, or None to divide without regard to classes.
        samples: n.
        count: How many to hold out.
        seed: Equal seeds give equal parts.

    Returns:
        Positions kept and positions held out, each in ascending order.

    Example:
        >>> kept, held = hold_out(np.array([0, 0, 0, 1, 1, 1]), samples=6, count=2, seed=0)
        >>> len(kept), [int(place > 2) for place in held]
        (4, [0, 1])
    """
    shuffled = np.random.default_rng(seed).permutation(samples)
    classes = np.zeros(samples, np.int64) if labels is None else labels[shuffled]
    by_class = np.argsort(classes, kind="stable")
    sizes = np.bincount(classes)
    sizes = sizes[sizes > 0]
    places = np.concatenate([(np.arange(size) + 0.5) / size for size in sizes])
    order = np.lexsort((by_class, places))
    chosen = shuffled[by_class[order]]
    return np.sort(chosen[count:]), np.sort(chosen[:count])
