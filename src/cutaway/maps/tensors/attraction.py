"""The attractive half of the t-SNE gradient on any torch device."""

import numpy as np
import torch
from jaxtyping import Float32
from torch import Tensor

from cutaway.maps.affinities import Affinities


class TensorAttraction:
    """The pull that affinities give to the points of a map.

    Each point's pulls are added up in one order, so the same device gives the same bytes again.

    Args:
        affinities: What the map is to reproduce; moved to the device once.
        device: Where the points are.
    """

    def __init__(self, affinities: Affinities, device: torch.device) -> None:
        counts = np.diff(affinities.row_starts)
        rows = np.repeat(np.arange(len(counts), dtype=np.int32), counts)
        self._starts = torch.from_numpy(affinities.row_starts).to(device)
        self._rows = torch.from_numpy(rows).to(device)
        self._columns = torch.from_numpy(affinities.columns.view(np.int32)).to(device)
        self._values = torch.from_numpy(affinities.values).to(device)

    def force(self, Y: Float32[Tensor, "2 n"]) -> Float32[Tensor, "2 n"]:
        """Σ_j p_ij (y_i − y_j) / (1 + |y_i − y_j|²).

        Source: van der Maaten and Hinton 2008, equation 5, split as in van der Maaten 2014.
        """
        across, down = (
            axis.index_select(0, self._rows) - axis.index_select(0, self._columns) for axis in Y
        )
        pull = self._values / (1 + across * across + down * down)
        return torch.stack([self._row_sums(pull * across), self._row_sums(pull * down)])

    def _row_sums(self, entries: Float32[Tensor, "entries"]) -> Float32[Tensor, "n"]:
        return torch.segment_reduce(entries, "sum", offsets=self._starts, unsafe=True)
