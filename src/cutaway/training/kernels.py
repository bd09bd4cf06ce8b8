"""Machine code for normalizing, rectifying and pooling at once, over float32 or bfloat16.

numba knows no bfloat16; it comes as the upper 16 bits of a float32, in a UInt16 array. Arrays are
(samples, height, width, channels), with channels side by side, so that the innermost loops run over
them. `Shaped` below stands for Float32 and for such a UInt16.
"""

from typing import Any

import numpy as np
from jaxtyping import Float32, Shaped, UInt8
from llvmlite import ir
from numba import prange, types
from numba.extending import intrinsic

from cutaway.compiled import compiled


def _wide(_: Any, stored: Any) -> Any:
    def generate(__: Any, builder: Any, ___: Any, arguments: Any) -> Any:
        if stored == types.float32:
            return arguments[0]
        bits = builder.zext(arguments[0], ir.IntType(32))
        return builder.bitcast(builder.shl(bits, ir.Constant(ir.IntType(32), 16)), ir.FloatType())

    return types.float32(stored), generate


def _stored_like(_: Any, number: Any, example: Any) -> Any:
    def generate(__: Any, builder: Any, ___: Any, arguments: Any) -> Any:
        if example == types.float32:
            return arguments[0]
        word = ir.IntType(32)
        bits = builder.bitcast(arguments[0], word)
        odd = builder.and_(builder.lshr(bits, ir.Constant(word, 16)), ir.Constant(word, 1))
        rounded = builder.add(bits, builder.add(odd, ir.Constant(word, 0x7FFF)))
        return builder.trunc(builder.lshr(rounded, ir.Constant(word, 16)), ir.IntType(16))

    return example(number, example), generate


# A stored number as float32.
wide: Any = intrinsic(_wide)
# A float32 in the kind of a second number, rounded to the nearest, ties to even.
stored_like: Any = intrinsic(_stored_like)


@compiled(parallel=True, error_model="numpy")
def pool_and_sum(
    inputs: Shaped[np.ndarray, "samples height width channels"],
    signs: Float32[np.ndarray, " channels"],
    pooled: Shaped[np.ndarray, "samples half_height half_width channels"],
    places: UInt8[np.ndarray, "samples half_height half_width channels"],
    sums: Float32[np.ndarray, "samples 2 channels"],
) -> None:
    """Takes the extreme of every 2x2 window, its place, and each sample's sums.

    Args:
        inputs: Height and width are even.
        signs: 1 where a channel's largest value is wanted, -1 where its smallest is.
        pooled: Takes the extremes.
        places: Takes where they were: 0 to 3, row by row; the first of equals.
        sums: Takes the sum and the sum of squares of each sample's channels.
    """
    samples, height, width, channels = inputs.shape
    for sample in prange(samples):
        total = np.zeros(channels, np.float32)
        squares = np.zeros(channels, np.float32)
        for row in range(0, height, 2):
            for column in range(0, width, 2):
                upper, lower = inputs[sample, row], inputs[sample, row + 1]
                a, b, c, d = upper[column], upper[column + 1], lower[column], lower[column + 1]
                extreme = pooled[sample, row // 2, column // 2]
                place = places[sample, row // 2, column // 2]
                for channel in range(channels):
                    sign = signs[channel]
                    first, second = wide(a[channel]), wide(b[channel])
                    third, fourth = wide(c[channel]), wide(d[channel])
                    total[channel] += (first + second) + (third + fourth)
                    squares[channel] += (first * first + second * second) + (
                        third * third + fourth * fourth
                    )
                    best, where = first, np.uint8(0)
                    if second * sign > best * sign:
                        best, where = second, np.uint8(1)
                    if third * sign > best * sign:
                        best, where = third, np.uint8(2)
                    if fourth * sign > best * sign:
                        best, where = fourth, np.uint8(3)
                    extreme[channel] = stored_like(best, extreme[channel])
                    place[channel] = where
        sums[sample, 0] = total
        sums[sample, 1] = squares


@compiled(parallel=True, error_model="numpy")
def scale_and_rectify(
    pooled: Shaped[np.ndarray, "samples height width channels"],
    scale: Float32[np.ndarray, " channels"],
    shift: Float32[np.ndarray, " channels"],
    outputs: Shaped[np.ndarray, "samples height width channels"],
) -> None:
    """Writes `max(0, scale * pooled + shift)` to `outputs`."""
    samples, height, width, channels = pooled.shape
    for sample in prange(samples):
        for row in range(height):
            for column in range(width):
                source, target = pooled[sample, row, column], outputs[sample, row, column]
                for channel in range(channels):
                    value = wide(source[channel]) * scale[channel] + shift[channel]
                    positive = max(value, np.float32(0))
                    target[channel] = stored_like(positive, target[channel])


@compiled(parallel=True, error_model="numpy")
def gradient_sums(
    gradients: Shaped[np.ndarray, "samples height width channels"],
    outputs: Shaped[np.ndarray, "samples height width channels"],
    pooled: Shaped[np.ndarray, "samples height width channels"],
    sums: Float32[np.ndarray, "samples 2 channels"],
) -> None:
    """Sums up what passes the rectifier, alone and times the value before normalization.

    Args:
        gradients: Of the loss by `outputs`.
        outputs: What `scale_and_rectify` wrote.
        pooled: What `pool_and_sum` wrote.
        sums: Takes each sample's two sums.
    """
    samples, height, width, channels = gradients.shape
    for sample in prange(samples):
        plain = np.zeros(channels, np.float32)
        weighted = np.zeros(channels, np.float32)
        for row in range(height):
            for column in range(width):
                gradient, output = gradients[sample, row, column], outputs[sample, row, column]
                value = pooled[sample, row, column]
                for channel in range(channels):
                    passed = wide(gradient[channel])
                    passed = passed if wide(output[channel]) > 0 else np.float32(0)
                    plain[channel] += passed
                    weighted[channel] += passed * wide(value[channel])
        sums[sample, 0] = plain
        sums[sample, 1] = weighted


@compiled(error_model="numpy")
def _spread_to(
    row: Shaped[np.ndarray, " channels"],
    place: int,
    places: UInt8[np.ndarray, " channels"],
    passed: Float32[np.ndarray, " channels"],
    constant: Float32[np.ndarray, " channels"],
    slope: Float32[np.ndarray, " channels"],
) -> None:
    # Few arrays in one loop, so that the compiler can tell them apart and use vectors.
    for channel in range(len(row)):
        sharp = passed[channel] if places[channel] == place else np.float32(0)
        value = constant[channel] + slope[channel] * wide(row[channel]) + sharp
        row[channel] = stored_like(value, row[channel])


@compiled(parallel=True, error_model="numpy")
def spread_gradients(
    inputs: Shaped[np.ndarray, "samples height width channels"],
    places: UInt8[np.ndarray, "samples half_height half_width channels"],
    gradients: Shaped[np.ndarray, "samples half_height half_width channels"],
    outputs: Shaped[np.ndarray, "samples half_height half_width channels"],
    scale: Float32[np.ndarray, " channels"],
    constant: Float32[np.ndarray, " channels"],
    slope: Float32[np.ndarray, " channels"],
) -> None:
    """Turns the inputs into the gradients of the loss by them, in place.

    Each becomes `constant + slope * input`, which is the share of the batch's mean and variance,
    and where it was its window's extreme `scale * gradient` besides.
    """
    samples, height, width, channels = inputs.shape
    for sample in prange(samples):
        passed = np.empty(channels, np.float32)
        for row in range(0, height, 2):
            for column in range(0, width, 2):
                gradient = gradients[sample, row // 2, column // 2]
                output = outputs[sample, row // 2, column // 2]
                where = places[sample, row // 2, column // 2]
                for channel in range(channels):
                    sharp = wide(gradient[channel]) * scale[channel]
                    passed[channel] = sharp if wide(output[channel]) > 0 else np.float32(0)
                upper, lower = inputs[sample, row], inputs[sample, row + 1]
                _spread_to(upper[column], 0, where, passed, constant, slope)
                _spread_to(upper[column + 1], 1, where, passed, constant, slope)
                _spread_to(lower[column], 2, where, passed, constant, slope)
                _spread_to(lower[column + 1], 3, where, passed, constant, slope)
