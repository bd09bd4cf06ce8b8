import numpy as np
import pytest
import scipy.fft
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.interpolate import BSpline

from cutaway.maps.affinities import joint_affinities
from cutaway.maps.kernels.attraction import attraction, packed
from cutaway.maps.kernels.descent import descend
from cutaway.maps.kernels.near import exponential
from cutaway.maps.kernels.potential import ChargeGrid
from cutaway.maps.kernels.repulsion import exact_repulsion, spline_slopes, spline_weights
from cutaway.maps.kernels.threads import Running, balanced_ranges, even_ranges, over_ranges
from cutaway.maps.neighbours import NeighbourIndex
from cutaway.maps.repulsion import Field, Repulsion


def naive_repulsion(Y):
    """Sums over all pairs in float64."""
    difference = Y[:, :, None].astype(np.float64) - Y[:, None]
    similarity = 1 / (1 + (difference**2).sum(axis=0))
    return similarity.sum(axis=1) - 1, (similarity**2 * difference).sum(axis=2)


def clustered(n, scale, seed=0):
    rng = np.random.default_rng(seed)
    centres = rng.uniform(-20, 20, (2, 12))
    spread = rng.uniform(1, 4, n)
    points = centres[:, rng.integers(0, 12, n)] + rng.standard_normal((2, n)) * spread
    return (points * scale).astype(np.float32)


def repulsion_of(Y):
    result = Repulsion(Y.shape[1])
    result.update(Y, np.stack([Y.min(axis=1), Y.max(axis=1)]))
    return result


def relative_error(found, expected):
    return np.sqrt(np.square(found - expected).sum() / np.square(expected).sum())


def test_exact_repulsion_is_the_sum_over_pairs():
    Y = clustered(300, 1.0)
    result = repulsion_of(Y)
    potential, force = naive_repulsion(Y)
    np.testing.assert_allclose(result.potential, potential, rtol=1e-5)
    assert relative_error(result.force, force) < 1e-5


@pytest.mark.parametrize("scale", [1e-5, 1e-3, 0.02, 0.2, 0.5, 1.0, 2.0, 4.0])
def test_grid_and_near_sums_come_within_two_hundredths_at_any_density(scale):
    Y = clustered(3000, scale)
    result = repulsion_of(Y)
    potential, force = naive_repulsion(Y)
    assert relative_error(result.force, force) < 0.02
    assert result.potential.sum(dtype=np.float64) == pytest.approx(potential.sum(), rel=3e-3)


def test_the_whole_kernel_on_a_fine_grid_comes_within_a_hundredth():
    Y = clustered(2000, 1.0)
    _, force = naive_repulsion(Y)
    field = Field(Y)
    found = np.empty_like(Y)
    from cutaway.maps.kernels.repulsion import gather_potential

    gather_potential(0, 2000, Y, *field.grid, np.empty(2000, dtype=np.float32), found)
    assert relative_error(found, force) < 0.01


@settings(max_examples=30, deadline=None)
@given(t=st.floats(0, 0.9990000128746033, width=32))
def test_spline_weights_are_the_cubic_b_spline_and_its_slope(t):
    spline = BSpline.basis_element(np.arange(5.0) - 2)
    nodes = np.array([t + 1, t, t - 1, t - 2])
    np.testing.assert_allclose(spline_weights(np.float32(t)), spline(nodes), atol=1e-6)
    np.testing.assert_allclose(spline_slopes(np.float32(t)), spline(nodes, nu=1), atol=1e-6)


@settings(max_examples=30, deadline=None)
@given(z=st.floats(0, 6, width=32))
def test_the_exponential_is_within_three_ten_thousandths(z):
    assert float(exponential(np.float32(z))) == pytest.approx(np.exp(-z), abs=3e-4)


def test_the_potential_interpolates_a_single_charge_at_the_nodes():
    grid = ChargeGrid(np.zeros(2, np.float32), np.full(2, 20, np.float32), 0.5)
    node = grid.corner + np.float32(grid.spacing) * np.float32(10)
    coefficients = grid.potential(node[:, None].astype(np.float32))
    weights = np.array([1, 4, 1]) / 6
    for step in (0, 1, 5):
        around = coefficients[10:13, 10 + step : 13 + step]
        value = weights @ around @ weights
        assert value == pytest.approx(1 / (1 + (step * grid.spacing) ** 2), abs=2e-4)


@pytest.mark.parametrize("size", [512, 600])
def test_transforms_are_the_same_bytes_on_any_number_of_workers(size):
    values = np.random.default_rng(0).random((size // 2, size)).astype(np.float32)
    one = scipy.fft.fft(scipy.fft.rfft(values, axis=1, workers=1), n=size, axis=0, workers=1)
    for workers in (2, 3):
        rows = scipy.fft.rfft(values, axis=1, workers=workers)
        assert scipy.fft.fft(rows, n=size, axis=0, workers=workers).tobytes() == one.tobytes()


def naive_divergence(P, Y):
    similarity = 1 / (1 + ((Y[:, :, None] - Y[:, None]) ** 2).sum(axis=0))
    np.fill_diagonal(similarity, 0)
    kept = P > 0
    return (P[kept] * np.log(P[kept] / (similarity / similarity.sum())[kept])).sum()


def test_a_step_goes_down_the_gradient_by_finite_differences():
    rng = np.random.default_rng(0)
    n = 25
    joint = joint_affinities(NeighbourIndex(rng.standard_normal((n, 4))).among_themselves(9), 3.0)
    P = np.zeros((n, n))
    P[np.repeat(np.arange(n), np.diff(joint.row_starts)), joint.columns] = joint.values
    Y = rng.standard_normal((2, n)).astype(np.float32)
    pull, push = np.empty_like(Y), np.empty_like(Y)
    potential = np.empty(n, dtype=np.float32)
    attraction(0, n, joint.row_starts, joint.columns, joint.values, packed(Y), pull)
    exact_repulsion(0, n, Y, potential, push)
    moved, velocity, gains = Y.copy(), np.zeros_like(Y), np.ones_like(Y)
    one = np.float32(1)
    descend(
        pull, push, one, np.float32(potential.sum()), one, one, np.float32(9), moved, 2, velocity,
        gains, np.empty((2, 2), np.float32),
    )  # fmt: skip
    gradient = -velocity / np.float32(0.8)
    for axis, point in ((0, 0), (1, 7), (0, 24)):
        step = np.zeros((2, n))
        step[axis, point] = 1e-5
        slope = naive_divergence(P, Y + step) - naive_divergence(P, Y - step)
        assert gradient[axis, point] == pytest.approx(slope / 2e-5, rel=2e-3, abs=1e-6)


def test_no_step_is_longer_than_the_longest():
    push = np.full((2, 3), 1e6, dtype=np.float32)
    zero, one = np.zeros((2, 3), dtype=np.float32), np.float32(1)
    Y, bounds = zero.copy(), np.empty((2, 2), np.float32)
    descend(
        zero, push, one, one, one, one, np.float32(5), Y, 2, zero.copy(), np.ones_like(zero), bounds
    )
    np.testing.assert_allclose(np.sqrt((Y**2).sum(axis=0)), 5, rtol=1e-5)
    assert bounds[0].tolist() == Y.min(axis=1).tolist()


@given(n=st.integers(1, 5000), smallest=st.integers(1, 300))
def test_ranges_cover_all_rows_in_order(n, smallest):
    bounds = even_ranges(n, smallest)
    assert bounds[0] == 0
    assert bounds[-1] == n
    assert sorted(set(bounds)) == list(bounds)


def test_balanced_ranges_weigh_entries():
    starts = np.concatenate([[0], np.cumsum(np.r_[np.full(1000, 1), np.full(1000, 99)])])
    bounds = balanced_ranges(starts)
    assert bounds[0] == 0
    assert bounds[-1] == 2000
    assert list(bounds) == sorted(bounds)


def test_an_error_in_a_kernel_reaches_the_caller():
    def fail(first, last):
        raise ZeroDivisionError(f"{first} to {last}")

    with pytest.raises(ZeroDivisionError):
        over_ranges(fail, (0, 1, 2, 3))
    seen = []
    Running(lambda first, last: seen.append((first, last)), (0, 2, 5)).finish()
    assert sorted(seen) == [(0, 2), (2, 5)]
