import numpy as np
import scipy.linalg
import torch

from cutaway.maps.linear import excess_error, train_linear

ROWS = np.random.default_rng(0).normal(size=(80, 12)) * np.linspace(3, 0.5, 12)


def test_the_error_by_the_scatter_is_the_error_over_the_rows():
    weights = np.random.default_rng(1).normal(size=(12, 3))
    naive = np.square(ROWS - ROWS @ weights @ weights.T).sum() - np.square(ROWS).sum()
    scatter = torch.from_numpy(ROWS.T @ ROWS)
    excess = excess_error(lambda vectors: scatter @ vectors, torch.from_numpy(weights))
    np.testing.assert_allclose(float(excess), naive)


def test_products_with_rows_and_with_their_scatter_train_the_same_weights(monkeypatch):
    by_scatter = train_linear(ROWS, 2, steps=500, seed=0)
    monkeypatch.setattr("cutaway.maps.linear._LARGEST_SCATTER", 0)
    by_rows = train_linear(ROWS, 2, steps=500, seed=0)
    assert np.degrees(scipy.linalg.subspace_angles(by_scatter, by_rows).max()) < 0.1


def test_every_seed_finds_the_same_subspace():
    found = [train_linear(ROWS, 2, steps=500, seed=seed) for seed in range(3)]
    for other in found[1:]:
        assert np.degrees(scipy.linalg.subspace_angles(found[0], other).max()) < 0.5
