import numpy as np
import pytest

from cutaway.maps.eigen import block_krylov, is_few, leading_eigenpairs, random_start


def symmetric(dimensions, rank):
    factor = np.random.default_rng(0).normal(size=(dimensions, rank))
    return factor @ factor.T


@pytest.mark.parametrize(("dimensions", "count"), [(6, 6), (300, 2), (300, 290)])
def test_they_solve_the_eigenvalue_equation_in_falling_order(dimensions, count):
    matrix = symmetric(dimensions, dimensions)
    values, vectors = leading_eigenpairs(matrix, count, seed=0)
    np.testing.assert_allclose(matrix @ vectors.T, vectors.T * values, atol=1e-9 * values[0])
    np.testing.assert_allclose(values, np.linalg.eigvalsh(matrix)[::-1][:count], rtol=1e-6)


@pytest.mark.parametrize("rank", [0, 1])
def test_a_matrix_of_low_rank_still_gives_orthonormal_vectors(rank):
    matrix = symmetric(300, rank)
    assert is_few(2, 300)
    if rank:
        start = random_start(300, 2, 0, matrix.dtype)
        assert block_krylov(lambda block: matrix @ block, start, 2) is None
    values, vectors = leading_eigenpairs(matrix, 2, seed=0)
    np.testing.assert_allclose(vectors @ vectors.T, np.eye(2), atol=1e-12)
    np.testing.assert_allclose(values, [np.trace(matrix), 0], atol=1e-9)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("count", [1, 5, 10])
def test_products_alone_give_what_a_full_decomposition_gives(dtype, count):
    spectrum = 1 / np.arange(1, 601)
    turns, _ = np.linalg.qr(np.random.default_rng(1).normal(size=(600, 600)))
    matrix = ((turns * spectrum) @ turns.T).astype(dtype)
    start = random_start(600, count, 0, matrix.dtype)
    values, vectors = block_krylov(lambda block: matrix @ block, start, count)
    np.testing.assert_allclose(values, spectrum[:count], rtol=1e-5)
    cosines = np.abs(np.sum(vectors * turns[:, :count].T, axis=1))
    np.testing.assert_allclose(cosines, 1, atol=1e-4)
    again = block_krylov(lambda block: matrix @ block, start, count)
    assert np.array_equal(again[1], vectors)


def test_what_does_not_converge_is_not_given():
    flat = np.diag(np.linspace(1, 1.0001, 2000))
    assert block_krylov(lambda block: flat @ block, random_start(2000, 5, 0, flat.dtype), 5) is None
