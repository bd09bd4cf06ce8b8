"""UMAP's weighted graph of neighbours, and the forces along and across it."""

from dataclasses import dataclass

import numpy as np
import scipy.sparse
from jaxtyping import Float32, Float64, Int64, UInt32

from cutaway.maps.kernels.fuzzy import fuzzy_memberships
from cutaway.maps.kernels.layout import CELL_BITS, HIGHEST_EXPONENT, LOWEST_EXPONENT
from cutaway.maps.kernels.threads import even_ranges, over_ranges
from cutaway.maps.neighbours import Neighbours


@dataclass(frozen=True)
class FuzzyGraph:
    """A sparse matrix of memberships in (0, 1].

    Attributes:
        row_starts: Where each row starts among the entries.
        columns: Columns of the entries.
        values: Memberships.
    """

    row_starts: Int64[np.ndarray, "n_and_one"]
    columns: UInt32[np.ndarray, "entries"]
    values: Float32[np.ndarray, "entries"]


def memberships(
    squared_distances: Float64[np.ndarray, "n k"], neighbours: int
) -> Float32[np.ndarray, "n k"]:
    """Memberships of each row's neighbours, which add up to log2 of the number of neighbours."""
    result = np.empty(squared_distances.shape, dtype=np.float32)
    ranges = even_ranges(len(squared_distances))
    over_ranges(fuzzy_memberships, ranges, squared_distances, float(np.log2(neighbours)), result)
    return result


def fuzzy_union(neighbours: Neighbours, least: float) -> FuzzyGraph:
    """The symmetric graph w_ij + w_ji − w_ij·w_ji, less edges weaker than `least` of the strongest.

    Source: McInnes et al. 2018, "UMAP", section 3.1.
    """
    n, k = neighbours.indices.shape
    directed = scipy.sparse.csr_array(
        (
            memberships(neighbours.squared_distances, k + 1).ravel(),
            neighbours.indices.ravel().astype(np.int32),
            np.arange(0, n * k + 1, k, dtype=np.int32 if n * k < 2**31 else np.int64),
        ),
        shape=(n, n),
    )
    directed.sort_indices()
    mirrored = directed.T.tocsr()
    union = (directed + mirrored - directed * mirrored).tocsr()
    union.data[union.data < least * union.data.max(initial=0.0)] = 0.0
    union.eliminate_zeros()
    union.sort_indices()
    return FuzzyGraph(
        union.indptr.astype(np.int64),
        union.indices.astype(np.uint32),
        union.data.astype(np.float32),
    )


def curve(min_dist: float, spread: float) -> tuple[float, float]:
    """The a and b of 1 / (1 + a·d^2b) nearest to 1 up to `min_dist` and exp(−d / spread) beyond.

    Source: McInnes et al. 2018, "UMAP", definition 11.
    """
    from scipy.optimize import curve_fit

    d = np.linspace(0, 3 * spread, 300)
    wanted = np.where(d < min_dist, 1.0, np.exp(-(d - min_dist) / spread))
    (a, b), _ = curve_fit(lambda d, a, b: 1 / (1 + a * d ** (2 * b)), d, wanted)
    return float(a), float(b)


def force_tables(
    a: float, b: float, repulsion_strength: float = 1.0
) -> tuple[Float32[np.ndarray, "cells"], Float32[np.ndarray, "cells"]]:
    """Coefficients of pull and push at the squared distances that `tabulated` looks up.

    Source: McInnes et al. 2018, "UMAP", appendix C.
    """
    bits = np.arange((LOWEST_EXPONENT + 127) << 23, (HIGHEST_EXPONENT + 127) << 23, 1 << CELL_BITS)
    squared = np.append(bits, bits[-1] + (1 << CELL_BITS)).astype(np.int32).view(np.float32)
    d2 = squared.astype(np.float64)
    pull = -2 * a * b * d2 ** (b - 1) / (1 + a * d2**b)
    push = 2 * b * repulsion_strength / ((0.001 + d2) * (1 + a * d2**b))
    return pull.astype(np.float32), push.astype(np.float32)
