"""How large a change must be allowed before an attack succeeds, rung by rung."""

from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float32, Float64
from torch import Tensor, nn

from cutaway.diagnosis.attacks.pixel_range import PixelRange
from cutaway.diagnosis.attacks.scores import Inputs, Labels, decided, deciding
from cutaway.diagnosis.attacks.sign import fgsm, pgd
from cutaway.errors import InputError

EPSILONS = tuple(rung / 255 for rung in (0.5, 1, 2, 4, 8, 16, 32, 64))
"""Rungs of the ladder, as shares of the pixel range: half a level of a byte, one, two, ..."""

LADDERS = ("fgsm", "pgd-linf", "pgd-l2")
"""Attacks that climb it. For "pgd-l2" a rung stands for the L2 ball that holds the L∞ ball."""


@dataclass(frozen=True)
class Climb:
    """What an attack reached.

    Attributes:
        epsilons: The smallest rung at which each sample's prediction turned over; NaN where none
            did.
        inputs: Each sample as it was changed there, or at the last rung.
    """

    epsilons: Float64[np.ndarray, " batch"]
    inputs: Float32[Tensor, "batch channels height width"]


def climb(
    model: nn.Module,
    inputs: Inputs,
    pixels: PixelRange,
    attack: str,
    epsilons: tuple[float, ...] = EPSILONS,
    *,
    seed: int = 0,
) -> Climb:
    """Attacks with larger and larger changes; what has turned over climbs no further.

    Args:
        model: A classifier; it is used in eval mode and left as it was.
        inputs: What the network takes, after its transform.
        pixels: The range of real pixels, which is not left.
        attack: One of `LADDERS`.
        epsilons: Rungs from small to large, as shares of the pixel range.
        seed: Of the attack's random start.

    Raises:
        InputError: There is no such attack, or no gradient reaches the input.

    Example:
        >>> model = nn.Sequential(nn.Flatten(), nn.Linear(4, 2))
        >>> climb(model, torch.zeros(3, 1, 2, 2), PixelRange((0.0,), (1.0,)), "fgsm").epsilons.shape
        (3,)
    """
    if attack not in LADDERS:
        raise InputError(f"attack={attack!r} is not known; expected one of {LADDERS}")
    reached = np.full(len(inputs), np.nan)
    with deciding(model):
        labels = decided(model, inputs)
        changed = inputs.detach().clone()
        due = torch.arange(len(inputs), device=inputs.device)
        for epsilon in epsilons:
            if not len(due):
                break
            options = _Rung(epsilon, pixels, labels[due], seed)
            changed[due] = _RUNS[attack](model, inputs[due], options)
            over = decided(model, changed[due]) != labels[due]
            reached[due[over].cpu().numpy()] = epsilon
            due = due[~over]
    return Climb(reached, changed.float())


@dataclass(frozen=True)
class _Rung:
    epsilon: float
    pixels: PixelRange
    labels: Labels
    seed: int


def _fgsm(model: nn.Module, inputs: Inputs, rung: _Rung) -> Inputs:
    return fgsm(model, inputs, rung.epsilon, rung.pixels, rung.labels)


def _pgd_linf(model: nn.Module, inputs: Inputs, rung: _Rung) -> Inputs:
    return pgd(model, inputs, rung.epsilon, rung.pixels, rung.labels, seed=rung.seed)


def _pgd_l2(model: nn.Module, inputs: Inputs, rung: _Rung) -> Inputs:
    radius = rung.pixels.l2(rung.epsilon, inputs.shape[1:])
    return pgd(model, inputs, radius, rung.pixels, rung.labels, norm="l2", seed=rung.seed)


_RUNS = dict(zip(LADDERS, (_fgsm, _pgd_linf, _pgd_l2), strict=True))
