"""How a layer lays out samples: how far apart the classes lie, and in how many dimensions."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float32, Float64, Int64

from cutaway.diagnosis.intrinsic_dimension import two_nearest_dimension

MEASURED = 2_000
"""Distances are taken between at most so many samples, since their number grows with the square."""
_COPY = 1e-12

Features = Float32[np.ndarray, "samples features"]
Labels = Int64[np.ndarray, " samples"]


@dataclass(frozen=True)
class LayerGeometry:
    """How one layer lays out samples; what cannot be told is None.

    Attributes:
        fisher: Scatter of the classes' means over scatter within the classes, from 0 up.
        silhouette: From −1 (among another class) to 1 (classes tight and far apart).
        intrinsic_dimension: How many numbers it takes to say where a sample lies.
    """

    fisher: float | None
    silhouette: float | None
    intrinsic_dimension: float | None


def layer_geometry(
    features: Features, labels: Labels | None = None, *, most: int = MEASURED, seed: int = 0
) -> LayerGeometry:
    """Measures how one layer lays out samples.

    Silhouette and intrinsic dimension are read from the same distances, between `most` samples
    drawn at random. The dimension is that of the ratio of the two nearest, as in Ansuini et al.
    2019, "Intrinsic dimension of data representations in deep neural networks", arXiv:1905.12784.

    Args:
        features: Finite, Float32 (samples, features).
        labels: Classes (samples,), without which only the dimension is measured.
        most: Distances are taken between at most so many samples.
        seed: Draws them.

    Example:
        >>> rows = np.repeat([[0.0, 1.0], [9.0, 3.0]], 10, axis=0).astype(np.float32)
        >>> layer_geometry(rows, np.repeat([0, 1], 10)).silhouette
        1.0
    """
    if len(features) <= 2:
        return LayerGeometry(None, None, None)
    drawn = drawn_rows(len(features), most, seed)
    squared = squared_distances(features[drawn])
    near = np.partition(squared + np.diag(np.full(len(drawn), np.inf)), 1)[:, :2]
    dimension = two_nearest_dimension(near)
    if labels is None:
        return LayerGeometry(None, None, dimension)
    return LayerGeometry(
        fisher=fisher_ratio(features, labels),
        silhouette=silhouette(np.sqrt(squared), labels[drawn]),
        intrinsic_dimension=dimension,
    )


def drawn_rows(samples: int, most: int, seed: int) -> Int64[np.ndarray, " drawn"]:
    """At most so many rows, drawn at random, in order."""
    if samples <= most:
        return np.arange(samples)
    return np.sort(np.random.default_rng(seed).choice(samples, most, replace=False))


def squared_distances(rows: Features) -> Float64[np.ndarray, "samples samples"]:
    """Squared Euclidean distances between all rows; those of copies are exactly 0."""
    centred = rows.astype(np.float64)
    centred -= centred.mean(axis=0)
    squares = np.einsum("ij,ij->i", centred, centred)
    lengths = squares[:, np.newaxis] + squares
    squared = lengths - 2 * (centred @ centred.T)
    squared[squared <= _COPY * lengths] = 0
    return squared


def fisher_ratio(features: Features, labels: Labels) -> float | None:
    """Scatter of the classes' means around the mean of all, over scatter within the classes.

    The ratio of the traces of both scatter matrices: neither turning, shifting nor scaling the
    features changes it. Source: Fukunaga 1990, "Introduction to Statistical Pattern Recognition",
    section 10.2, criterion J4.

    Args:
        features: Float32 (samples, features).
        labels: Classes (samples,).

    Returns:
        From 0 up, or None with fewer than two classes or without any scatter within them.

    Example:
        >>> fisher_ratio(np.array([[0], [2], [4], [6]], np.float32), np.array([0, 0, 1, 1]))
        4.0
    """
    classes, numbers = np.unique(labels, return_inverse=True)
    if len(classes) < 2:
        return None
    counts = np.bincount(numbers)
    centred = features - features.mean(axis=0)
    sums = np.zeros((len(classes), features.shape[1]))
    np.add.at(sums, numbers, centred)
    means = sums / counts[:, np.newaxis]
    between = float(counts @ np.square(means).sum(axis=1))
    total = float(np.einsum("ij,ij->", centred, centred, dtype=np.float64))
    within = total - between
    return between / within if within > 1e-9 * total else None


def silhouette(distances: Float64[np.ndarray, "samples samples"], labels: Labels) -> float | None:
    """The mean silhouette of samples whose clusters are their classes.

    A sample's is (b − a) / max(a, b), where a is its mean distance to its own class and b that to
    the nearest other one; 0 where it is alone in its class. Source: Rousseeuw 1987, "Silhouettes".

    Args:
        distances: Between all samples.
        labels: Classes (samples,).

    Returns:
        In [−1, 1], or None with fewer than two classes or with only one sample in each.
    """
    classes, numbers = np.unique(labels, return_inverse=True)
    if not 2 <= len(classes) < len(labels):
        return None
    marks = np.eye(len(classes))[numbers]
    counts = marks.sum(axis=0)
    sums = distances @ marks
    rows = np.arange(len(labels))
    fellows = counts[numbers] - 1
    own = sums[rows, numbers] / np.maximum(fellows, 1)
    others = sums / counts
    others[rows, numbers] = np.inf
    nearest = others.min(axis=1)
    larger = np.maximum(own, nearest)
    told = (fellows > 0) & (larger > 0)
    return float((np.where(told, nearest - own, 0) / np.where(told, larger, 1)).mean())
