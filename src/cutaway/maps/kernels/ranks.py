"""Ranks among neighbours, which trustworthiness and continuity count."""

import numpy as np
from jaxtyping import Float32, Float64, UInt32

from cutaway.compiled import compiled
from cutaway.maps.kernels.selection import squared_distance


@compiled(nogil=True, error_model="numpy")
def neighbour_ranks(
    first: int,
    last: int,
    rows: Float32[np.ndarray, "n features"],
    ranked: UInt32[np.ndarray, "ranked"],
    near: UInt32[np.ndarray, "n k"],
    excess: Float64[np.ndarray, "ranked"],
) -> None:
    """Writes Σ_j max(0, rank_i(j) − k) over the neighbours j that `near` gives each ranked row i.

    Ranks count rows nearer to i, ties by index. Source: Venna and Kaski 2001, "Neighborhood
    preservation in nonlinear projection methods", equation 1.
    """
    k = near.shape[1]
    squared = np.empty(len(rows))
    for slot in range(first, last):
        i = ranked[slot]
        for j in range(len(rows)):
            squared[j] = squared_distance(rows[i], rows, np.uint64(j))
        beyond = 0.0
        for a in range(k):
            target = near[i, a]
            limit = squared[target]
            rank = 1
            for j in range(len(rows)):
                nearer = squared[j] < limit or (squared[j] == limit and j < target)
                rank += nearer and j != i
            beyond += max(0, rank - k)
        excess[slot] = beyond
