"""Edges of a graph in an order that threads can share without changing the result."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float32, Int64, UInt32

from cutaway.maps.fuzzy import FuzzyGraph

_BLOCKS = 8
_FEWEST_POINTS = 512


@dataclass(frozen=True)
class EdgeRounds:
    """Edges sorted into parts, and parts into rounds, so that parts of a round share no point.

    The points are cut into blocks. A part holds the edges between two blocks; the pairs of blocks
    meet as the players of a round-robin tournament do, each block once a round. First, each block
    meets itself. All depends on the graph alone.

    Attributes:
        starts: Where each part starts among the edges.
        heads: One end of each edge.
        tails: The other end.
        rates: Its membership over the largest.
        rounds: Numbers of the parts of each round, and one past the last.

    Example:
        >>> row_starts, columns = np.array([0, 1, 2]), np.array([1, 0], dtype=np.uint32)
        >>> graph = FuzzyGraph(row_starts, columns, np.ones(2, dtype=np.float32))
        >>> EdgeRounds.of(graph).rounds
        [range(0, 2)]
    """

    starts: Int64[np.ndarray, "parts_and_one"]
    heads: UInt32[np.ndarray, "edges"]
    tails: UInt32[np.ndarray, "edges"]
    rates: Float32[np.ndarray, "edges"]
    rounds: list[range]

    @property
    def arrays(self) -> tuple[np.ndarray, ...]:
        """The arrays as the kernel takes them."""
        return self.starts, self.heads, self.tails, self.rates

    @classmethod
    def of(cls, graph: FuzzyGraph) -> "EdgeRounds":
        """The rounds of a graph, edges of a part in the order of its rows."""
        n = len(graph.row_starts) - 1
        heads = np.repeat(np.arange(n, dtype=np.uint32), np.diff(graph.row_starts))
        blocks = _BLOCKS if n >= _FEWEST_POINTS else 1
        parts, rounds = tournament(blocks)
        block = (np.arange(n) * blocks) // max(n, 1)
        part = parts[block[heads], block[graph.columns]]
        order = np.argsort(part, kind="stable")
        counts = np.bincount(part, minlength=int(parts.max()) + 1)
        starts = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
        rates = graph.values / graph.values.max(initial=np.float32(1e-30))
        return cls(starts, heads[order], graph.columns[order], rates[order], rounds)


def tournament(blocks: int) -> tuple[Int64[np.ndarray, "blocks blocks"], list[range]]:
    """Numbers of the pairs of blocks by round, and which numbers make up each round.

    Args:
        blocks: 1, or an even number.
    """
    parts = np.diag(np.arange(blocks))
    rounds = [range(blocks + 1)]
    table = list(range(blocks))
    for _ in range(blocks - 1):
        first = rounds[-1][-1]
        for seat in range(blocks // 2):
            one, other = table[seat], table[-1 - seat]
            parts[one, other] = parts[other, one] = first + seat
        rounds.append(range(first, first + blocks // 2 + 1))
        table.insert(1, table.pop())
    return parts, rounds
