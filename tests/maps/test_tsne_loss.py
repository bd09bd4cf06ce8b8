import itertools

import numpy as np
import torch

from cutaway.maps.affinities import joint_affinities
from cutaway.maps.neighbours import NeighbourIndex
from cutaway.maps.tsne_loss import NeighbourPairs, divergence

ROWS = np.random.default_rng(0).normal(size=(20, 3))
AFFINITIES = joint_affinities(NeighbourIndex(ROWS).among_themselves(6), 2.0)


def dense():
    P = np.zeros((20, 20))
    for i, (start, stop) in enumerate(itertools.pairwise(AFFINITIES.row_starts)):
        P[i, AFFINITIES.columns[start:stop]] = AFFINITIES.values[start:stop]
    return P


def test_neighbours_are_drawn_by_their_affinities():
    P, pairs = dense(), NeighbourPairs(AFFINITIES, seed=0)
    np.testing.assert_allclose(pairs.masses, 20 * P.sum(axis=1), rtol=1e-5)
    heads = torch.arange(20).repeat(5000)
    drawn = np.zeros((20, 20))
    np.add.at(drawn, (heads.numpy(), pairs.draw(heads).numpy()), 1 / 5000)
    np.testing.assert_allclose(drawn, P / P.sum(axis=1, keepdims=True), atol=0.03)
    assert (drawn[P == 0] == 0).all()


def test_its_mean_over_drawn_pairs_is_the_divergence():
    P, Y = dense(), np.random.default_rng(1).normal(size=(20, 2))
    W = 1 / (1 + np.square(Y[:, None] - Y[None]).sum(axis=2))
    np.fill_diagonal(W, 0)
    there = P > 0
    naive = -np.sum(P[there] * np.log(W[there] / W.sum()))
    pairs, heads = NeighbourPairs(AFFINITIES, seed=0), torch.arange(20)
    positions = torch.from_numpy(Y)
    losses = [
        float(divergence(positions, positions[pairs.draw(heads)], pairs.masses))
        for _ in range(2000)
    ]
    np.testing.assert_allclose(np.mean(losses) + np.log(20 * 19), naive, atol=0.02)
