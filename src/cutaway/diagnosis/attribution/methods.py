"""Grad-CAM, integrated gradients and occlusion, by captum."""

from collections.abc import Callable
from typing import Any

import torch
from jaxtyping import Float32, Int64
from torch import Tensor, nn
from torch.nn import functional

from cutaway.activations import capture, named_layers
from cutaway.diagnosis.attacks.scores import deciding, scores_of
from cutaway.errors import InputError, MissingDependencyError

METHODS = ("grad-cam", "integrated-gradients", "occlusion")
"""What `attribute` can do."""

_BATCH = 8
_STEPS = 32
_AT_ONCE = 64
_WINDOWS = 4
"""An occluding window is this part of the image's side, and moves by half its own."""

Inputs = Float32[Tensor, "batch channels height width"]
Maps = Float32[Tensor, "batch height width"]


def attribute(
    model: nn.Module,
    inputs: Inputs,
    targets: Int64[Tensor, " batch"],
    method: str,
    layer: str | None = None,
) -> Maps:
    """How much each pixel speaks for a class: above 0 for it, below 0 against it.

    Args:
        model: A classifier; it is used in eval mode and left as it was.
        inputs: What the network takes.
        targets: The class of each sample to explain, such as the predicted one.
        method: "grad-cam" (only what speaks for the class, at the layer's resolution, enlarged),
            "integrated-gradients" (summed over channels; from an input of zeros, which after the
            usual normalization is the mean colour) or "occlusion" (the score that is lost where a
            quarter of the side is set to zero).
        layer: For Grad-CAM; by default that of `spatial_layer`.

    Returns:
        On the CPU, in units of the final activation (Grad-CAM: of the layer's activations times its
        gradients).

    Raises:
        InputError: The method is not supported, the layer is unknown or has no places, or no
            gradient reaches the input.
        MissingDependencyError: captum is not installed.

    Source: Selvaraju et al., 2017, https://arxiv.org/abs/1610.02391; Sundararajan, Taly and Yan,
    2017, https://arxiv.org/abs/1703.01365; Zeiler and Fergus, 2014,
    https://arxiv.org/abs/1311.2901.
    """
    if method not in METHODS:
        raise InputError(f"method={method!r} is not supported; expected one of {METHODS}")
    captum = _captum()
    layer = (layer or spatial_layer(model, inputs[:1])) if method == METHODS[0] else None
    run = _RUNS[method]
    parts = []
    with deciding(model):
        for start in range(0, len(inputs), _BATCH):
            stop = start + _BATCH
            try:
                found = run(captum, model, inputs[start:stop], targets[start:stop], layer)
            except RuntimeError as error:
                raise InputError(
                    f"{method} cannot be computed for {type(model).__name__} ({error}); expected a "
                    "network that lets gradients pass to its input"
                ) from error
            parts.append(found.detach().float().cpu())
    return torch.cat(parts)


def spatial_layer(model: nn.Module, inputs: Inputs) -> str:
    """The layer for Grad-CAM: the last convolution that ran, or else the last layer with places.

    A layer has places where it returns (batch, channels, height, width) of more than one position.

    Raises:
        InputError: No layer has places.

    Example:
        >>> model = nn.Sequential(nn.Conv2d(1, 2, 3), nn.ReLU(), nn.Flatten(), nn.Linear(8, 2))
        >>> spatial_layer(model, torch.zeros(1, 1, 4, 4))
        '0'
    """
    with deciding(model), torch.no_grad(), capture(model, None) as activations:
        model(inputs)
        shapes = {address: value.shape for address, value in activations.items()}
    known = named_layers(model)
    placed = [
        name
        for name, shape in shapes.items()
        if name in known and len(shape) == 4 and shape[2] * shape[3] > 1
    ]
    if not placed:
        raise InputError(
            f"Grad-CAM needs a layer that keeps places, and {type(model).__name__} has none: no "
            "layer returns (batch, channels, height, width). Use integrated-gradients or occlusion"
        )
    convolutions = [name for name in placed if isinstance(known[name], nn.Conv2d)]
    return (convolutions or placed)[-1]


def _captum() -> Any:
    try:
        import captum.attr
    except ImportError as error:
        raise MissingDependencyError(
            "attributions need captum, which is not installed; install it: pip install "
            "'cutaway[attribution]'"
        ) from error
    return captum.attr


def _grad_cam(
    captum: Any, model: nn.Module, inputs: Inputs, targets: Tensor, layer: str | None
) -> Tensor:
    known = named_layers(model)
    if layer not in known:
        raise InputError(f"layer={layer!r} is not in the network; its layers are {list(known)}")
    method = captum.LayerGradCam(_scores(model), known[layer])
    try:
        found = method.attribute(inputs, target=targets, relu_attributions=True)
    except AssertionError as error:
        raise InputError(
            f"Grad-CAM at layer={layer!r}, which does not run for some of the images ({error}); "
            "expected one that runs for all"
        ) from error
    if not isinstance(found, Tensor) or found.ndim != 4:
        raise InputError(f"layer={layer!r} does not return (batch, channels, height, width)")
    enlarged = functional.interpolate(found, inputs.shape[2:], mode="bilinear", align_corners=False)
    return enlarged[:, 0]


def _integrated_gradients(
    captum: Any, model: nn.Module, inputs: Inputs, targets: Tensor, _layer: str | None
) -> Tensor:
    found = captum.IntegratedGradients(_scores(model)).attribute(
        inputs, target=targets, n_steps=_STEPS, internal_batch_size=max(_AT_ONCE, len(inputs))
    )
    return found.sum(dim=1)


def _occlusion(
    captum: Any, model: nn.Module, inputs: Inputs, targets: Tensor, _layer: str | None
) -> Tensor:
    channels, *sides = inputs.shape[1:]
    window = [max(1, side // _WINDOWS) for side in sides]
    with torch.no_grad():
        found = captum.Occlusion(_scores(model)).attribute(
            inputs,
            sliding_window_shapes=(channels, *window),
            strides=(channels, *(max(1, side // 2) for side in window)),
            target=targets,
        )
    # Every channel of a window carries the same loss.
    return found.mean(dim=1)


def _scores(model: nn.Module) -> Callable[[Tensor], Tensor]:
    return lambda inputs: scores_of(model, inputs)


_RUNS = dict(zip(METHODS, (_grad_cam, _integrated_gradients, _occlusion), strict=True))
