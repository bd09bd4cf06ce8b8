"""What the affinities of a t-SNE map enter: the attractive half of the gradient, and the loss."""

import numpy as np
from jaxtyping import Float32, Float64, Int64, UInt32

from cutaway.compiled import compiled

ONE = np.float32(1)
ZERO = np.float32(0)


@compiled(nogil=True, fastmath=True, error_model="numpy")
def attraction(
    first: int,
    last: int,
    row_starts: Int64[np.ndarray, "n_and_one"],
    columns: UInt32[np.ndarray, "entries"],
    affinities: Float32[np.ndarray, "entries"],
    Y: Float32[np.ndarray, "2 n"],
    force: Float32[np.ndarray, "2 n"],
) -> None:
    """Writes Σ_j p_ij (y_i − y_j) / (1 + |y_i − y_j|²) for the rows first..last.

    Source: van der Maaten and Hinton 2008, equation 5, split as in van der Maaten 2014.
    """
    x, y = Y[0], Y[1]
    for i in range(first, last):
        force_x, force_y = ZERO, ZERO
        for entry in range(np.uint64(row_starts[i]), np.uint64(row_starts[i + 1])):
            j = columns[entry]
            dx = x[i] - x[j]
            dy = y[i] - y[j]
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
