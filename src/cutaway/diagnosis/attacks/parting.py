"""Layer by layer: how far the activations of a changed image lie from those of the image."""

from collections.abc import Sequence

import numpy as np
import torch
from jaxtyping import Float, Float64
from torch import Tensor, nn

from cutaway.activations import capture
from cutaway.diagnosis.attacks.scores import Inputs, deciding


def relative_distances(
    model: nn.Module, inputs: Inputs, changed: Inputs, layers: Sequence[str]
) -> dict[str, Float64[np.ndarray, " batch"]]:
    """‖a(changed) − a(input)‖ / ‖a(input)‖ of each sample, at every layer that ran.

    Args:
        model: Any network; it is used in eval mode and left as it was.
        inputs: What the network takes.
        changed: The same samples, changed.
        layers: Names of layers, as `capture` takes them.

    Returns:
        From address to L2 distances over L2 norms, in order of execution. Where a sample's
        activation is all zero its distance is 0 if the changed one's is too, else infinite.

    Example:
        >>> model = nn.Sequential(nn.Flatten(), nn.Linear(4, 2, bias=False))
        >>> ones = torch.ones(1, 1, 2, 2)
        >>> {layer: d.round(3).tolist()
        ...  for layer, d in relative_distances(model, ones, 1.5 * ones, ["1"]).items()}
        {'1': [0.5]}
    """
    with deciding(model), torch.no_grad(), capture(model, list(layers)) as acts:
        model(inputs)
        clean = dict(acts)
        model(changed)
        others = dict(acts)
    return {
        address: _apart(value, others[address])
        for address, value in clean.items()
        if address in others and len(value) == len(inputs) and value.is_floating_point()
    }


def random_change(
    inputs: Inputs, changed: Inputs, *, seed: int = 0
) -> Float[Tensor, "batch channels height width"]:
    """Each sample changed by noise of the same L2 norm as the given change: what chance would do.

    Example:
        >>> noisy = random_change(torch.zeros(1, 1, 2, 2), torch.ones(1, 1, 2, 2))
        >>> round(float(noisy.norm()), 4)
        2.0
    """
    generator = torch.Generator().manual_seed(seed)
    noise = torch.randn(inputs.shape, generator=generator).to(inputs)
    sizes = [each.flatten(1).norm(dim=1).view(-1, 1, 1, 1) for each in (changed - inputs, noise)]
    return inputs + noise * sizes[0] / sizes[1]


def _apart(clean: Tensor, changed: Tensor) -> Float64[np.ndarray, " batch"]:
    first, second = (
        each.double().reshape(len(each), -1).cpu().numpy() for each in (clean, changed)
    )
    distance = np.linalg.norm(second - first, axis=1)
    norm = np.linalg.norm(first, axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(distance == 0, 0.0, distance / norm)
