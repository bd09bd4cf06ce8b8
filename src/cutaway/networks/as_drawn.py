"""Single layers whose weights no training changed, told by how torch draws them."""

import numpy as np
import torch
from jaxtyping import Float32
from torch import Tensor, nn
from torch.nn.modules.conv import _ConvNd

_FEWEST, _TESTED = 500, 20_000
# The largest of n even draws lies within 12/n of the bound, but for one in 160,000.
_NEAR_BOUND = 12.0
# The Kolmogorov-Smirnov distance of n even draws exceeds 1.95 / sqrt(n) once in a thousand times.
_UNEVEN = 1.95


def layers_as_drawn(model: nn.Module) -> tuple[str, ...]:
    """Names of the Conv and Linear layers whose weights are still as torch drew them.

    A layer counts where its weights are spread evenly between the bounds of torch's own
    initialisation: the largest lies right below the bound and none beyond, the bias keeps to it
    too, and a Kolmogorov-Smirnov test finds nothing uneven. A few steps of training carry some
    weight over the bound. Layers of fewer than 500 weights are left out, where that says little,
    and layers that were drawn in another way, which nobody can tell from trained ones.

    Source: He et al. 2015, as `torch.nn.init.kaiming_uniform_(a=sqrt(5))` applies it by default.

    Example:
        >>> layers_as_drawn(nn.Sequential(nn.Linear(100, 10), nn.ReLU()))
        ('0',)
    """
    return tuple(
        name
        for name, module in model.named_modules()
        if isinstance(module, nn.Linear | _ConvNd) and _evenly_drawn(module.weight, module.bias)
    )


def _evenly_drawn(weight: Tensor, bias: Tensor | None) -> bool:
    count = weight.numel()
    if weight.is_meta or not weight.is_floating_point() or count < _FEWEST:
        return False
    bound = float(weight[0].numel()) ** -0.5
    most = bound * (1 + max(torch.finfo(weight.dtype).eps, 1e-6))
    largest = float(weight.detach().abs().max())
    within = bound * (1 - _NEAR_BOUND / count) <= largest <= most
    if not within or (bias is not None and float(bias.detach().abs().max()) > most):
        return False
    tested = weight.detach().flatten()[:: -(-count // _TESTED)].float().cpu().numpy()
    return _unevenness(tested / np.float32(bound)) <= _UNEVEN * len(tested) ** -0.5


def _unevenness(values: Float32[np.ndarray, " values"]) -> float:
    """The Kolmogorov-Smirnov distance of values from an even spread over [-1, 1]."""
    below = (np.sort(values).astype(np.float64) + 1) / 2
    ranks = np.arange(len(values) + 1) / len(values)
    return float(max((ranks[1:] - below).max(), (below - ranks[:-1]).max()))
