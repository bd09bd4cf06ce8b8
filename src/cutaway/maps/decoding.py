"""What a decoder draws: samples beside their reconstructions, and a walk over the map."""

from dataclasses import dataclass
from itertools import pairwise
from typing import Protocol, runtime_checkable

import numpy as np
from jaxtyping import Float, Float32, Int64

from cutaway.errors import InputError


@runtime_checkable
class Decodes(Protocol):
    """An estimator that places rows and redraws them: PCA or Autoencoder."""

    def transform(self, X: np.ndarray) -> np.ndarray:
        """Coordinates of rows."""

    def inverse_transform(self, Z: np.ndarray) -> np.ndarray:
        """Rows at coordinates."""


@dataclass(frozen=True)
class Reconstructions:
    """Rows and what became of them.

    Attributes:
        originals: The rows.
        redrawn: The decoder's rows for their coordinates.
        errors: Root mean square difference of each, in the units of the features.
    """

    originals: Float[np.ndarray, "samples features"]
    redrawn: Float32[np.ndarray, "samples features"]
    errors: Float32[np.ndarray, " samples"]


def reconstruct(estimator: Decodes, X: Float[np.ndarray, "samples features"]) -> Reconstructions:
    """Squeezes the rows of `X` through the map's coordinates and back.

    Example:
        >>> from cutaway.maps import PCA
        >>> rows = np.array([[0.0, 0.0], [1.0, 1.0], [2.0, 2.0]])
        >>> reconstruct(PCA(1).fit(rows), rows).errors.round(6).tolist()
        [0.0, 0.0, 0.0]
    """
    redrawn = estimator.inverse_transform(estimator.transform(X))
    errors = np.sqrt(np.square(redrawn - X).mean(axis=1, dtype=np.float64))
    return Reconstructions(X, redrawn, errors.astype(np.float32))


@dataclass(frozen=True)
class Walk:
    """Decoded images along a path or over a grid of the map.

    Attributes:
        coordinates: Where each image stands on the map.
        rows: The decoder's rows there.
        nearest: Index of the mapped sample nearest to each place, to compare with.
    """

    coordinates: Float32[np.ndarray, "steps axes"]
    rows: Float32[np.ndarray, "steps features"]
    nearest: Int64[np.ndarray, " steps"]


def walk(
    estimator: Decodes,
    embedding: Float[np.ndarray, "n axes"],
    stops: list[int],
    steps: int = 10,
) -> Walk:
    """Decodes places on the straight way from one mapped sample to the next.

    Args:
        estimator: Whose coordinates the map shows.
        embedding: The map.
        stops: Indices of the samples to go by, two or more.
        steps: Places from each stop to the next, both counted; 2 or more.

    Raises:
        InputError: There are fewer than two stops or steps, or a stop is no sample of the map.

    Example:
        >>> from cutaway.maps import PCA
        >>> rows = np.array([[0.0, 0.0], [1.0, 1.0], [4.0, 4.0]])
        >>> pca = PCA(1).fit(rows)
        >>> walk(pca, pca.embedding_, [0, 2], steps=3).rows.round(3).tolist()
        [[0.0, 0.0], [2.0, 2.0], [4.0, 4.0]]
    """
    if len(stops) < 2 or steps < 2 or not all(0 <= stop < len(embedding) for stop in stops):
        raise InputError(
            f"stops={stops} and steps={steps}; expected two or more of each, and stops among the "
            f"{len(embedding)} samples of the map"
        )
    shares = np.linspace(0, 1, steps)[:, None]
    legs = [
        embedding[start] + shares * (embedding[stop] - embedding[start])
        for start, stop in pairwise(stops)
    ]
    path = [legs[0], *(leg[1:] for leg in legs[1:])]
    return _decoded(estimator, embedding, np.concatenate(path))


def grid(estimator: Decodes, embedding: Float[np.ndarray, "n 2"], size: int = 12) -> Walk:
    """Decodes size × size places that cover the middle 96% of a map of two axes, row by row.

    The first row is the map's top. Raises InputError where `size` is below 2.

    Example:
        >>> from cutaway.maps import PCA
        >>> rows = np.random.default_rng(0).normal(size=(30, 5))
        >>> pca = PCA(2).fit(rows)
        >>> grid(pca, pca.embedding_, size=3).rows.shape
        (9, 5)
    """
    if size < 2:
        raise InputError(f"size={size}; expected 2 places a side or more")
    low, high = np.quantile(embedding, [0.02, 0.98], axis=0)
    across = np.linspace(low[0], high[0], size)
    down = np.linspace(high[1], low[1], size)
    places = np.stack(np.meshgrid(across, down), axis=-1).reshape(-1, 2)
    return _decoded(estimator, embedding, places)


def _decoded(estimator: Decodes, embedding: np.ndarray, places: np.ndarray) -> Walk:
    from sklearn.metrics import pairwise_distances_argmin

    places = places.astype(np.float32)
    nearest = pairwise_distances_argmin(places, embedding.astype(np.float32))
    return Walk(places, estimator.inverse_transform(places), nearest.astype(np.int64))
