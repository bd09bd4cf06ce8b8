"""FGSM and PGD: steps along the gradient of the loss, within a ball and the range of pixels."""

from typing import Literal

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional

from cutaway.diagnosis.attacks.pixel_range import PixelRange
from cutaway.diagnosis.attacks.scores import Inputs, Labels, decided, deciding, gradient, scores_of
from cutaway.errors import InputError

Norm = Literal["linf", "l2"]

_STRIDE = 2.5
"""All steps together reach so many times the ball's radius, as in Madry et al."""
_SMALLEST_NORM = 1e-12


def fgsm(
    model: nn.Module,
    inputs: Inputs,
    epsilon: float,
    pixels: PixelRange,
    labels: Labels | None = None,
) -> Inputs:
    """One step of the fast gradient sign method.

    Args:
        model: A classifier; it is used in eval mode and left as it was.
        inputs: What the network takes, after its transform.
        epsilon: Most that a pixel changes, as a share of the pixel range, such as 8/255.
        pixels: The range of real pixels, which is not left.
        labels: Classes to lead away from; by default those that the network names.

    Returns:
        The changed inputs, detached.

    Raises:
        InputError: `epsilon` is negative, or no gradient reaches the input.

    Source: Goodfellow, Shlens and Szegedy, 2015, https://arxiv.org/abs/1412.6572.

    Example:
        >>> model = nn.Sequential(nn.Flatten(), nn.Linear(4, 2))
        >>> images = torch.full((1, 1, 2, 2), 0.5)
        >>> changed = fgsm(model, images, 0.1, PixelRange((0.0,), (1.0,)))
        >>> round(float((changed - images).abs().max()), 4)
        0.1
    """
    _require_epsilon(epsilon)
    with deciding(model):
        start = inputs.detach()
        labels = decided(model, start) if labels is None else labels
        step = epsilon * pixels.width(start) * _slope(model, start, labels).sign()
        return pixels.clip(start + step)


def pgd(
    model: nn.Module,
    inputs: Inputs,
    epsilon: float,
    pixels: PixelRange,
    labels: Labels | None = None,
    *,
    norm: Norm = "linf",
    steps: int = 10,
    seed: int = 0,
) -> Inputs:
    """Projected gradient descent from a random start within the ball.

    Args:
        model: A classifier; it is used in eval mode and left as it was.
        inputs: What the network takes, after its transform.
        epsilon: Radius of the ball: for "linf" a share of the pixel range, such as 8/255; for "l2"
            a length in units of the transformed input.
        pixels: The range of real pixels, which is not left.
        labels: Classes to lead away from; by default those that the network names.
        norm: "linf" or "l2".
        steps: Steps of 2.5/steps times the radius.
        seed: Of the start; the global generator is not touched.

    Returns:
        The changed inputs, detached: the last step's that lies beyond the boundary, or the very
        last where none does.

    Raises:
        InputError: An argument is out of range, or no gradient reaches the input.

    Source: Madry et al., 2018, https://arxiv.org/abs/1706.06083.

    Example:
        >>> model = nn.Sequential(nn.Flatten(), nn.Linear(4, 2))
        >>> images = torch.full((1, 1, 2, 2), 0.5)
        >>> changed = pgd(model, images, 0.3, PixelRange((0.0,), (1.0,)), norm="l2")
        >>> bool((changed - images).norm() <= 0.3 + 1e-6)
        True
    """
    _require_epsilon(epsilon)
    if norm not in {"linf", "l2"} or steps < 1:
        raise InputError(f'norm={norm!r}, steps={steps}; expected "linf" or "l2", and 1 or more')
    with deciding(model):
        start = inputs.detach()
        labels = decided(model, start) if labels is None else labels
        radius = epsilon * (pixels.width(start) if norm == "linf" else start.new_ones(1, 1, 1, 1))
        current = pixels.clip(start + radius * _start(start, norm, seed))
        best, ever = current, torch.zeros_like(labels, dtype=torch.bool)
        for _ in range(steps):
            slope = _slope(model, current, labels)
            moved = current + _STRIDE / steps * radius * _direction(slope, norm)
            current = pixels.clip(start + _within(moved - start, radius, norm))
            beyond = decided(model, current) != labels
            best = torch.where((beyond | ~ever).view(-1, 1, 1, 1), current, best)
            ever |= beyond
        return best


def _slope(model: nn.Module, inputs: Inputs, labels: Labels) -> Inputs:
    """Gradient of each sample's cross-entropy."""
    followed = inputs.detach().requires_grad_()
    loss = functional.cross_entropy(scores_of(model, followed), labels, reduction="sum")
    return gradient(loss, followed)


def _start(inputs: Inputs, norm: Norm, seed: int) -> Float[Tensor, "batch channels height width"]:
    """A random place in the unit ball; drawn on the CPU, so that devices begin alike."""
    generator = torch.Generator().manual_seed(seed)
    if norm == "linf":
        drawn = torch.rand(inputs.shape, generator=generator) * 2 - 1
    else:
        drawn = torch.randn(inputs.shape, generator=generator)
        shares = torch.rand(len(inputs), 1, 1, 1, generator=generator)
        drawn = _direction(drawn, "l2") * shares ** (1 / drawn[0].numel())
    return drawn.to(inputs)


def _direction(gradients: Inputs, norm: Norm) -> Inputs:
    if norm == "linf":
        return gradients.sign()
    return gradients / _norms(gradients).clamp_min(_SMALLEST_NORM)


def _within(change: Inputs, radius: Tensor, norm: Norm) -> Inputs:
    if norm == "linf":
        return torch.minimum(torch.maximum(change, -radius), radius)
    return change * (radius / _norms(change).clamp_min(_SMALLEST_NORM)).clamp_max(1)


def _norms(values: Inputs) -> Float[Tensor, "batch 1 1 1"]:
    return values.flatten(1).norm(dim=1).view(-1, 1, 1, 1)


def _require_epsilon(epsilon: float) -> None:
    if not epsilon >= 0:
        raise InputError(f"epsilon={epsilon}; expected 0 or more, such as 8/255")
