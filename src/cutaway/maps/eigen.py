"""Leading eigenvectors of a symmetric positive matrix, known whole or by its products."""

from collections.abc import Callable

import numpy as np
from jaxtyping import Float

_FEW = 0.1
_SMALL = 256
_MORE = 14
_FIRST_LOOK = 4
_MOST_STEPS = 16
_TOLERANCE = 1e-9
_VANISHING = 1e-4

Product = Callable[[np.ndarray], np.ndarray]
Pairs = tuple[Float[np.ndarray, " count"], Float[np.ndarray, "count features"]]


def leading_eigenpairs(
    matrix: Float[np.ndarray, "features features"], count: int, seed: int
) -> Pairs:
    """The `count` largest eigenvalues, in falling order, and their eigenvectors as rows.

    Example:
        >>> values, vectors = leading_eigenpairs(np.diag([1.0, 3.0, 2.0]), 2, seed=0)
        >>> values
        array([3., 2.])
    """
    import scipy.linalg

    dimensions = len(matrix)
    if is_few(count, dimensions) and matrix.any():
        found = block_krylov(
            lambda block: matrix @ block, random_start(dimensions, count, seed, matrix.dtype), count
        )
        if found is not None:
            return found
    values, vectors = scipy.linalg.eigh(
        matrix, subset_by_index=[dimensions - count, dimensions - 1], check_finite=False
    )
    return np.maximum(values[::-1], 0.0), np.ascontiguousarray(vectors[:, ::-1].T)


def is_few(count: int, dimensions: int) -> bool:
    """Whether iterating for `count` eigenvectors costs less than a full decomposition."""
    return dimensions > _SMALL and count < _FEW * dimensions


def block_width(count: int) -> int:
    """Columns of a block that finds `count` eigenvectors: some more than are wanted."""
    return count + _MORE


def random_start(
    dimensions: int, count: int, seed: int, dtype: np.dtype
) -> Float[np.ndarray, "features block"]:
    """A block of random directions to begin from."""
    rng = np.random.default_rng(seed)
    return rng.standard_normal((dimensions, block_width(count))).astype(dtype)


def block_krylov(
    product: Product, start: Float[np.ndarray, "features block"], count: int
) -> Pairs | None:
    """The leading eigenpairs from products with blocks of vectors alone.

    The matrix is projected on the start, its product, the product of that and so on, until the
    pairs solve the eigenvalue equation (to 16 roundings of the largest value, or 1e-9 of it). None
    where they do not after 16 steps, and where a value vanishes: then what the iteration gives has
    no direction of its own. Source: Musco and Musco 2015, "Randomized block Krylov methods for
    stronger and faster approximate singular value decomposition".

    Args:
        product: What the matrix makes of a block (features, block).
        start: Where to begin; the nearer to the wanted space, the fewer steps.
        count: Pairs that are wanted, at most as many as the block has columns.
    """
    block, _ = np.linalg.qr(start)
    basis, images = block[:, :0], block[:, :0]
    for step in range(1, _MOST_STEPS + 1):
        image = product(block)
        basis, images = np.hstack([basis, block]), np.hstack([images, image])
        if step >= _FIRST_LOOK and (found := _converged(basis, images, count)) is not None:
            return found if _tells(found[0], start.dtype) else None
        if basis.shape[1] + start.shape[1] > len(start) // 2:
            return None
        for _ in range(2):
            image = image - basis @ (basis.T @ image)
        block, triangle = np.linalg.qr(image)
        sizes = np.abs(np.diag(triangle))
        if sizes.min() <= _VANISHING * np.finfo(start.dtype).eps * np.abs(images).max():
            return None
    return None


def _converged(basis: np.ndarray, images: np.ndarray, count: int) -> Pairs | None:
    """The pairs of the matrix projected on the basis, if they are pairs of the matrix itself."""
    projected = (basis.T @ images).astype(np.float64)
    values, turns = np.linalg.eigh((projected + projected.T) / 2)
    values, turns = values[::-1][:count], turns[:, ::-1][:, :count].astype(basis.dtype)
    vectors = basis @ turns
    residual = np.linalg.norm(images @ turns - vectors * values.astype(basis.dtype), axis=0)
    tolerance = max(16 * float(np.finfo(basis.dtype).eps), _TOLERANCE)
    if residual.max() > tolerance * values[0]:
        return None
    return np.maximum(values, 0.0), np.ascontiguousarray(vectors.T)


def _tells(values: np.ndarray, dtype: np.dtype) -> bool:
    return bool(values.min() > 100 * np.finfo(dtype).eps * values.max())
