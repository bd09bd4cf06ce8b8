"""What the affinities of a t-SNE map enter: the attractive half of the gradient, and the loss."""

import numpy as np
from jaxtyping import Float32, Float64, Int64, UInt32, UInt64

from cutaway.compiled import compiled

ONE = np.float32(1)
ZERO = np.float32(0)


HALF_WORD = np.uint64(32)


def packed(Y: Float32[np.ndarray, "2 n"]) -> UInt64[np.ndarray, "n"]:
    """Both coordinates of each point in one word, which takes one reading instead of two."""
    halves = Y.view(np.uint32).astype(np.uint64)
    return halves[0] | (halves[1] << HALF_WORD)


@compiled(nogil=True, fastmath=True, error_model="numpy", inline="always")
def unpacked(point: np.uint64) -> tuple[np.float32, np.float32]:
    """The two coordinates that `packed` put into a word."""
    return np.uint32(point).view(np.float32), np.uint32(point >> HALF_WORD).view(np.float32)


@compiled(nogil=True, fastmath=True, error_model="numpy")
def attraction(
    first: int,
    last: int,
    row_starts: Int64[np.ndarray, "n_and_one"],
    columns: UInt32[np.ndarray, "entries"],
    affinities: Float32[np.ndarray, "entries"],
    points: UInt64[np.ndarray, "n"],
    force: Float32[np.ndarray, "2 n"],
) -> None:
    """Writes Σ_j p_ij (y_i − y_j) / (1 + |y_i − y_j|²) for the rows first..last, points packed.

    Source: van der Maaten and Hinton 2008, equation 5, split as in van der Maaten 2014.
    """
    for i in range(first, last):
        x, y = unpacked(points[i])
        force_x, force_y = ZERO, ZERO
        for entry in range(np.uint64(row_starts[i]), np.uint64(row_starts[i + 1])):
            other_x, other_y = unpacked(points[columns[entry]])
            dx, dy = x - other_x, y - other_y
            pull = affinities[entry] / (ONE + dx * dx + dy * dy)
            force_x += pull * dx
            force_y += pull * dy
        force[0, i] = force_x
        force[1, i] = force_y


@compiled(nogil=True, fastmath=True, error_model="numpy")
def cross_entropy(
    first: int,
    last: int,
    row_starts: Int64[np.ndarray, "n_and_one"],
    columns: UInt32[np.ndarray, "entries"],
    affinities: Float32[np.ndarray, "entries"],
    Y: Float32[np.ndarray, "2 n"],
    terms: Float64[np.ndarray, "n"],
) -> None:
    """Writes Σ_j p_ij (log p_ij + log(1 + |y_i − y_j|²)) for the rows first..last.

    Their sum and log Z make the KL divergence: van der Maaten and Hinton 2008, equation 2.
    """
    for i in range(first, last):
        terms[i] = 0.0
        for entry in range(row_starts[i], row_starts[i + 1]):
            j = columns[entry]
            p = np.float64(affinities[entry])
            dx = np.float64(Y[0, i]) - np.float64(Y[0, j])
            dy = np.float64(Y[1, i]) - np.float64(Y[1, j])
            if p > 0.0:
                terms[i] += p * np.log(p * (1.0 + dx * dx + dy * dy))
