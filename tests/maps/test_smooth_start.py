import numpy as np
from sklearn.datasets import load_digits

from cutaway.maps.fuzzy import FuzzyGraph, fuzzy_union
from cutaway.maps.initial import initial_map
from cutaway.maps.neighbours import NeighbourIndex
from cutaway.maps.smooth_start import smooth_start


def dense_adjacency(graph):
    """D^-½ W D^-½ as a full matrix."""
    n = len(graph.row_starts) - 1
    weights = np.zeros((n, n))
    heads = np.repeat(np.arange(n), np.diff(graph.row_starts))
    weights[heads, graph.columns] = graph.values
    degrees = weights.sum(axis=1)
    return weights / np.sqrt(np.outer(degrees, degrees)), degrees


def test_the_start_lies_along_the_smoothest_eigenvectors_of_the_graph():
    X = load_digits().data[:600]
    graph = fuzzy_union(NeighbourIndex(X).among_themselves(14), 0.0)
    random = np.random.RandomState(0)
    start = smooth_start(graph, initial_map(X, "pca", 2, random, 1.0), 2, random)
    adjacency, degrees = dense_adjacency(graph)
    values, vectors = np.linalg.eigh(adjacency)
    smoothest = vectors[:, values > 0.9] / np.sqrt(degrees)[:, None]
    centred = start - start.mean(axis=0)
    inside = np.linalg.qr(np.column_stack([np.ones(600), smoothest]))[0]
    kept = np.linalg.norm(inside.T @ centred, axis=0) / np.linalg.norm(centred, axis=0)
    assert smoothest.shape[1] < 60
    assert (kept > 0.95).all()
    assert np.abs(np.corrcoef(start.T)[0, 1]) < 0.3


def test_a_start_without_edges_or_without_extent_is_finite():
    random = np.random.RandomState(0)
    empty = np.empty(0, dtype=np.uint32)
    graph = FuzzyGraph(np.zeros(4, dtype=np.int64), empty, empty.astype(np.float32))
    assert np.isfinite(smooth_start(graph, np.eye(3, 2, dtype=np.float32), 2, random)).all()
    flat = smooth_start(graph, np.zeros((3, 2), dtype=np.float32), 1, random)
    assert np.ptp(flat[:, 0]) > 0
    assert not flat[:, 1].any()


def test_apart_lying_groups_keep_their_inner_structure():
    rng = np.random.default_rng(0)
    rows = rng.uniform(-1, 1, (900, 2))
    rows[600:] += 50
    graph = fuzzy_union(NeighbourIndex(rows).among_themselves(10), 0.0)
    random = np.random.RandomState(0)
    start = smooth_start(graph, initial_map(rows, "pca", 2, random, 1.0), 2, random)
    assert start[:600].std(axis=0).max() > 0.1
