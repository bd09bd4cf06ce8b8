import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cutaway.maps.edge_rounds import EdgeRounds, tournament
from cutaway.maps.fuzzy import FuzzyGraph, fuzzy_union
from cutaway.maps.neighbours import NeighbourIndex


@pytest.mark.parametrize("blocks", [1, 2, 8, 10])
def test_every_pair_of_blocks_meets_once_and_no_block_twice_in_a_round(blocks):
    parts, rounds = tournament(blocks)
    np.testing.assert_array_equal(parts, parts.T)
    meetings = [parts[one, other] for one in range(blocks) for other in range(one, blocks)]
    assert sorted(meetings) == list(range(len(meetings)))
    for numbers in rounds:
        pairs = [np.argwhere(np.triu(parts + 1) == part + 1)[0] for part in list(numbers)[:-1]]
        busy = [block for pair in pairs for block in set(pair.tolist())]
        assert len(busy) == len(set(busy))


@settings(max_examples=20)
@given(seed=st.integers(0, 100), n=st.sampled_from([2, 40, 513, 700]))
def test_rounds_hold_every_edge_once_and_parts_of_a_round_share_no_point(seed, n):
    rng = np.random.default_rng(seed)
    rows = rng.standard_normal((n, 3))
    graph = fuzzy_union(NeighbourIndex(rows).among_themselves(min(5, n - 1)), 0.0)
    edges = EdgeRounds.of(graph)
    heads = np.repeat(np.arange(n), np.diff(graph.row_starts))
    whole = zip(heads, graph.columns, graph.values / graph.values.max(), strict=True)
    assert sorted(zip(edges.heads, edges.tails, edges.rates, strict=True)) == sorted(whole)
    assert edges.starts[-1] == len(heads)
    for parts in edges.rounds:
        seen: set[int] = set()
        for part in list(parts)[:-1]:
            held = slice(edges.starts[part], edges.starts[part + 1])
            points = {*edges.heads[held].tolist(), *edges.tails[held].tolist()}
            assert not points & seen
            seen |= points


def test_a_graph_without_edges_has_empty_parts():
    empty = np.empty(0, dtype=np.uint32)
    graph = FuzzyGraph(np.zeros(4, dtype=np.int64), empty, empty.astype(np.float32))
    assert EdgeRounds.of(graph).starts.tolist() == [0, 0]
