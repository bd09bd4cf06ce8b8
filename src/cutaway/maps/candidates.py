"""What may be among the nearest rows of a point, and how near a row must be to be among them."""

from collections.abc import Iterator

import numpy as np
from jaxtyping import Float32, Int64, UInt32

from cutaway.maps.kernels.candidates import cut_candidates, take_candidates

Side = tuple[
    int,
    Float32[np.ndarray, "points"],
    Float32[np.ndarray, "points"],
    Int64[np.ndarray, "points"],
    Float32[np.ndarray, "points slots"],
    UInt32[np.ndarray, "points slots"],
]

_SAMPLE_STRIDE = 32
_SMALLEST_SAMPLE = 512
_LARGEST_SAMPLE = 8192
_WIDEST_GROUP = 16
_COLUMNS_AT_ONCE = 256
_FEW, _COLUMNS_OF_FEW = 8, 8192
_TAKES_NOTHING = (
    np.full(_COLUMNS_OF_FEW, -np.inf, dtype=np.float32),
    np.zeros(_COLUMNS_OF_FEW, dtype=np.int64),
    np.empty((_COLUMNS_OF_FEW, 1), dtype=np.float32),
    np.empty((_COLUMNS_OF_FEW, 1), dtype=np.uint32),
)


class Candidates:
    """Buffers of the best rows that points have met, by their score: half the squared distance.

    Args:
        points: Points (n, features) whose nearest are wanted.
        kept: Candidates that a full buffer is cut to.

    Attributes:
        threshold: No row of a lower score has been left out.
        filled: Candidates of each point.
        indices: The candidates.
    """

    def __init__(self, points: Float32[np.ndarray, "n features"], kept: int) -> None:
        n = len(points)
        self.kept = kept
        self.points = points
        self.half_norms = half_norms(points)
        self.threshold = np.full(n, np.inf, dtype=np.float32)
        self.filled = np.zeros(n, dtype=np.int64)
        self.indices = np.empty((n, 2 * kept), dtype=np.uint32)
        self._scores = np.empty((n, 2 * kept), dtype=np.float32)

    def sample(
        self,
        own: slice,
        rows: Float32[np.ndarray, "rows features"],
        row_half_norms: Float32[np.ndarray, "rows"],
    ) -> None:
        """Sets thresholds that, by a sample of all rows, a few more than `kept` stay below.

        The smallest scores of groups stand for all scores: their r-th smallest is no smaller than
        the r-th of all, and seldom larger. Where a sample is not worth it, thresholds stay.
        """
        stride = max(_SAMPLE_STRIDE, len(rows) // _LARGEST_SAMPLE)
        stride = max(min(len(rows) // _SMALLEST_SAMPLE, stride), 1)
        expected = self.kept / stride
        rank = int(expected + 3 * np.sqrt(expected)) + 2
        drawn = len(rows) // stride
        width = min(max(drawn // (8 * rank), 1), _WIDEST_GROUP)
        groups = drawn // width
        if stride == 1 or rank >= groups:
            return
        sample = slice(0, groups * width * stride, stride)
        scores = self.points[own] @ rows[sample].T
        np.subtract(row_half_norms[sample], scores, out=scores)
        least = scores.reshape(len(scores), width, groups).min(axis=1)
        self.threshold[own] = np.partition(least, rank, axis=1)[:, rank] + self.half_norms[own]

    def meet(self, own: slice, other: slice) -> None:
        """Offers two blocks of the points to each other."""
        for columns in _spans(other):
            products = self.points[own] @ self.points[columns].T
            take_candidates(products, self.kept, *self._side(own), *self._side(columns))

    def look_at(
        self,
        own: slice,
        rows: Float32[np.ndarray, "rows features"],
        row_half_norms: Float32[np.ndarray, "rows"],
        offset: int,
    ) -> None:
        """Offers `rows`, which are numbered from `offset`, to a block of the points."""
        few = own.stop - own.start <= _FEW
        width = _COLUMNS_OF_FEW if few else _COLUMNS_AT_ONCE
        for columns in _spans(slice(0, len(rows)), width):
            products = self.points[own] @ rows[columns].T
            side = (offset + columns.start, row_half_norms[columns], *_TAKES_NOTHING)
            take_candidates(products, self.kept, *self._side(own), *side)

    def cut(self, first: int, last: int) -> None:
        """Leaves at most `kept` candidates to the points first..last."""
        cut_candidates(
            first, last, self.kept, self.threshold, self.filled, self._scores, self.indices
        )

    def _side(self, block: slice) -> Side:
        return (
            block.start,
            self.half_norms[block],
            self.threshold[block],
            self.filled[block],
            self._scores[block],
            self.indices[block],
        )


def half_norms(rows: Float32[np.ndarray, "n features"]) -> Float32[np.ndarray, "n"]:
    """|x|²/2 of each row."""
    return np.einsum("ij,ij->i", rows, rows) / np.float32(2)


def _spans(block: slice, width: int = _COLUMNS_AT_ONCE) -> Iterator[slice]:
    for start in range(block.start, block.stop, width):
        yield slice(start, min(start + width, block.stop))


def rounds(blocks: int) -> Iterator[list[tuple[int, int]]]:
    """All pairs of blocks, in rounds that meet each block at most once.

    So those of a round can be worked on at the same time, and each block meets the others in one
    order whatever the number of threads. The first round pairs each block with itself.

    Source: the circle of Kirkman 1847, "On a problem in combinations".

    Example:
        >>> list(rounds(3))
        [[(0, 0), (1, 1), (2, 2)], [(1, 2)], [(0, 2)], [(0, 1)]]
    """
    yield [(block, block) for block in range(blocks)]
    turns = blocks - 1 + blocks % 2
    for turn in range(turns):
        pairs = [(turn, turns)]
        pairs += [
            ((turn + step) % turns, (turn - step) % turns) for step in range(1, (turns + 1) // 2)
        ]
        yield [(min(pair), max(pair)) for pair in pairs if max(pair) < blocks]
