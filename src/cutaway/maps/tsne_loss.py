"""t-SNE's loss on minibatches: attraction over drawn neighbours, repulsion over a batch."""

import numpy as np
import torch
from jaxtyping import Float, Int64
from torch import Tensor

from cutaway.maps.affinities import Affinities


class NeighbourPairs:
    """Draws for each sample i a neighbour j with probability p_ij / p_i, p_i = Σ_j p_ij.

    Attributes:
        masses: n p_i of each sample, whose mean is 1.
    """

    def __init__(self, affinities: Affinities, seed: int) -> None:
        cumulative = np.concatenate([[0.0], np.cumsum(affinities.values, dtype=np.float64)])
        bounds = cumulative[affinities.row_starts]
        self._cumulative = torch.from_numpy(cumulative)
        self._bounds = torch.from_numpy(bounds)
        self._columns = torch.from_numpy(affinities.columns.astype(np.int64))
        self._starts = torch.from_numpy(affinities.row_starts)
        self._generator = torch.Generator().manual_seed(seed)
        masses = np.diff(bounds) * (len(bounds) - 1) / bounds[-1]
        self.masses = torch.from_numpy(masses.astype(np.float32))

    def draw(self, samples: Int64[Tensor, " batch"]) -> Int64[Tensor, " batch"]:
        """A neighbour of each sample."""
        low, high = self._bounds[samples], self._bounds[samples + 1]
        share = torch.rand(len(samples), generator=self._generator, dtype=torch.float64)
        entry = torch.searchsorted(self._cumulative, low + share * (high - low), right=True) - 1
        last = self._starts[samples + 1] - 1
        return self._columns[torch.minimum(torch.maximum(entry, self._starts[samples]), last)]


def divergence(
    heads: Float[Tensor, "batch axes"],
    tails: Float[Tensor, "batch axes"],
    masses: Float[Tensor, " batch"],
) -> Float[Tensor, ""]:
    """KL(P‖Q) of the map but for a constant: Σ p_ij log(1 + d_ij²) + log Σ w_kl.

    The first sum is estimated without bias from one drawn neighbour (`tails`) of each sample
    (`heads`), the second, of w_kl = 1 / (1 + d_kl²), from all pairs of heads, as a mean.
    Source: van der Maaten and Hinton 2008; for encoders, van der Maaten 2009, "Learning a
    parametric embedding by preserving local structure".
    """
    attraction = (masses * torch.log1p((heads - tails).square().sum(dim=1))).mean()
    similarities = 1 / (1 + (heads[:, None] - heads[None]).square().sum(dim=2))
    pairs = len(heads) * (len(heads) - 1)
    return attraction + torch.log((similarities.sum() - len(heads)) / pairs)
