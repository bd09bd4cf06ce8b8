"""Which classes are taken for each other: pairs, an order of classes, the block of most errors."""

import numpy as np
from jaxtyping import Float, Int64

Counts = Int64[np.ndarray, "classes classes"]


def confused_pairs(counts: Counts, most: int = 10) -> list[tuple[int, int, int]]:
    """Pairs of a true class and what it was taken for, with how often, most often first.

    Args:
        counts: How often each true class (row) was predicted as each class (column).
        most: At most so many pairs; those that never occurred are left out, and ties go to the
            lower numbers.

    Example:
        >>> confused_pairs(np.array([[5, 1, 0], [3, 4, 0], [0, 0, 9]]))
        [(1, 0, 3), (0, 1, 1)]
    """
    wrong = _errors(counts)
    order = np.argsort(-wrong, axis=None, kind="stable")[:most]
    pairs = zip(*np.unravel_index(order, counts.shape), strict=True)
    return [
        (int(label), int(predicted), int(wrong[label, predicted]))
        for label, predicted in pairs
        if wrong[label, predicted]
    ]


def confusion_order(counts: Counts) -> Int64[np.ndarray, " classes"]:
    """Class numbers in an order that sets classes that are taken for each other side by side.

    Average linkage of the share of samples that two classes give each other; classes that join no
    other keep their order at the end.

    Args:
        counts: How often each true class (row) was predicted as each class (column).

    Example:
        >>> confusion_order(np.array([[5, 0, 4], [0, 9, 0], [4, 0, 5]])).tolist()
        [0, 2, 1]
    """
    from scipy.cluster.hierarchy import leaves_list, linkage
    from scipy.spatial.distance import squareform

    if len(counts) < 3:
        return np.arange(len(counts))
    shares = _shares(counts)
    together = np.minimum(shares + shares.T, 1)
    np.fill_diagonal(together, 1)
    joined = np.flatnonzero((together > 0).sum(axis=1) > 1)
    if len(joined) < 3:
        return np.argsort(~np.isin(np.arange(len(counts)), joined), kind="stable")
    near = squareform(1 - together[np.ix_(joined, joined)], checks=False)
    order = joined[leaves_list(linkage(near, "average"))]
    alone = np.setdiff1d(np.arange(len(counts)), joined)
    return np.concatenate([order, alone]).astype(np.int64)


def worst_block(counts: Counts, side: int) -> int:
    """The first of `side` classes in a row among which most errors lie; the first such on a tie.

    Args:
        counts: Rows and columns in the order in which classes stand.
        side: Classes of the block, 1 to their number.

    Example:
        >>> worst_block(np.array([[9, 0, 0], [0, 5, 4], [0, 3, 6]]), 2)
        1
    """
    total = np.zeros((len(counts) + 1, len(counts) + 1), dtype=np.int64)
    total[1:, 1:] = _errors(counts).cumsum(axis=0).cumsum(axis=1)
    first = np.arange(len(counts) - side + 1)
    last = first + side
    within = total[last, last] - total[first, last] - total[last, first] + total[first, first]
    return int(within.argmax())


def _errors(counts: Counts) -> Counts:
    wrong = counts.copy()
    np.fill_diagonal(wrong, 0)
    return wrong


def _shares(counts: Counts) -> Float[np.ndarray, "classes classes"]:
    return _errors(counts) / np.maximum(counts.sum(axis=1, keepdims=True), 1)
