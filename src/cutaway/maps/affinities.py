"""The joint probabilities of neighbours that t-SNE's map is to reproduce."""

from dataclasses import dataclass

import numpy as np
import scipy.sparse
from jaxtyping import Float32, Float64, Int64, UInt32

from cutaway.maps.kernels.affinities import conditional_affinities
from cutaway.maps.kernels.attraction import cross_entropy
from cutaway.maps.kernels.threads import balanced_ranges, even_ranges, over_ranges
from cutaway.maps.neighbours import Neighbours


@dataclass(frozen=True)
class Affinities:
    """A symmetric sparse matrix of probabilities p_ij that add up to one.

    Attributes:
        row_starts: Where each row starts among the entries.
        columns: Columns of the entries, ascending in a row.
        values: The probabilities.
    """

    row_starts: Int64[np.ndarray, "n_and_one"]
    columns: UInt32[np.ndarray, "entries"]
    values: Float32[np.ndarray, "entries"]


def conditional(
    squared_distances: Float64[np.ndarray, "n k"], perplexity: float
) -> Float32[np.ndarray, "n k"]:
    """p_j|i of each row's neighbours at a perplexity, rows adding up to one."""
    n, _ = squared_distances.shape
    affinities = np.empty(squared_distances.shape, dtype=np.float32)
    over_ranges(
        conditional_affinities,
        even_ranges(n),
        squared_distances,
        float(np.log(perplexity)),
        affinities,
        np.empty(n),
    )
    return affinities


def joint_affinities(neighbours: Neighbours, perplexity: float) -> Affinities:
    """p_ij = (p_j|i + p_i|j) / 2n over the neighbours found.

    Source: van der Maaten and Hinton 2008, section 3.1; van der Maaten 2014, section 4.1.
    """
    n, k = neighbours.indices.shape
    directed = scipy.sparse.csr_array(
        (
            conditional(neighbours.squared_distances, perplexity).ravel(),
            neighbours.indices.ravel().astype(np.int32),
            np.arange(0, n * k + 1, k, dtype=np.int32 if n * k < 2**31 else np.int64),
        ),
        shape=(n, n),
    )
    directed.sort_indices()
    joint = (directed + directed.T.tocsr()).tocsr()
    joint.sort_indices()
    return Affinities(
        joint.indptr.astype(np.int64),
        joint.indices.astype(np.uint32),
        (joint.data / np.float32(2 * n)).astype(np.float32),
    )


def kl_divergence(
    affinities: Affinities, Y: Float32[np.ndarray, "2 n"], normalization: float
) -> float:
    """Σ_ij p_ij log(p_ij / q_ij) of a map whose similarities add up to `normalization`."""
    terms = np.empty(Y.shape[1])
    entries = (affinities.row_starts, affinities.columns, affinities.values)
    over_ranges(cross_entropy, balanced_ranges(affinities.row_starts), *entries, Y, terms)
    return float(terms.sum() + np.log(max(normalization, 1e-300)))
