"""Counting how often each of 32 numbers stands in an array of bytes."""

import platform
from typing import Any

import numpy as np
from jaxtyping import Int64, UInt8
from llvmlite import ir
from numba import types
from numba.extending import intrinsic

from cutaway.compiled import compiled

_LANES = 64


@intrinsic
def equal_lanes(_context: Any, _address: Any, _wanted: Any) -> Any:
    """Of the 64 bytes from an address on, how many equal a byte: a comparison and a popcount."""

    def generate(_target: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        lanes = ir.VectorType(ir.IntType(8), _LANES)
        places = ir.Constant(ir.VectorType(ir.IntType(32), _LANES), [0] * _LANES)
        loaded = builder.load(builder.inttoptr(arguments[0], lanes.as_pointer()), align=1)
        empty = ir.Constant(lanes, ir.Undefined)
        single = builder.insert_element(empty, arguments[1], ir.Constant(ir.IntType(32), 0))
        equal = builder.icmp_unsigned("==", loaded, builder.shuffle_vector(single, empty, places))
        return builder.ctpop(builder.bitcast(equal, ir.IntType(_LANES)))

    return types.int64(types.uintp, types.uint8), generate


@compiled(nogil=True)
def tally_by_comparing(
    bins: UInt8[np.ndarray, " values"], used: int, counts: Int64[np.ndarray, " bins"]
) -> None:
    """Adds to each count how often its number stands in `bins`, whose bytes are below `used`.

    Comparing all with each number beats adding one where each points to, since 64 are compared at
    once, and since equal neighbours, as zeros behind a ReLU are, need not wait for each other.
    """
    start = np.uintp(bins.ctypes.data)
    whole = len(bins) // _LANES
    for wanted in range(used):
        number = np.uint8(wanted)
        total = 0
        for block in range(whole):
            total += equal_lanes(start + np.uintp(_LANES * block), number)  # type: ignore[call-arg]
        counts[wanted] += total
    for place in range(whole * _LANES, len(bins)):
        counts[bins[place]] += 1


@compiled(nogil=True)
def tally_by_pointing(
    bins: UInt8[np.ndarray, " values"], _used: int, counts: Int64[np.ndarray, " bins"]
) -> None:
    """The same, one after the other, for processors that gather no comparisons into a word."""
    # Four tallies in turn: a single one would wait for its own last store.
    tallies = np.zeros((4, len(counts)), np.int64)
    for place in range(len(bins)):
        tallies[place & 3, bins[place]] += 1
    counts += tallies.sum(axis=0)


tally = tally_by_comparing if platform.machine() in {"x86_64", "AMD64"} else tally_by_pointing
"""The faster of both on this processor."""
