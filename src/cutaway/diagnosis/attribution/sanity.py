"""Whether attributions change when the network's weights are made random."""

import copy
from collections.abc import Sequence

import numpy as np
import torch
from jaxtyping import Float32, Int64
from scipy.stats import spearmanr
from torch import Tensor, nn

from cutaway.diagnosis.attribution.methods import Maps, attribute
from cutaway.errors import InputError

Inputs = Float32[Tensor, "batch channels height width"]


def randomized(model: nn.Module, seed: int = 0) -> nn.Module:
    """A copy of a network with the entries of every parameter shuffled: same values, no knowledge.

    Args:
        model: Any network that can be copied; it is left as it was.
        seed: Of the shuffle; the global generator is not touched.

    Raises:
        InputError: The network cannot be copied.

    Example:
        >>> model = nn.Linear(50, 1)
        >>> shuffled = randomized(model)
        >>> bool(torch.equal(model.weight.sort().values, shuffled.weight.sort().values))
        True
    """
    try:
        other = copy.deepcopy(model)
    except Exception as error:
        raise InputError(
            f"{type(model).__name__} cannot be copied to be randomized ({error}); expected a "
            "network that copy.deepcopy takes"
        ) from error
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for parameter in other.parameters():
            order = torch.randperm(parameter.numel(), generator=generator)
            mixed = parameter.detach().cpu().flatten()[order].view(parameter.shape)
            parameter.copy_(mixed.to(parameter))
    return other


def rank_agreement(maps: Maps, others: Maps) -> float:
    """Mean over samples of the rank correlation of two attributions' sizes, in [-1, 1].

    Signs are dropped, since what is looked at is where something is. An attribution that is the
    same everywhere agrees with nothing: it counts as 0.

    Example:
        >>> ramp = torch.arange(9.0).view(1, 3, 3)
        >>> rank_agreement(ramp, 2 * ramp)
        1.0
    """
    found = [
        _rank_correlation(first, second)
        for first, second in zip(_sizes(maps), _sizes(others), strict=True)
    ]
    return float(np.mean(found))


def sanity(
    model: nn.Module,
    inputs: Inputs,
    targets: Int64[Tensor, " batch"],
    maps: dict[str, Maps],
    layer: str | None = None,
    *,
    seeds: Sequence[int] = (0, 1, 2),
) -> dict[str, float]:
    """How far attributions agree with those of the network with randomized weights.

    An attribution that explains the network changes with it, so that the agreement is near 0; one
    near 1 shows the image, whatever the network.

    Args:
        model: The classifier that `maps` are of.
        inputs: The samples they are of.
        targets: The classes they are of.
        maps: From method to attributions of the trained network.
        layer: That of Grad-CAM.
        seeds: Of as many randomized networks, over which is averaged.

    Raises:
        InputError: The network cannot be copied.

    Source: Adebayo et al., Sanity Checks for Saliency Maps, 2018,
    https://arxiv.org/abs/1810.03292.
    """
    found: dict[str, list[float]] = {method: [] for method in maps}
    for seed in seeds:
        other = randomized(model, seed)
        for method, of_model in maps.items():
            of_other = attribute(other, inputs, targets, method, layer)
            found[method].append(rank_agreement(of_model, of_other))
    return {method: float(np.mean(agreements)) for method, agreements in found.items()}


def _sizes(maps: Maps) -> list[np.ndarray]:
    return list(maps.abs().flatten(1).double().numpy())


def _rank_correlation(first: np.ndarray, second: np.ndarray) -> float:
    if not (np.isfinite(first).all() and np.isfinite(second).all()):
        return 0.0
    if np.ptp(first) == 0 or np.ptp(second) == 0:
        return 0.0
    return float(spearmanr(first, second).statistic)
