"""Leading eigenvectors of a symmetric positive matrix, known whole or by its products."""

from collections.abc import Callable

import numpy as np
from jaxtyping import Float

_FEW = 0.1
_SMALL = 256

Product = Callable[[np.ndarray], np.ndarray]


def leading_eigenpairs(
    matrix: Float[np.ndarray, "features features"], count: int, seed: int
) -> tuple[Float[np.ndarray, " count"], Float[np.ndarray, "count features"]]:
    """The `count` largest eigenvalues, in falling order, and their eigenvectors as rows.

    Example:
        >>> values, vectors = leading_eigenpairs(np.diag([1.0, 3.0, 2.0]), 2, seed=0)
        >>> values
        array([3., 2.])
    """
    import scipy.linalg

    dimensions = len(matrix)
    if is_few(count, dimensions) and matrix.any():
        found = lanczos(lambda vector: matrix @ vector, dimensions, count, seed, matrix.dtype)
        if found is not None:
            return found
    values, vectors = scipy.linalg.eigh(
        matrix, subset_by_index=[dimensions - count, dimensions - 1], check_finite=False
    )
    return np.maximum(values[::-1], 0.0), np.ascontiguousarray(vectors[:, ::-1].T)


def is_few(count: int, dimensions: int) -> bool:
    """Whether iterating for `count` eigenvectors costs less than a full decomposition."""
    return dimensions > _SMALL and count < _FEW * dimensions


def lanczos(
    product: Product, dimensions: int, count: int, seed: int, dtype: np.dtype
) -> tuple[Float[np.ndarray, " count"], Float[np.ndarray, "count features"]] | None:
    """The same from products with vectors alone, or None where they are not well determined.

    A vanishing eigenvalue has no eigenvector of its own: what the iteration returns for it would
    differ from run to run.

    Source: Lehoucq, Sorensen and Yang 1998, "ARPACK users' guide".
    """
    from scipy.sparse.linalg import ArpackError, LinearOperator, eigsh

    start = np.random.default_rng(seed).standard_normal(dimensions).astype(dtype)
    operator = LinearOperator((dimensions, dimensions), matvec=product, dtype=dtype)
    try:
        values, vectors = eigsh(operator, k=count, v0=start)
    except ArpackError:
        return None
    if values.min() <= 100 * np.finfo(dtype).eps * values.max():
        return None
    order = np.argsort(values)[::-1]
    return np.maximum(values[order], 0.0), np.ascontiguousarray(vectors[:, order].T)
