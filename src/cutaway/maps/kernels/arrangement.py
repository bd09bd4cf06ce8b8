"""Keeping points that lie together on the map together in memory, where the pull meets them."""

import numpy as np
from jaxtyping import Float32, Int64, UInt32

from cutaway.compiled import compiled

BITS = 12
LEAST_EXTENT = 1e-30


def curve_order(Y: Float32[np.ndarray, "2 n"]) -> UInt32[np.ndarray, "n"]:
    """Numbers of the points along a curve that fills the plane, points of a cell by number.

    Source: Morton 1966, "A computer oriented geodetic data base".

    Example:
        >>> curve_order(np.array([[0, 1, 1, 0], [1, 0, 1, 0]], dtype=np.float32)).tolist()
        [3, 1, 0, 2]
    """
    low = Y.min(axis=1, keepdims=True)
    extent = max(float((Y - low).max()), LEAST_EXTENT)
    column, row = ((Y - low) * ((2**BITS - 1) / extent)).astype(np.uint32)
    place = np.zeros(Y.shape[1], dtype=np.uint32)
    for bit in range(BITS):
        place |= ((column >> bit) & 1) << (2 * bit)
        place |= ((row >> bit) & 1) << (2 * bit + 1)
    return np.argsort(place, kind="stable").astype(np.uint32)


@compiled(nogil=True, error_model="numpy")
def arrange_rows(
    first: int,
    last: int,
    order: UInt32[np.ndarray, "n"],
    place: UInt32[np.ndarray, "n"],
    row_starts: Int64[np.ndarray, "n_and_one"],
    columns: UInt32[np.ndarray, "entries"],
    values: Float32[np.ndarray, "entries"],
    arranged_starts: Int64[np.ndarray, "n_and_one"],
    arranged_columns: UInt32[np.ndarray, "entries"],
    arranged_values: Float32[np.ndarray, "entries"],
) -> None:
    """Writes the rows first..last of a sparse matrix whose rows and columns stand in another order.

    Args:
        first: The first row to write.
        last: One past the last.
        order: The old number of each new row.
        place: The new number of each old row.
        row_starts: Where the old rows start.
        columns: Columns of the old entries.
        values: The old entries.
        arranged_starts: Where the new rows start.
        arranged_columns: Receives the new columns.
        arranged_values: Receives the new entries.
    """
    for row in range(first, last):
        old = order[row]
        start, shift = arranged_starts[row], row_starts[old] - arranged_starts[row]
        for entry in range(start, arranged_starts[row + 1]):
            arranged_columns[entry] = place[columns[entry + shift]]
            arranged_values[entry] = values[entry + shift]
