import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cutaway.maps.affinities import conditional, joint_affinities, kl_divergence
from cutaway.maps.fuzzy import curve, force_tables, fuzzy_union, memberships
from cutaway.maps.kernels.layout import scrambled, tabulated
from cutaway.maps.neighbours import NeighbourIndex


def naive_conditional(squared, perplexity):
    """Bisection of the precision in float64."""
    rows = []
    for d in squared:
        low, high = 0.0, 1e12
        for _ in range(200):
            beta = (low + high) / 2 if low else np.sqrt(1e-12 * high)
            p = np.exp(-beta * (d - d.min()))
            p /= p.sum()
            entropy = -(p * np.log(np.maximum(p, 1e-300))).sum()
            low, high = (beta, high) if entropy > np.log(perplexity) else (low, beta)
        rows.append(p)
    return np.array(rows)


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 2**31), scale=st.floats(-6, 6), perplexity=st.floats(1.5, 8))
def test_conditional_affinities_have_the_perplexity_at_any_scale(seed, scale, perplexity):
    squared = np.sort(np.random.default_rng(seed).random((5, 20)), axis=1) * 10.0**scale
    p = conditional(squared, perplexity).astype(np.float64)
    np.testing.assert_allclose(p.sum(axis=1), 1, atol=1e-6)
    entropy = -(p * np.log(np.maximum(p, 1e-300))).sum(axis=1)
    np.testing.assert_allclose(np.exp(entropy), perplexity, rtol=1e-4)


def test_conditional_affinities_equal_the_naive_ones():
    squared = np.sort(np.random.default_rng(0).random((10, 30)), axis=1)
    np.testing.assert_allclose(
        conditional(squared, 7.0), naive_conditional(squared, 7.0), atol=1e-5
    )


@pytest.mark.parametrize("row", [[0.0] * 6, [0.0] * 5 + [1.0], [1e-300] * 6, [0.0, 1e300]])
def test_ties_and_extremes_still_give_probabilities(row):
    p = conditional(np.array([row]), 1.5)
    assert np.isfinite(p).all()
    assert p.sum() == pytest.approx(1)


def test_joint_affinities_are_the_symmetric_half_sum():
    X = np.random.default_rng(0).standard_normal((40, 3))
    neighbours = NeighbourIndex(X).among_themselves(9)
    joint = joint_affinities(neighbours, 3.0)
    directed = np.zeros((40, 40))
    p = conditional(neighbours.squared_distances, 3.0)
    np.put_along_axis(directed, neighbours.indices.astype(int), p, axis=1)
    dense = np.zeros((40, 40))
    rows = np.repeat(np.arange(40), np.diff(joint.row_starts))
    dense[rows, joint.columns] = joint.values
    np.testing.assert_allclose(dense, (directed + directed.T) / 80, atol=1e-8)
    assert dense.sum() == pytest.approx(1)


def test_the_divergence_is_that_of_the_definition():
    rng = np.random.default_rng(0)
    joint = joint_affinities(NeighbourIndex(rng.standard_normal((30, 4))).among_themselves(9), 3.0)
    Y = rng.standard_normal((2, 30)).astype(np.float32)
    similarity = 1 / (1 + ((Y[:, :, None] - Y[:, None]) ** 2).sum(axis=0).astype(np.float64))
    np.fill_diagonal(similarity, 0)
    rows = np.repeat(np.arange(30), np.diff(joint.row_starts))
    p, q = joint.values.astype(np.float64), similarity[rows, joint.columns] / similarity.sum()
    expected = (p * np.log(p / q)).sum()
    assert kl_divergence(joint, Y, float(similarity.sum())) == pytest.approx(expected, abs=1e-6)


def test_memberships_add_up_to_the_logarithm_and_start_at_one():
    squared = np.sort(np.random.default_rng(0).random((8, 14)), axis=1)
    w = memberships(squared, 15)
    np.testing.assert_allclose(w.sum(axis=1), np.log2(15), atol=1e-4)
    np.testing.assert_array_equal(w[:, 0], 1)


def test_the_fuzzy_union_is_symmetric_and_probabilistic():
    neighbours = NeighbourIndex(np.random.default_rng(0).random((30, 3))).among_themselves(5)
    graph = fuzzy_union(neighbours, 0.0)
    directed = np.zeros((30, 30))
    w = memberships(neighbours.squared_distances, 6)
    np.put_along_axis(directed, neighbours.indices.astype(int), w, axis=1)
    dense = np.zeros((30, 30))
    dense[np.repeat(np.arange(30), np.diff(graph.row_starts)), graph.columns] = graph.values
    np.testing.assert_allclose(dense, directed + directed.T - directed * directed.T, atol=1e-6)


def test_the_curve_is_umaps_for_its_defaults():
    assert curve(0.1, 1.0) == pytest.approx((1.576943, 0.8950608), rel=1e-4)


@settings(max_examples=50, deadline=None)
@given(exponent=st.floats(-20, 20))
def test_tabulated_forces_are_within_a_thousandth(exponent):
    a, b = 1.576943, 0.8950608
    pull, push = force_tables(a, b)
    d2 = float(np.float32(2.0**exponent))
    exact_pull = -2 * a * b * d2 ** (b - 1) / (1 + a * d2**b)
    exact_push = 2 * b / ((0.001 + d2) * (1 + a * d2**b))
    assert tabulated(pull, np.float32(d2)) == pytest.approx(exact_pull, rel=1e-3)
    assert tabulated(push, np.float32(d2)) == pytest.approx(exact_push, rel=1e-3)


def test_scrambled_numbers_are_splitmix64():
    def naive(value):
        mask = 2**64 - 1
        value = ((value ^ (value >> 30)) * 0xBF58476D1CE4E5B9) & mask
        value = ((value ^ (value >> 27)) * 0x94D049BB133111EB) & mask
        return value ^ (value >> 31)

    for value in (0, 1, 12345, 2**63 + 7):
        assert int(scrambled(np.uint64(value))) == naive(value)
