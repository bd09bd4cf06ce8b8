"""Where the points of a map start."""

from typing import Any

import numpy as np
from jaxtyping import Float, Float32
from sklearn.utils import check_random_state

from cutaway.errors import InputError

_JITTER = 1e-2


def initial_map(
    X: Float[np.ndarray, "n features"], init: Any, components: int, random_state: Any, spread: float
) -> Float32[np.ndarray, "n 2"]:
    """Coordinates to start from; a map of one component has zeros as its second.

    The first two principal components, whose largest standard deviation is made `spread`, with
    noise of a hundredth of that, so that equal samples and flat data do not stay on one spot or
    line: Kobak and Berens 2019, "The art of using t-SNE for single-cell transcriptomics".

    Args:
        X: Rows.
        init: "pca", "random" (normal, of standard deviation `spread`), or coordinates, as they are.
        components: Components of the map.
        random_state: Seed.
        spread: Standard deviation to start with, in units of the map.

    Raises:
        InputError: `init` is none of these, or does not fit X.
    """
    n = len(X)
    noise = check_random_state(random_state).standard_normal((n, 2))
    Y = np.zeros((n, 2))
    if not isinstance(init, str):
        Y[:, :components] = _given(init, n, components)
        return Y.astype(np.float32)
    if init not in {"pca", "random"}:
        raise InputError(f"init={init!r}; expected 'pca', 'random' or an array of coordinates")
    Y = noise * spread if init == "random" else _principal(X, spread) + noise * spread * _JITTER
    Y[:, components:] = 0
    return Y.astype(np.float32)


def _principal(X: Float[np.ndarray, "n features"], spread: float) -> Float[np.ndarray, "n 2"]:
    """Scores on two principal components; one BLAS thread, whose sums no thread count changes."""
    from threadpoolctl import threadpool_limits

    from cutaway.maps.pca import PCA

    Y = np.zeros((len(X), 2))
    found = min(2, *X.shape)
    if len(X) < 2:
        return Y
    with threadpool_limits(1, "blas"):
        Y[:, :found] = PCA(found, random_state=0).fit(X).embedding_
    widest = float(Y.std(axis=0).max())
    return Y / widest * spread if widest > 0 else Y


def _given(init: Any, n: int, components: int) -> Float[np.ndarray, "n components"]:
    given = np.asarray(init, dtype=np.float64)
    if given.shape != (n, components) or not np.isfinite(given).all():
        raise InputError(
            f"init is an array of shape {given.shape}; expected finite coordinates of shape "
            f"({n}, {components})"
        )
    return given
