import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from cutaway.maps.kernels import potential as compiled
from cutaway.maps.kernels import repulsion as kernels
from cutaway.maps.tensors import repulsion as tensors
from cutaway.maps.tensors.repulsion import TensorRepulsion, spline_slopes, spline_weights

CPU = torch.device("cpu")


def naive_repulsion(Y):
    """Sums over all pairs in float64."""
    difference = Y[:, :, None].astype(np.float64) - Y[:, None]
    similarity = 1 / (1 + (difference**2).sum(axis=0))
    return (similarity**2 * difference).sum(axis=2), similarity.sum() - Y.shape[1]


def clustered(n, scale):
    rng = np.random.default_rng(0)
    centres = rng.uniform(-20, 20, (2, 12))
    points = centres[:, rng.integers(0, 12, n)] + rng.standard_normal((2, n)) * rng.uniform(1, 4, n)
    return (points * scale).astype(np.float32)


def relative_errors(Y):
    found, normalization = TensorRepulsion().force(torch.from_numpy(Y))
    force, expected = naive_repulsion(Y)
    error = np.sqrt(np.square(found.numpy() - force).sum() / np.square(force).sum())
    return error, abs(float(normalization) / expected - 1)


def test_few_points_are_summed_over_all_pairs():
    force, normalization = relative_errors(clustered(300, 1.0))
    assert force < 1e-5
    assert normalization < 1e-6


@pytest.mark.parametrize("scale", [1e-5, 1e-3, 0.02, 0.2, 0.5, 1.0, 2.0, 4.0])
def test_the_grid_comes_within_a_hundredth_of_exact_forces_at_any_density(scale):
    force, normalization = relative_errors(clustered(2000, scale))
    assert force < 0.01
    assert normalization < 3e-3


def test_a_map_too_wide_for_memory_gets_a_coarser_grid(monkeypatch):
    monkeypatch.setattr(tensors, "_MOST_NODES", 100)
    repulsion = TensorRepulsion()
    repulsion.force(torch.from_numpy(clustered(900, 1.0)))
    assert repulsion._grid.nodes.nodes < 130


def test_a_grid_is_kept_until_points_leave_it():
    repulsion = TensorRepulsion()
    Y = torch.from_numpy(clustered(900, 1.0))
    repulsion.force(Y)
    first = repulsion._grid
    repulsion.force(Y * 1.01)
    assert repulsion._grid is first
    repulsion.force(Y * 2)
    assert repulsion._grid is not first


@pytest.mark.parametrize(("nodes", "spacing"), [(32, 0.01), (45, 1 / 3)])
def test_the_kernel_is_transformed_as_for_the_cpu(nodes, spacing):
    found = tensors._kernel_transform(nodes, spacing, CPU)
    expected = compiled._kernel_transform(nodes, spacing, 0.0)
    np.testing.assert_allclose(found, expected, atol=1e-5 * np.abs(expected).max())


def test_the_order_of_charges_is_of_no_consequence():
    Y = clustered(3000, 1.0)
    order = np.random.default_rng(1).permutation(3000)
    force = TensorRepulsion().force(torch.from_numpy(Y))[0].numpy()
    again = TensorRepulsion().force(torch.from_numpy(Y[:, order].copy()))[0].numpy()
    np.testing.assert_array_equal(again, force[:, order])


@settings(max_examples=30)
@given(t=st.floats(0, 0.9990000128746033, width=32))
def test_splines_are_those_of_the_cpu(t):
    places = torch.full((2, 1), t, dtype=torch.float32)
    weights, slopes = spline_weights(places)[0, :, 0], spline_slopes(places)[0, :, 0]
    np.testing.assert_allclose(weights, kernels.spline_weights(np.float32(t)), atol=1e-6)
    np.testing.assert_allclose(slopes, kernels.spline_slopes(np.float32(t)), atol=1e-6)
