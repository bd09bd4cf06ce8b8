"""Joint probabilities of neighbours, put together on any torch device."""

import numpy as np
import torch
from torch import Tensor

from cutaway.maps.affinities import Affinities, conditional
from cutaway.maps.neighbours import Neighbours


def tensor_affinities(
    neighbours: Neighbours, perplexity: float, device: torch.device
) -> Affinities:
    """The same as `joint_affinities`; what takes longest, the sorting, is done by the device.

    Source: van der Maaten and Hinton 2008, section 3.1; van der Maaten 2014, section 4.1.
    """
    n, k = neighbours.indices.shape
    given = conditional(neighbours.squared_distances, perplexity)
    values = torch.from_numpy(given).to(device).flatten().repeat(2)
    columns = torch.from_numpy(neighbours.indices.astype(np.int64)).to(device).flatten()
    rows = torch.arange(n, device=device).repeat_interleave(k)
    places, order = torch.cat([rows * n + columns, columns * n + rows]).sort()
    places, values = _merged(places, values[order])
    starts = torch.zeros(n + 1, dtype=torch.int64, device=device)
    torch.cumsum(torch.bincount(places // n, minlength=n), dim=0, out=starts[1:])
    return Affinities(
        starts.cpu().numpy(),
        (places % n).cpu().numpy().astype(np.uint32),
        (values / (2 * n)).cpu().numpy(),
    )


def _merged(places: Tensor, values: Tensor) -> tuple[Tensor, Tensor]:
    """Adds up the values of a place, which holds one or two, next to each other."""
    twice = torch.zeros_like(places, dtype=torch.bool)
    twice[:-1] = places[1:] == places[:-1]
    sums = values + torch.where(twice, values.roll(-1), 0.0)
    first = torch.ones_like(twice)
    first[1:] = ~twice[:-1]
    return places[first], sums[first]
