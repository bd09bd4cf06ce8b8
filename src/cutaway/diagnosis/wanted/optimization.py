"""Climbing a unit's activation, step by step, from noise to the image it answers most to."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float32, Float64
from torch import Tensor, nn

from cutaway.activations import capture, edit
from cutaway.diagnosis.attacks.pixel_range import PixelRange
from cutaway.diagnosis.attacks.scores import deciding
from cutaway.diagnosis.wanted.fourier import FourierImages
from cutaway.errors import InputError
from cutaway.progress import track

STEPS = 128
_RATE = 0.05
_LEAK = 0.1
_SHIFTS = 16
"""Images are shifted by up to a sixteenth of their side at each step."""


@dataclass(frozen=True)
class UnitImages:
    """Images that units answer most to.

    Attributes:
        images: In [0, 1], on the scale of pixels.
        reached: What was maximized, of each unit for its image.
    """

    images: Float32[np.ndarray, "units height width channels"]
    reached: Float64[np.ndarray, " units"]


def unit_images(
    model: nn.Module,
    layer: str,
    units: Sequence[int],
    pixels: PixelRange,
    size: tuple[int, int],
    *,
    steps: int = STEPS,
    seed: int = 0,
) -> UnitImages:
    """An image for each unit that drives its activation up, made of waves, held steady by shifts.

    What is maximized is the activation of a neuron; of a channel the mean over places, values below
    zero counted a tenth. Of a layer behind a ReLU a unit that is silent at the start may stay so:
    choose the layer before.

    Args:
        model: Any network; it is used in eval mode and left as it was.
        layer: The layer's name; its first call counts where it is used again.
        units: Numbers of channels or neurons.
        pixels: The range of real pixels in units of the network's input.
        size: Height and width of the network's input.
        steps: Of Adam.
        seed: Of the first image and of the shifts; the global generator is not touched.

    Raises:
        InputError: The layer is unknown or does not run, a unit is none of its, `steps` is below 1,
            or no gradient reaches the input.

    Source: Olah, Mordvintsev and Schubert, Feature Visualization, 2017,
    https://distill.pub/2017/feature-visualization.

    Example:
        >>> model = nn.Sequential(nn.Conv2d(1, 4, 3))
        >>> found = unit_images(model, "0", [0, 3], PixelRange((0.0,), (1.0,)), (8, 8), steps=2)
        >>> found.images.shape
        (2, 8, 8, 1)
    """
    if steps < 1 or not len(units):
        raise InputError(f"steps={steps}, {len(units)} units; expected 1 or more of each")
    parameters = list(model.parameters())
    device = parameters[0].device if parameters else torch.device("cpu")
    waves = FourierImages(len(units), (len(pixels.low), *size), seed).to(device)
    optimizer = torch.optim.Adam([waves.amplitudes], lr=_RATE)
    reach = max(1, min(size) // _SHIFTS)
    offsets = torch.randint(
        0, 2 * reach + 1, (steps, 2), generator=torch.Generator().manual_seed(seed)
    ).tolist()
    with deciding(model):
        for down, across in track(offsets, f"Seeking what {len(units)} units of {layer} want"):
            shifted = _shift(waves(), reach, down, across)
            total = _activations(model, layer, units, pixels, shifted).sum()
            waves.amplitudes.grad = -_slope(total, waves.amplitudes)
            optimizer.step()
        with torch.no_grad():
            images = waves()
            reached = _activations(model, layer, units, pixels, images)
    shown = images.permute(0, 2, 3, 1).float().cpu().contiguous().numpy()
    return UnitImages(shown, reached.double().cpu().numpy())


def _shift(images: Tensor, reach: int, down: int, across: int) -> Tensor:
    """The images moved by a few pixels; what comes in at the border is their own edge."""
    height, width = images.shape[2:]
    padded = nn.functional.pad(images, (reach,) * 4, mode="replicate")
    return padded[:, :, down : down + height, across : across + width]


def _activations(
    model: nn.Module, layer: str, units: Sequence[int], pixels: PixelRange, images: Tensor
) -> Tensor:
    """What is maximized: each unit's activation for its own image."""
    kept: list[Tensor] = []

    def keep(activation: Tensor) -> Tensor:
        kept.append(activation)
        return activation

    inputs = pixels.scaled(images)
    with edit(model, {layer: keep}), capture(model, [layer], stop=layer):
        model(inputs)
    if not kept:
        raise InputError(f"layer={layer!r} did not run; choose another layer")
    found = kept[0]
    if found.ndim not in {2, 4} or len(found) != len(images):
        raise InputError(
            f"layer={layer!r} returns {tuple(found.shape)}; expected (batch, units) or "
            "(batch, channels, height, width)"
        )
    if not all(0 <= unit < found.shape[1] for unit in units):
        raise InputError(
            f"units={list(units)} are not all in layer {layer!r}; expected numbers from 0 to "
            f"{found.shape[1] - 1}"
        )
    own = found[torch.arange(len(images)), torch.tensor(list(units), device=found.device)]
    if own.ndim == 1:
        return own
    # The plain mean of a linear filter knows of its sum alone: what is below zero counts little.
    return nn.functional.leaky_relu(own, _LEAK).flatten(1).mean(dim=1)


def _slope(total: Tensor, amplitudes: Tensor) -> Tensor:
    try:
        (found,) = torch.autograd.grad(total, amplitudes)
    except RuntimeError as error:
        raise InputError(
            f"no gradient of the layer's output reaches the image ({error}); expected a network "
            "whose forward pass keeps them: no torch.no_grad(), .detach() or .item() within"
        ) from error
    return found
