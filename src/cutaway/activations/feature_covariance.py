"""How features vary together over samples: what PCA needs, the same to the last bit for any split.

Floating-point sums depend on the order in which they are taken, so the order is fixed: samples are
summed in blocks of 64 by their ids, and blocks pair by pair, pairs of pairs by pairs, as in a tree.
Whoever has all of a block or of a pair sums it up; what is still apart waits for its neighbour.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np
from jaxtyping import Float32

from cutaway.maps.moments import Moments

_BLOCK = 64
# A feature that was NaN or infinite once has NaN for its moments; that is no cause to warn.
_without_numbers = np.errstate(invalid="ignore", over="ignore")


@dataclass
class FeatureCovariance:
    """The covariance of a stream's features; memory grows with the logarithm of the samples.

    Attributes:
        nodes: Finished parts of the tree by (level, number): at level 0 blocks of samples, at level
            1 pairs of these, and so on.
        waiting: Rows by sample id of blocks that are not whole yet.

    Example:
        >>> one, other = FeatureCovariance(), FeatureCovariance()
        >>> one.update(np.array([[0.0, 1.0]], np.float32), first_id=0)
        >>> other.update(np.array([[2.0, 5.0]], np.float32), first_id=1)
        >>> other.merge(one)
        >>> other.result().scatter
        array([[2., 4.],
               [4., 8.]])
    """

    nodes: dict[tuple[int, int], Moments] = field(default_factory=dict)
    waiting: dict[int, dict[int, Float32[np.ndarray, " features"]]] = field(default_factory=dict)

    @_without_numbers
    def update(self, rows: Float32[np.ndarray, "samples features"], first_id: int) -> None:
        """Takes in samples whose ids count from `first_id` on."""
        ids = range(first_id, first_id + len(rows))
        self._wait(zip(ids, rows.copy(), strict=True))

    @_without_numbers
    def merge(self, other: "FeatureCovariance") -> None:
        """Takes in the state of other samples."""
        for place, node in other.nodes.items():
            self._put(place, node)
        for block in other.waiting.values():
            self._wait(block.items())

    @_without_numbers
    def result(self) -> Moments:
        """Count, mean and scatter so far; at least one sample must have gone by."""
        parts = {(number << level, level): node for (level, number), node in self.nodes.items()}
        parts |= {(number, -1): _whole(rows) for number, rows in self.waiting.items()}
        first, *rest = (parts[place] for place in sorted(parts))
        for part in rest:
            first = first.merge(part)
        return first

    def _wait(self, rows: Iterable[tuple[int, Float32[np.ndarray, " features"]]]) -> None:
        for identity, row in rows:
            number = identity // _BLOCK
            block = self.waiting.setdefault(number, {})
            block[identity] = row
            if len(block) == _BLOCK:
                del self.waiting[number]
                self._put((0, number), _whole(block))

    def _put(self, place: tuple[int, int], node: Moments) -> None:
        (level, number), neighbour = place, place[1] ^ 1
        if (level, neighbour) in self.nodes:
            other = self.nodes.pop((level, neighbour))
            joined = node.merge(other) if number < neighbour else other.merge(node)
            self._put((level + 1, number >> 1), joined)
        else:
            self.nodes[place] = node


def _whole(block: dict[int, Float32[np.ndarray, " features"]]) -> Moments:
    rows = np.stack([block[identity] for identity in sorted(block)])
    return Moments.of(rows.astype(np.float64))
