"""Counting how often each of 32 numbers stands in an array of bytes."""

import platform
from typing import Any

import numpy as np
from jaxtyping import Int64, UInt8
from llvmlite import ir
from numba import types
from numba.core import cgutils

from cutaway.activations.vectors import (
    BYTE,
    LONG,
    filled,
    folded,
    function,
    generated,
    load,
    splat,
    variable,
)
from cutaway.compiled import compiled

BLOCK = 512
"""How many bytes are counted at once."""
_WORDS, _PLANES = BLOCK // 64, 5
_PLANE_BYTES = 8 * _WORDS


@generated
def store_planes(_context: Any, _address: Any, _planes: Any) -> Any:
    """Writes bits 0 to 4 of 64 bytes as words, which stand as far apart as blocks have words."""

    def generate(context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        numbers = load(builder, arguments[0], BYTE, 64)
        for plane in range(_PLANES):
            bits = builder.and_(numbers, filled(BYTE, 1 << plane, 64))
            word = builder.bitcast(builder.icmp_unsigned("!=", bits, filled(BYTE, 0, 64)), LONG)
            place = builder.add(arguments[1], ir.Constant(LONG, _PLANE_BYTES * plane))
            builder.store(word, builder.inttoptr(place, LONG.as_pointer()))
        return context.get_dummy_value()

    return types.none(types.uintp, types.uintp), generate


@generated
def count_eight(_context: Any, _planes: Any, _blocks: Any, _top: Any, _counts: Any) -> Any:
    """Adds to 8 counts how often numbers with two given top bits stand in the planes of blocks."""

    def generate(context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        planes, blocks, top, counts = arguments
        words = ir.VectorType(LONG, _WORDS)
        ones = function(builder, f"llvm.ctpop.v{_WORDS}i64", ir.FunctionType(words, [words]))
        flips = [_all_bits_unless(builder, top, bit) for bit in range(2)]
        totals = [variable(builder, filled(LONG, 0, _WORDS)) for _ in range(8)]
        with cgutils.for_range(builder, blocks) as loop:
            size = ir.Constant(LONG, _PLANE_BYTES * _PLANES)
            begin = builder.add(planes, builder.mul(loop.index, size))
            *low, fourth, fifth = (_plane(builder, begin, plane) for plane in range(_PLANES))
            within = builder.and_(builder.xor(fourth, flips[0]), builder.xor(fifth, flips[1]))
            for total, chosen in zip(totals, _products(builder, low, within), strict=True):
                found = builder.call(ones, [chosen])
                builder.store(builder.add(builder.load(total), found), total)
        for number, total in enumerate(totals):
            place = builder.add(counts, ir.Constant(LONG, 8 * number))
            pointer = builder.inttoptr(place, LONG.as_pointer())
            found = folded(builder, builder.load(total), builder.add)
            builder.store(builder.add(builder.load(pointer), found), pointer)
        return context.get_dummy_value()

    return types.none(types.uintp, types.uint64, types.uint64, types.uintp), generate


def _plane(builder: Any, begin: Any, plane: int) -> Any:
    return load(builder, builder.add(begin, ir.Constant(LONG, _PLANE_BYTES * plane)), LONG, _WORDS)


def _all_bits_unless(builder: Any, top: Any, bit: int) -> Any:
    """Ones in every lane where a bit of `top` is 0, so that xor turns what is wanted into ones."""
    one = ir.Constant(LONG, 1)
    single = builder.and_(builder.lshr(top, ir.Constant(LONG, bit)), one)
    return splat(builder, builder.sub(single, one), _WORDS)


def _products(builder: Any, words: list[Any], within: Any) -> list[Any]:
    """For each number of three bits, where it stands within what is chosen."""
    chosen = [within]
    for word in reversed(words):
        chosen = [builder.and_(each, way) for each in chosen for way in (builder.not_(word), word)]
    return chosen


@compiled(nogil=True)
def tally_by_planes(
    bins: UInt8[np.ndarray, " values"], filled: int, used: int, counts: Int64[np.ndarray, " bins"]
) -> None:
    """Adds to each count how often its number stands in the first bytes, which are below `used`.

    Each of a number's five bits becomes a plane of bits, a word for 64 bytes; a number stands where
    its bits do. That is less work than comparing all bytes with each number, and does not wait for
    its own last store where neighbours are equal, as zeros behind a ReLU are.

    Args:
        bins: Room of whole blocks; what lies behind the filled part is written over.
        filled: How many bytes count.
        used: At most 32.
        counts: Of 32 numbers; added to.
    """
    blocks = -(-filled // BLOCK)
    bins[filled : blocks * BLOCK] = 0
    planes = np.empty((blocks, _PLANES, _WORDS), np.uint64)
    start = np.uintp(bins.ctypes.data)
    words = np.uintp(planes.ctypes.data)
    for block in range(blocks):
        for word in range(_WORDS):
            read = start + np.uintp(BLOCK * block + 64 * word)
            store_planes(read, words + np.uintp(8 * (block * _PLANES * _WORDS + word)))
    place = np.uintp(counts.ctypes.data)
    for top in range(-(-used // 8)):
        count_eight(words, np.uint64(blocks), np.uint64(top), place + np.uintp(64 * top))
    counts[0] -= blocks * BLOCK - filled


@compiled(nogil=True)
def tally_by_pointing(
    bins: UInt8[np.ndarray, " values"], filled: int, _used: int, counts: Int64[np.ndarray, " bins"]
) -> None:
    """The same, one after the other, for processors that gather no comparisons into a word."""
    # Four tallies in turn: a single one would wait for its own last store.
    tallies = np.zeros((4, len(counts)), np.int64)
    for place in range(filled):
        tallies[place & 3, bins[place]] += 1
    counts += tallies.sum(axis=0)


tally = tally_by_planes if platform.machine() in {"x86_64", "AMD64"} else tally_by_pointing
"""The faster of both on this processor."""
