"""Sums that come out the same, to the last bit, in whatever order and grouping they are taken."""

import numpy as np
from jaxtyping import Float, Float64, Int64

from cutaway.compiled import compiled

_DIGIT_BITS = 32
_DIGITS = 22
_UNIT_EXPONENT = -352
LARGEST = 2.0**152
"""What may be summed along with its square: float32's range, and room for 2^24 such values."""


class ExactSum:
    """Running sums held as whole numbers, so that adding is exact and order does not matter.

    Each sum is a fixed-point number of 22 digits of 32 bits, in units of 2^-352: what Kulisch
    proposed ("Computer Arithmetic and Validity", 2013) for the range of float32 and its squares.
    What lies below that unit is cut off, term by term. A sum has room for 2^30 terms.

    Args:
        count: How many sums there are.

    Example:
        >>> sums = ExactSum(1)
        >>> sums.add(np.array([[1e30], [1.0], [-1e30]]))
        >>> sums.whole()[0] / ExactSum.SCALE
        1.0
    """

    SCALE = 1 << -_UNIT_EXPONENT
    """`whole()` divided by this is the sum."""

    def __init__(self, count: int) -> None:
        self.digits: Int64[np.ndarray, "sums digits"] = np.zeros((count, _DIGITS), np.int64)

    def add(self, terms: Float[np.ndarray, "terms sums"]) -> None:
        """Adds a column of terms to each sum; NaN and infinite terms are left out.

        Args:
            terms: At most 2^304 in size.
        """
        _add(self.digits, np.ascontiguousarray(terms, np.float64))

    def add_squares(self, terms: Float[np.ndarray, "terms sums"]) -> None:
        """Adds each term's square, unrounded (Dekker's product, Numerische Mathematik 18, 1971).

        Args:
            terms: At most 2^152 in size; NaN and infinite ones are left out.
        """
        _add_squares(self.digits, np.ascontiguousarray(terms, np.float64))

    def merge(self, other: "ExactSum") -> None:
        """Adds the sums of another part of the data."""
        self.digits += other.digits

    def whole(self) -> list[int]:
        """Each sum as a whole number of units of 1 / SCALE."""
        weights = np.array([1 << _DIGIT_BITS * place for place in range(_DIGITS)], dtype=object)
        return list(self.digits.astype(object) @ weights)


@compiled(nogil=True)
def _add(
    digits: Int64[np.ndarray, "sums digits"], terms: Float64[np.ndarray, "terms sums"]
) -> None:
    for term in range(terms.shape[0]):
        for place in range(terms.shape[1]):
            _add_one(digits, place, terms[term, place])


@compiled(nogil=True)
def _add_squares(
    digits: Int64[np.ndarray, "sums digits"], terms: Float64[np.ndarray, "terms sums"]
) -> None:
    for term in range(terms.shape[0]):
        for place in range(terms.shape[1]):
            value = terms[term, place]
            spread = value * 134217729.0
            head = spread - (spread - value)
            tail = value - head
            square = value * value
            _add_one(digits, place, square)
            _add_one(digits, place, ((head * head - square) + 2.0 * head * tail) + tail * tail)


@compiled(nogil=True)
def _add_one(digits: Int64[np.ndarray, "sums digits"], place: int, number: float) -> None:
    pattern = np.float64(number).view(np.int64)
    exponent = (pattern >> 52) & 0x7FF
    # Lowest bit of the mantissa, counted in units of the sum.
    shift = exponent - 1075 - _UNIT_EXPONENT
    if exponent == 0x7FF or shift < -52:
        return
    mantissa = (pattern & 0xFFFFFFFFFFFFF) | (1 << 52)
    if shift < 0:
        mantissa >>= -shift
        shift = np.int64(0)
    digit = shift >> 5
    within = shift & 31
    low = (mantissa & 0xFFFFFFFF) << within
    rest = (low >> 32) + ((mantissa >> 32) << within)
    sign = -1 if pattern < 0 else 1
    digits[place, digit] += sign * (low & 0xFFFFFFFF)
    digits[place, digit + 1] += sign * (rest & 0xFFFFFFFF)
    digits[place, digit + 2] += sign * (rest >> 32)
