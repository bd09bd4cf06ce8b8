"""UMAP's layout: neighbours pull, random others push, and no thread count changes the result.

Edges come in parts that share no point with the parts laid out beside them, and what pushes is read
from where points were before, so it does not matter which thread takes which part. Source of the
forces: McInnes et al. 2018, "UMAP", section 3.2 and appendix C.
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


@compiled(nogil=True, error_model="numpy")
def acts(rate: np.float32, epoch: int) -> bool:
    """Whether an edge that acts in a share of the epochs, its rate, acts in this one."""
    share = np.float64(rate)
    return bool(np.floor((epoch + 1) * share) != np.floor(epoch * share))


@compiled(nogil=True, fastmath=True, error_model="numpy")
def pushed(
    x: np.float32,
    y: np.float32,
    pushes: int,
    step: np.float32,
    state: np.uint64,
    repulsion: Float32[np.ndarray, "cells"],
    places: Float32[np.ndarray, "others 2"],
) -> tuple[np.float32, np.float32, np.uint64]:
    """Moves a point away from points drawn at random; returns its place and the generator's state.

    All pushes start from the same place, so that the processor computes them side by side.

    Args:
        x: First coordinate of the point.
        y: Second coordinate.
        pushes: Points to draw.
        step: Step size.
        state: State of the random generator.
        repulsion: Coefficients of the push by squared distance.
        places: Where the points are that push.
    """
    others = np.uint64(len(places))
    sum_x, sum_y = ZERO, ZERO
    for _ in range(pushes):
        state += np.uint64(0x9E3779B97F4A7C15)
        drawn = ((scrambled(state) >> np.uint64(32)) * others) >> np.uint64(32)
        dx, dy = x - places[drawn, 0], y - places[drawn, 1]
        force = tabulated(repulsion, dx * dx + dy * dy)
        sum_x += clipped(force * dx)
        sum_y += clipped(force * dy)
    return x + step * sum_x, y + step * sum_y, state


@compiled(nogil=True, fastmath=True, error_model="numpy")
def lay_out(
    first: int,
    last: int,
    starts: Int64[np.ndarray, "parts_and_one"],
    heads: UInt32[np.ndarray, "edges"],
    tails: UInt32[np.ndarray, "edges"],
    rates: Float32[np.ndarray, "edges"],
    epoch: int,
    pushes: int,
    step: np.float32,
    seed: np.uint64,
    attraction: Float32[np.ndarray, "cells"],
    repulsion: Float32[np.ndarray, "cells"],
    before: Float32[np.ndarray, "n 2"],
    places: Float32[np.ndarray, "n 2"],
) -> None:
    """Lets the edges of the parts first..last act for one epoch, one edge after another.

    An edge pulls both of its ends together, then points drawn at random push its head.

    Args:
        first: The first part to lay out.
        last: One past the last.
        starts: Where each part starts among the edges.
        heads: One end of each edge.
        tails: The other end.
        rates: Share of the epochs in which an edge acts, in (0, 1].
        epoch: Number of this epoch.
        pushes: Points drawn for each edge that acts.
        step: Step size.
        seed: Chooses the points drawn, together with epoch and part.
        attraction: Coefficients of the pull by squared distance.
        repulsion: Coefficients of the push.
        before: Where the points are that push.
        places: Where all points are; those of the parts are moved.
    """
    for part in range(first, last):
        state = scrambled(seed + scrambled(np.uint64(epoch) + (np.uint64(part) << np.uint64(32))))
        for edge in range(starts[part], starts[part + 1]):
            if not acts(rates[edge], epoch):
                continue
            head, tail = heads[edge], tails[edge]
            x, y = places[head, 0], places[head, 1]
            dx, dy = x - places[tail, 0], y - places[tail, 1]
            force = tabulated(attraction, dx * dx + dy * dy)
            move_x, move_y = step * clipped(force * dx), step * clipped(force * dy)
            places[tail, 0] -= move_x
            places[tail, 1] -= move_y
            x, y, state = pushed(x + move_x, y + move_y, pushes, step, state, repulsion, before)
            places[head, 0], places[head, 1] = x, y


@compiled(nogil=True, fastmath=True, error_model="numpy")
def lay_out_among(
    first: int,
    last: int,
    near: UInt32[np.ndarray, "queries k"],
    rates: Float32[np.ndarray, "queries k"],
    epoch: int,
    pushes: int,
    step: np.float32,
    attraction: Float32[np.ndarray, "cells"],
    repulsion: Float32[np.ndarray, "cells"],
    mapped: Float32[np.ndarray, "n 2"],
    places: Float32[np.ndarray, "queries 2"],
) -> None:
    """Moves the new points first..last for one epoch among mapped points, which stay.

    All are pushed by the same sequence of mapped points.

    Args:
        first: The first point to move.
        last: One past the last.
        near: Mapped points that pull each.
        rates: Share of the epochs in which each pulls, in (0, 1].
        epoch: Number of this epoch.
        pushes: Points drawn for each pull.
        step: Step size.
        attraction: Coefficients of the pull by squared distance.
        repulsion: Coefficients of the push.
        mapped: Where the mapped points are.
        places: Where the new points are; changed in place.
    """
    for i in range(first, last):
        x, y = places[i, 0], places[i, 1]
        state = scrambled(scrambled(np.uint64(epoch)))
        for slot in range(near.shape[1]):
            if not acts(rates[i, slot], epoch):
                continue
            j = near[i, slot]
            dx, dy = x - mapped[j, 0], y - mapped[j, 1]
            force = tabulated(attraction, dx * dx + dy * dy)
            x += step * clipped(force * dx)
            y += step * clipped(force * dy)
            x, y, state = pushed(x, y, pushes, step, state, repulsion, mapped)
        places[i, 0], places[i, 1] = x, y
