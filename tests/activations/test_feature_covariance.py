import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from cutaway.activations.feature_covariance import FeatureCovariance

SAMPLES = 64 * 5 + 17
ROWS = (np.random.default_rng(0).normal(size=(SAMPLES, 4)) * [1e-3, 1.0, 30.0, 1e4] + 7).astype(
    "f4"
)


def over(start, stop, size=SAMPLES):
    state = FeatureCovariance()
    for first in range(start, stop, size):
        state.update(ROWS[first : min(first + size, stop)], first)
    return state


def test_it_is_that_of_numpy():
    found = over(0, SAMPLES, 50).result()
    np.testing.assert_allclose(found.mean, ROWS.mean(axis=0, dtype=np.float64), rtol=1e-12)
    expected = np.cov(ROWS.T.astype(np.float64), bias=True)
    np.testing.assert_allclose(found.scatter / SAMPLES, expected, rtol=1e-9)
    assert found.count == SAMPLES


@settings(max_examples=60)
@given(st.data())
def test_any_split_and_any_order_of_merging_gives_the_same_bits(data):
    cuts = sorted(data.draw(st.sets(st.integers(1, SAMPLES - 1), max_size=9), label="cuts"))
    shards = list(zip([0, *cuts], [*cuts, SAMPLES], strict=True))
    size = data.draw(st.integers(1, SAMPLES), label="batch")
    states = [over(*shard, size) for shard in data.draw(st.permutations(shards), label="order")]
    while len(states) > 1:
        states[0].merge(states.pop(data.draw(st.integers(1, len(states) - 1), label="merged")))
    found, whole = states[0].result(), over(0, SAMPLES).result()
    assert found.count == whole.count
    assert found.mean.tobytes() == whole.mean.tobytes()
    assert found.scatter.tobytes() == whole.scatter.tobytes()


def test_memory_grows_with_the_logarithm_of_the_samples():
    state = FeatureCovariance()
    for number in range(100):
        state.update(np.ones((64, 2), np.float32), 64 * number)
    assert len(state.nodes) == (100).bit_count()
    assert not state.waiting


def test_a_huge_mean_costs_no_digits():
    rows = (1e6 + np.arange(200.0)[:, None]).astype(np.float32)
    state = FeatureCovariance()
    state.update(rows, 0)
    expected = [[np.var(np.arange(200.0))]]
    np.testing.assert_allclose(state.result().scatter / 200, expected, rtol=1e-9)
