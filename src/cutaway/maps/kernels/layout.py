"""UMAP's layout: neighbours pull, random others push, and no thread count changes the result.

Points are moved each by itself, against where the others were before, so the order in which threads
take the points does not matter. Source of the forces: McInnes et al.
2018, "UMAP", section 3.2 and appendix C.
"""

import numpy as np
from jaxtyping import Float32, Int64, UInt32

from cutaway.compiled import compiled

ONE = np.float32(1)
ZERO = np.float32(0)
LONGEST = np.float32(4)
CELL_BITS = 17
CELL_MASK = np.int32((1 << CELL_BITS) - 1)
CELL_WIDTH = np.float32(1 / (1 << CELL_BITS))
LOWEST_EXPONENT = -24
HIGHEST_EXPONENT = 24
FIRST_CELL = np.int32((LOWEST_EXPONENT + 127) << (23 - CELL_BITS))
LEAST = np.float32(2.0**LOWEST_EXPONENT)
MOST = np.float32(2.0**HIGHEST_EXPONENT * 0.999)


@compiled(nogil=True, error_model="numpy")
def scrambled(value: np.uint64) -> np.uint64:
    """A well-mixed 64-bit number: Steele et al. 2014, "Fast splittable random numbers"."""
    value = (value ^ (value >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    value = (value ^ (value >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return value ^ (value >> np.uint64(31))


@compiled(nogil=True, fastmath=True, error_model="numpy")
def tabulated(table: Float32[np.ndarray, "cells"], squared_distance: np.float32) -> np.float32:
    """A force's coefficient at a squared distance, interpolated between 64 values an octave."""
    bits = np.float32(min(max(squared_distance, LEAST), MOST)).view(np.int32)
    cell = np.uint32((bits >> np.int32(CELL_BITS)) - FIRST_CELL)
    past = np.float32(bits & CELL_MASK) * CELL_WIDTH
    return table[cell] + past * (table[cell + np.uint32(1)] - table[cell])


@compiled(nogil=True, fastmath=True, error_model="numpy")
def clipped(value: np.float32) -> np.float32:
    """The value, no further from zero than the longest step."""
    return min(max(value, -LONGEST), LONGEST)


@compiled(nogil=True, fastmath=True, error_model="numpy")
def lay_out(
    first: int,
    last: int,
    row_starts: Int64[np.ndarray, "n_and_one"],
    columns: UInt32[np.ndarray, "entries"],
    rates: Float32[np.ndarray, "entries"],
    epoch: int,
    pulls: int,
    pushes: int,
    step: np.float32,
    seed: np.uint64,
    attraction: Float32[np.ndarray, "cells"],
    repulsion: Float32[np.ndarray, "cells"],
    places: Float32[np.ndarray, "others 2"],
    before: Float32[np.ndarray, "n 2"],
    after: Float32[np.ndarray, "n 2"],
) -> None:
    """Moves the points first..last by one epoch.

    An edge acts in a share of the epochs, its rate. When it acts, the point is pulled `pulls` times
    towards the other end, then pushed `pushes` times by points drawn at random.

    Args:
        first: The first point to move.
        last: One past the last.
        row_starts: Where each point's edges start.
        columns: Other ends of the edges.
        rates: Share of the epochs in which an edge acts, in (0, 1].
        epoch: Number of this epoch.
        pulls: 2 where both ends of an edge move and each has it in its row, else 1.
        pushes: Points drawn for each edge that acts.
        step: Step size.
        seed: Chooses the points drawn: with `pulls` 1, the same for every point that is moved.
        attraction: Coefficients of the pull by squared distance.
        repulsion: Coefficients of the push.
        places: Where the other points are.
        before: Where the points are that are moved.
        after: Receives where they go.
    """
    others = np.uint64(len(places))
    for i in range(first, last):
        x, y = before[i, 0], before[i, 1]
        stream = np.uint64(i) if pulls > 1 else np.uint64(0)
        state = scrambled(seed + scrambled(np.uint64(epoch) + (stream << np.uint64(32))))
        for entry in range(row_starts[i], row_starts[i + 1]):
            rate = np.float64(rates[entry])
            if np.floor((epoch + 1) * rate) == np.floor(epoch * rate):
                continue
            j = columns[entry]
            for _ in range(pulls):
                dx, dy = x - places[j, 0], y - places[j, 1]
                force = tabulated(attraction, dx * dx + dy * dy)
                x += step * clipped(force * dx)
                y += step * clipped(force * dy)
            for _ in range(pushes):
                state += np.uint64(0x9E3779B97F4A7C15)
                drawn = ((scrambled(state) >> np.uint64(32)) * others) >> np.uint64(32)
                dx, dy = x - places[drawn, 0], y - places[drawn, 1]
                force = tabulated(repulsion, dx * dx + dy * dy)
                x += step * clipped(force * dx)
                y += step * clipped(force * dy)
        after[i, 0], after[i, 1] = x, y
