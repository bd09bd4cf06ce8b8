"""DeepFool: how far the nearest decision boundary that can be found lies."""

from dataclasses import dataclass

import torch
from jaxtyping import Bool, Float, Int64
from torch import Tensor, nn

from cutaway.diagnosis.attacks.pixel_range import PixelRange
from cutaway.diagnosis.attacks.scores import Inputs, Labels, decided, deciding, gradient, scores_of
from cutaway.errors import InputError

_OVERSHOOT = 0.02
"""A step goes this share beyond where the linear boundary is, as in the paper."""
_LEAST_LEAD = 1e-4
"""Added to the lead that a step takes away, so that a sample on the boundary moves on."""
_HALVINGS = 12


@dataclass(frozen=True)
class Turned:
    """Where predictions turn over.

    Attributes:
        inputs: Just beyond the boundary that was found; the sample itself where none was.
        distances: L2 from the sample to there, in units of the transformed input; NaN where no
            boundary was found.
    """

    inputs: Inputs
    distances: Float[Tensor, " batch"]


def deepfool(
    model: nn.Module,
    inputs: Inputs,
    pixels: PixelRange,
    *,
    steps: int = 50,
    classes: int = 10,
) -> Turned:
    """Walks to the nearest decision boundary, step by step to where a linear network would have it.

    The walk ends beyond the boundary; on the straight line back to the sample the boundary is then
    found by halving, so that the distance is that of a place where the prediction has just turned.
    It is an upper bound of the distance to the nearest boundary there is, and exact for a linear
    network where the range of pixels is not met.

    Args:
        model: A classifier; it is used in eval mode and left as it was.
        inputs: What the network takes, after its transform.
        pixels: The range of real pixels, which is not left.
        steps: At most so many.
        classes: How many of the likeliest classes are considered.

    Raises:
        InputError: `steps` is below 1 or `classes` below 2, or no gradient reaches the input.

    Source: Moosavi-Dezfooli, Fawzi and Frossard, 2016, https://arxiv.org/abs/1511.04599.

    Example:
        >>> model = nn.Sequential(nn.Flatten(), nn.Linear(1, 2))
        >>> _ = model[1].weight.data.copy_(torch.tensor([[1.0], [-1.0]]))
        >>> _ = model[1].bias.data.zero_()
        >>> found = deepfool(model, torch.full((1, 1, 1, 1), 0.5), PixelRange((-1.0,), (1.0,)))
        >>> round(float(found.distances[0]), 3)
        0.5
    """
    if steps < 1 or classes < 2:
        raise InputError(f"steps={steps}, classes={classes}; expected 1 or more, and 2 or more")
    with deciding(model):
        start = inputs.detach()
        first = scores_of(model, start).detach()
        ranked = first.topk(min(classes, first.shape[1]), dim=1).indices
        beyond, found = _walk(model, start, ranked, pixels, steps)
        ends = _halved(model, start, beyond, ranked[:, 0])
        distances = (ends - start).flatten(1).norm(dim=1)
        return Turned(
            torch.where(found.view(-1, 1, 1, 1), ends, start),
            torch.where(found, distances, torch.nan),
        )


def _walk(
    model: nn.Module,
    start: Inputs,
    ranked: Int64[Tensor, "batch considered"],
    pixels: PixelRange,
    steps: int,
) -> tuple[Inputs, Bool[Tensor, " batch"]]:
    """A place beyond a boundary for each sample, and whether one was found."""
    change, current = torch.zeros_like(start), start.clone()
    due = torch.arange(len(start), device=start.device)
    for _ in range(steps):
        step, still = _step(model, current[due], ranked[due])
        due, step = due[still], step[still]
        if not len(due):
            break
        change[due] += step
        current[due] = pixels.clip(start[due] + (1 + _OVERSHOOT) * change[due])
    return current, decided(model, current) != ranked[:, 0]


def _step(
    model: nn.Module, current: Inputs, ranked: Int64[Tensor, "batch considered"]
) -> tuple[Inputs, Bool[Tensor, " batch"]]:
    """The way to the nearest boundary of a linear network, and which samples are not over yet."""
    followed = current.detach().requires_grad_()
    scores = scores_of(model, followed)
    still = scores.argmax(dim=1) == ranked[:, 0]
    leads = scores.gather(1, ranked[:, :1]) - scores.gather(1, ranked[:, 1:])
    nearest = torch.full((len(current),), torch.inf, dtype=leads.dtype, device=leads.device)
    step = torch.zeros_like(current)
    for other in range(leads.shape[1]):
        last = other == leads.shape[1] - 1
        normal = gradient(-leads[:, other].sum(), followed, again=not last)
        squared = normal.flatten(1).square().sum(dim=1)
        lead = leads[:, other].detach().abs() + _LEAST_LEAD
        distance = lead / squared.sqrt()
        closer = (squared > 0) & (distance < nearest)
        nearest = torch.where(closer, distance, nearest)
        way = (lead / squared).view(-1, 1, 1, 1) * normal
        step = torch.where(closer.view(-1, 1, 1, 1), way, step)
    return step, still


def _halved(model: nn.Module, start: Inputs, beyond: Inputs, labels: Labels) -> Inputs:
    """The place nearest to the start, on the way to what lies beyond, that is beyond already."""
    near = start.new_zeros(len(start), 1, 1, 1)
    far = torch.ones_like(near)
    for _ in range(_HALVINGS):
        middle = (near + far) / 2
        over = decided(model, torch.lerp(start, beyond, middle)) != labels
        turned = over.view(-1, 1, 1, 1)
        near, far = torch.where(turned, near, middle), torch.where(turned, middle, far)
    return torch.lerp(start, beyond, far)
