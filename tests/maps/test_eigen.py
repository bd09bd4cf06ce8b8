import numpy as np
import pytest

from cutaway.maps.eigen import is_few, lanczos, leading_eigenpairs


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
        assert lanczos(lambda vector: matrix @ vector, 300, 2, 0, matrix.dtype) is None
    values, vectors = leading_eigenpairs(matrix, 2, seed=0)
    np.testing.assert_allclose(vectors @ vectors.T, np.eye(2), atol=1e-12)
    np.testing.assert_allclose(values, [np.trace(matrix), 0], atol=1e-9)
