"""Ranks among neighbours, which trustworthiness and continuity count."""

import numpy as np
from jaxtyping import Float32, Float64, UInt32

from cutaway.compiled import compiled
from cutaway.maps.kernels.selection import squared_distance

LANES = 64


@compiled(nogil=True, error_model="numpy")
def lane_counts(
    lanes: Float32[np.ndarray, "lanes"], low: np.float32, high: np.float32
) -> tuple[int, int]:
    """How many scores are below `low`, and how many from there to `high`; these loops vectorize."""
    below, reached = np.int32(0), np.int32(0)
    for lane in range(len(lanes)):
        below += np.int32(lanes[lane] < low)
        reached += np.int32(lanes[lane] <= high)
    return int(below), int(reached - below)


@compiled(nogil=True, error_model="numpy")
def neighbour_ranks(
    rows: Float32[np.ndarray, "n features"],
    ranked: UInt32[np.ndarray, "block"],
    scores: Float32[np.ndarray, "block n"],
    errors: Float64[np.ndarray, "block"],
    near: UInt32[np.ndarray, "block k"],
    excess: Float64[np.ndarray, "block"],
) -> None:
    """Writes Σ_j max(0, rank_i(j) − k) over the neighbours j that `near` gives each ranked row i.

    Ranks count rows nearer to i, ties by index. Scores decide where they are farther apart than
    they can be wrong; the others' distances are computed exactly, once a row. Source: Venna and
    Kaski 2001, "Neighborhood preservation in nonlinear projection methods", equation 1.

    Args:
        rows: The data.
        ranked: The rows i.
        scores: Squared distances of each row i to all, but for a term a row and rounding.
        errors: The most that a score can be wrong by.
        near: Neighbours of each row i.
        excess: Receives the sums.
    """
    n, k = len(rows), near.shape[1]
    exact = np.empty(n)
    for slot in range(len(ranked)):
        i = ranked[slot]
        line = scores[slot]
        exact[:] = -1.0
        beyond = 0.0
        for a in range(k):
            target = near[slot, a]
            limit = squared_distance(rows[i], rows, np.uint64(target))
            low = np.float32(line[target] - 2 * errors[slot])
            high = np.float32(line[target] + 2 * errors[slot])
            rank = 1 - (line[i] < low)
            for start in range(0, n, LANES):
                stop = min(start + LANES, n)
                below, close = lane_counts(line[start:stop], low, high)
                rank += below
                if close == 0:
                    continue
                for j in range(start, stop):
                    if j != i and low <= line[j] <= high:
                        if exact[j] < 0.0:
                            exact[j] = squared_distance(rows[i], rows, np.uint64(j))
                        rank += exact[j] < limit or (exact[j] == limit and j < target)
            beyond += max(0, rank - k)
        excess[slot] = beyond
