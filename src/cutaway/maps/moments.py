"""Mean and scatter of a stream of rows, exact over any split into batches or shards."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

_BLOCK_ROWS = 4096


@dataclass(frozen=True)
class Moments:
    """What principal components need to know of the rows seen so far.

    Batches merge in any order and grouping to the moments of all rows together. Source: Chan, Golub
    and LeVeque 1979, "Updating formulae and a pairwise algorithm for computing sample variances".

    Attributes:
        count: Number of rows.
        mean: Mean of the rows.
        scatter: Sum over rows of the outer product of the centred row with itself.

    Example:
        >>> rows = np.array([[0.0, 1.0], [2.0, 3.0], [7.0, 5.0]])
        >>> merged = Moments.of(rows[:1]).merge(Moments.of(rows[1:]))
        >>> bool(np.allclose(merged.scatter / 2, np.cov(rows.T)))
        True
    """

    count: int
    mean: Float[np.ndarray, " features"]
    scatter: Float[np.ndarray, "features features"]

    @classmethod
    def of(cls, X: Float[np.ndarray, "samples features"]) -> "Moments":
        """The moments of `X`, multiplied in its own precision and added up in float64."""
        mean = X.mean(axis=0, dtype=np.float64)
        scatter = np.zeros((X.shape[1], X.shape[1]))
        centre = mean.astype(X.dtype)
        for start in range(0, len(X), _BLOCK_ROWS):
            centred = X[start : start + _BLOCK_ROWS] - centre
            scatter += centred.T @ centred
        return cls(len(X), mean, scatter)

    def merge(self, other: "Moments") -> "Moments":
        """The moments of the rows of both."""
        count = self.count + other.count
        step = other.mean - self.mean
        between = (self.count * other.count / count) * np.outer(step, step)
        mean = self.mean + step * (other.count / count)
        return Moments(count, mean, self.scatter + other.scatter + between)
