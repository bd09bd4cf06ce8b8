"""Counting values in bins as wide as a power of two, so that coarser counts are sums of finer.

A value's bin is its index on a scale of 2^exponent, rounded toward 0: [0, w), [w, 2w), ... above 0
and (-w, 0), (-2w, -w], ... below. Halving an index gives that on the next coarser scale, and so
counts of different scales add up without error.
"""

import math

import numpy as np
from jaxtyping import Float32, Float64, Int64, UInt8

from cutaway.activations.lanes import LANES, store_bins
from cutaway.activations.tallying import tally
from cutaway.compiled import compiled

BINS = 32
FINEST = -120
"""Exponent of the narrowest bin; scaling a float32 by it overflows nowhere."""
_SIGNIFICANT_BITS = 23


@compiled(nogil=True)
def scale_of(low: float, high: float) -> tuple[int, int]:
    """Exponent and first index of the finest 32 bins that hold both of two finite values."""
    largest = max(abs(low), abs(high))
    exponent = FINEST
    if largest > 0:
        exponent = max(math.frexp(largest)[1] - _SIGNIFICANT_BITS, FINEST)
    return _fitted(_index(low, exponent), _index(high, exponent), exponent)


@compiled(nogil=True)
def _index(value: float, exponent: int) -> int:
    return int(value * math.ldexp(1.0, -exponent)) - int(value < 0)


@compiled(nogil=True)
def _fitted(first: int, last: int, exponent: int) -> tuple[int, int]:
    while last - first >= BINS:
        first >>= 1
        last >>= 1
        exponent += 1
    return exponent, first


@compiled(nogil=True)
def scales_of(
    low: Float64[np.ndarray, " units"],
    high: Float64[np.ndarray, " units"],
    exponents: Int64[np.ndarray, " units"],
    firsts: Int64[np.ndarray, " units"],
) -> None:
    """Writes exponent and first index of each unit's bins, unless its low is above its high."""
    for unit in range(len(low)):
        if low[unit] <= high[unit]:
            exponents[unit], firsts[unit] = scale_of(low[unit], high[unit])


@compiled(nogil=True)
def count_rows(
    rows: Float32[np.ndarray, "samples units positions"],
    unit: int,
    scatters: Float64[np.ndarray, "samples units"],
    high: float,
    exponent: int,
    first: int,
    bins: UInt8[np.ndarray, " room"],
    counts: Int64[np.ndarray, " bins"],
) -> None:
    """Adds each value of a unit to its bin, NaN and infinite ones left out.

    Args:
        rows: What each unit gives for each sample, in one piece of memory.
        unit: Which is meant.
        scatters: Finite where all values of a sample are.
        high: The largest finite value.
        exponent: Of the bins' width.
        first: Index of the first bin; the 32 bins hold all finite values.
        bins: Room to work in, of whole blocks of `tally`.
        counts: Added to.
    """
    scale, start = np.float32(math.ldexp(1.0, -exponent)), np.int32(first)
    used = _index(high, exponent) - first + 1
    positions = rows.shape[2]
    # Taken once, since asking an array for its address counts a reference to it.
    memory, room = np.uintp(rows.ctypes.data), np.uintp(bins.ctypes.data)
    filled = 0
    for sample in range(rows.shape[0]):
        if not np.isfinite(scatters[sample, unit]):
            _count_finite(rows[sample, unit], exponent, first, counts)
            continue
        for begin in range(0, positions, len(bins)):
            size = min(positions - begin, len(bins))
            if filled + size > len(bins):
                tally(bins, filled, used, counts)
                filled = 0
            if size < LANES:
                for place in range(size):
                    value = rows[sample, unit, begin + place]
                    index = np.int32(value * scale) - np.int32(value < 0) - start
                    bins[filled + place] = np.uint8(index)
            else:
                before = (sample * rows.shape[1] + unit) * positions + begin
                _fill(memory + np.uintp(4 * before), size, scale, start, room + np.uintp(filled))
            filled += size
    tally(bins, filled, used, counts)


@compiled(nogil=True)
def _fill(read: np.uintp, size: int, scale: np.float32, start: np.int32, written: np.uintp) -> None:
    """Writes the bins of finite values, of which there are 16 at least, from address to address."""
    for place in range(0, size - LANES + 1, LANES):
        store_bins(read + np.uintp(4 * place), scale, start, written + np.uintp(place))
    # The last sixteen, some of them a second time.
    last = size - LANES
    store_bins(read + np.uintp(4 * last), scale, start, written + np.uintp(last))


@compiled(nogil=True)
def _count_finite(
    row: Float32[np.ndarray, " positions"],
    exponent: int,
    first: int,
    counts: Int64[np.ndarray, " bins"],
) -> None:
    for value in row:
        if np.isfinite(value):
            counts[_index(value, exponent) - first] += 1


@compiled(nogil=True)
def add_counts(
    exponents: Int64[np.ndarray, " units"],
    firsts: Int64[np.ndarray, " units"],
    counts: Int64[np.ndarray, "units bins"],
    new_exponents: Int64[np.ndarray, " units"],
    new_firsts: Int64[np.ndarray, " units"],
    new_counts: Int64[np.ndarray, "units bins"],
) -> None:
    """Adds the second counts to the first, on the finest scale that holds both.

    The first bin of a unit always holds something, unless none does.
    """
    joined = np.empty(BINS, np.int64)
    for unit in range(len(counts)):
        if not new_counts[unit, 0]:
            continue
        if not counts[unit, 0]:
            exponents[unit], firsts[unit] = new_exponents[unit], new_firsts[unit]
            counts[unit] = new_counts[unit]
            continue
        finer = max(exponents[unit], new_exponents[unit])
        # Indices have 24 bits, so that shifting by more than 63 gives what shifting by 63 does.
        own, other = min(finer - exponents[unit], 63), min(finer - new_exponents[unit], 63)
        low = min(firsts[unit] >> own, new_firsts[unit] >> other)
        high = max(
            (firsts[unit] + _last(counts[unit])) >> own,
            (new_firsts[unit] + _last(new_counts[unit])) >> other,
        )
        exponent, first = _fitted(low, high, finer)
        joined[:] = 0
        _rebin(counts[unit], firsts[unit], exponent - exponents[unit], first, joined)
        _rebin(new_counts[unit], new_firsts[unit], exponent - new_exponents[unit], first, joined)
        exponents[unit], firsts[unit] = exponent, first
        counts[unit] = joined


@compiled(nogil=True)
def _last(counts: Int64[np.ndarray, " bins"]) -> int:
    last = 0
    for place in range(BINS):
        if counts[place]:
            last = place
    return last


@compiled(nogil=True)
def _rebin(
    counts: Int64[np.ndarray, " bins"],
    first: int,
    coarser: int,
    new_first: int,
    joined: Int64[np.ndarray, " bins"],
) -> None:
    shift = min(coarser, 63)
    for place in range(BINS):
        if counts[place]:
            joined[((first + place) >> shift) - new_first] += counts[place]
