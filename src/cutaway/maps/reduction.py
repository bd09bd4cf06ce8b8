"""Rows that do not fit into memory along a few principal components: two passes over them."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float32

from cutaway.errors import InputError
from cutaway.maps.pca import PCA

REDUCED = 50
"""t-SNE and UMAP see at most this many principal components, as is usual: it removes noise."""


@dataclass(frozen=True)
class Reduction:
    """Rows along their principal components.

    Attributes:
        pca: The components, found in the first pass.
        rows: Float32 (n, components), taken in the second.
    """

    pca: PCA
    rows: Float32[np.ndarray, "n components"]

    def __len__(self) -> int:
        """Number of rows."""
        return len(self.rows)

    def first(self, count: int) -> "Reduction":
        """The same along the first so many components alone."""
        fitted = self.pca
        pca = PCA.from_arrays(
            {
                "components": fitted.components_[:count],
                "mean": fitted.mean_,
                "explained_variance": fitted.explained_variance_[:count],
                "explained_variance_ratio": fitted.explained_variance_ratio_[:count],
            }
        )
        return Reduction(pca, np.ascontiguousarray(self.rows[:, :count]))


def reduce_stream(
    batches: Callable[[], Iterable[Float32[np.ndarray, "_ d"]]],
    *,
    components: int = REDUCED,
    seed: int = 0,
) -> Reduction:
    """Finds the principal components of rows in one pass, and takes the rows along them in another.

    Memory holds one batch, the scatter matrix (d, d) and what is returned.

    Args:
        batches: Begins a pass: matrices (k, d), equal in each pass.
        components: How many to find; fewer where there are fewer features.
        seed: Of the iteration that finds few components of many features.

    Raises:
        InputError: There is no row, or the second pass gives another number of them than the first.

    Example:
        >>> rows = np.random.default_rng(0).normal(size=(100, 8)).astype(np.float32)
        >>> reduce_stream(lambda: [rows[:64], rows[64:]], components=2).rows.shape
        (100, 2)
    """
    first = iter(batches())
    head = next(first, None)
    if head is None:
        raise InputError("batches holds none; expected matrices (samples, features)")
    pca = PCA(min(components, head.shape[1]), random_state=seed)

    def whole() -> Iterable[np.ndarray]:
        yield head
        yield from first

    pca.fit_stream(whole())
    rows = np.concatenate([pca.transform(batch) for batch in batches()] or [np.empty((0, 1))])
    if len(rows) != pca.moments_.count:
        raise InputError(
            f"the first pass over the set gave {pca.moments_.count:,} rows and the second "
            f"{len(rows):,}; expected a set that does not change while it is read"
        )
    return Reduction(pca, rows.astype(np.float32, copy=False))
