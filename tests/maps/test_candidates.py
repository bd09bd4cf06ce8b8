import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cutaway.maps.candidates import Candidates, half_norms, rounds


def half_squared_distances(points, rows):
    difference = points[:, None].astype(np.float64) - rows[None]
    return (difference**2).sum(axis=2) / 2


def held(candidates, point):
    return set(candidates.indices[point, : candidates.filled[point]].tolist())


@given(blocks=st.integers(1, 40))
def test_rounds_pair_all_blocks_once_and_none_twice_in_a_round(blocks):
    everything = list(rounds(blocks))
    pairs = [pair for each in everything for pair in each]
    assert sorted(pairs) == [(a, b) for a in range(blocks) for b in range(a, blocks)]
    for each in everything[1:]:
        members = [block for pair in each for block in pair]
        assert len(members) == len(set(members))


@pytest.mark.parametrize("n", [70, 333, 1500])
def test_nothing_below_the_threshold_is_left_out(n):
    rng = np.random.default_rng(n)
    rows = (rng.standard_normal((n, 6)) * rng.uniform(0.5, 2, (n, 1))).astype(np.float32)
    candidates = Candidates(rows, 9)
    half = slice(0, n // 2), slice(n // 2, n)
    for block in half:
        candidates.sample(block, rows, half_norms(rows))
        candidates.look_at(block, rows[block], half_norms(rows)[block], block.start)
    candidates.meet(*half)
    candidates.cut(0, n)
    scores = half_squared_distances(rows, rows)
    for point in range(n):
        found = held(candidates, point)
        assert 9 == len(found) == candidates.filled[point]
        missing = [row for row in range(n) if row not in found]
        assert scores[point, missing].min() >= candidates.threshold[point] - 1e-4
        assert found == set(np.argsort(scores[point])[:9].tolist())


def test_thresholds_drawn_from_a_sample_let_enough_rows_pass():
    rows = np.random.default_rng(0).standard_normal((4000, 10)).astype(np.float32)
    candidates = Candidates(rows, 60)
    candidates.sample(slice(0, 100), rows, half_norms(rows))
    passing = (half_squared_distances(rows[:100], rows) < candidates.threshold[:100, None]).sum(1)
    assert passing.min() >= 60
    assert passing.max() < 600
    assert np.isinf(candidates.threshold[100:]).all()


@pytest.mark.parametrize(("n", "kept"), [(400, 20), (2000, 1999), (2000, 2000)])
def test_where_a_sample_says_too_little_every_row_may_be_a_candidate(n, kept):
    rows = np.random.default_rng(0).standard_normal((n, 3)).astype(np.float32)
    candidates = Candidates(rows, kept)
    candidates.sample(slice(0, 10), rows, half_norms(rows))
    assert np.isinf(candidates.threshold).all()
