"""transformers' own vision models with random weights, each of a small configuration."""

import itertools
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import torch
from torch import nn

from tests.zoo import timm_networks

DOZEN: tuple[str, ...] = ()

TASKS = (
    "IMAGE_CLASSIFICATION",
    "IMAGE",
    "SEMANTIC_SEGMENTATION",
    "DEPTH_ESTIMATION",
    "OBJECT_DETECTION",
    "MASKED_IMAGE_MODELING",
)
LAYER_COUNTS = {"num_hidden_layers", "encoder_layers", "decoder_layers", "num_layers", "n_layer"}
SIDES = (64, 56, 112, 224, 256)


def prepare() -> None:
    """Has torchvision ready, which transformers imports."""
    timm_networks.prepare()


def names() -> list[str]:
    """Class names of the vision models that transformers has automatic classes for."""
    from transformers.models.auto import modeling_auto

    tables = [getattr(modeling_auto, f"MODEL_FOR_{task}_MAPPING_NAMES") for task in TASKS]
    found = [classes for table in tables for classes in table.values()]
    listed = [name for each in found for name in ([each] if isinstance(each, str) else each)]
    # Those that wrap a timm model have no architecture of their own.
    return [name for name in dict.fromkeys(listed) if not name.startswith("Timm")]


def parameters_of(name: str) -> int:
    """How many parameters the small configuration has, found without taking memory for them."""
    model_class = _class_of(name)
    with torch.device("meta"):
        model = model_class(_small(model_class.config_class()))
    return sum(each.numel() for each in model.parameters())


def build(name: str) -> tuple[nn.Module, Callable[[nn.Module], object], str]:
    """A network in eval mode, a call of it with two images (or clips), and their size."""
    refusals: list[Exception] = []
    for model, inputs in _candidates(name, refusals):
        try:
            with torch.no_grad():
                model(**inputs)
        except Exception as refusal:  # noqa: BLE001 (whatever a network raises on a wrong size)
            refusals.append(refusal)
        else:
            shape = next(iter(inputs.values())).shape[1:]
            return model, partial(_call, inputs), "x".join(map(str, shape))
    raise refusals[-1]


def _class_of(name: str) -> Any:
    import transformers

    transformers.logging.set_verbosity_error()
    return getattr(transformers, name)


def _small(config: Any) -> Any:
    """The default configuration with fewer layers; widths stay, which must fit each other."""
    for key, value in config.to_dict().items():
        if key in {
            "num_hidden_layers",
            "encoder_layers",
            "decoder_layers",
            "num_layers",
            "n_layer",
        }:
            _set(config, key, min(value, 2) if isinstance(value, int) else value)
        elif key in {"depths", "layer_depths"} and isinstance(value, list):
            _set(config, key, [1 if isinstance(each, int) else each for each in value])
    for key in ("vision_config", "text_config", "backbone_config"):
        inner = getattr(config, key, None)
        if hasattr(inner, "to_dict"):
            _small(inner)
    return config


def _set(config: Any, key: str, value: Any) -> None:
    try:
        setattr(config, key, value)
    except (AttributeError, ValueError, TypeError, NotImplementedError):
        return  # a property of other settings


def _candidates(
    name: str, refusals: list[Exception]
) -> Iterator[tuple[nn.Module, dict[str, torch.Tensor]]]:
    model_class = _class_of(name)
    default = getattr(model_class.config_class(), "image_size", None)
    sides = dict.fromkeys((*SIDES, default if isinstance(default, int) else 224))
    for fewer_layers in (True, False):
        for side, resized in itertools.product(sides, (True, False)):
            config = model_class.config_class()
            if fewer_layers:
                config = _small(config)
            if resized and default is not None:
                _set(config, "image_size", side if isinstance(default, int) else [side, side])
            torch.manual_seed(0)
            try:
                model = model_class(config).eval()
            except Exception as refusal:  # noqa: BLE001 (whatever a library raises)
                refusals.append(refusal)
                continue
            yield from ((model, inputs) for inputs in _inputs(model, config, side))


def _inputs(model: nn.Module, config: Any, side: int) -> Iterator[dict[str, torch.Tensor]]:
    draw = torch.Generator().manual_seed(0)
    channels = getattr(config, "num_channels", 3)
    if model.main_input_name == "input_ids":
        yield {"input_ids": torch.randint(0, 16, (2, 64), generator=draw)}
        return
    images = torch.randn(2, channels, side, side, generator=draw)
    if isinstance(frames := getattr(config, "num_frames", None), int):
        yield {model.main_input_name: torch.stack([images] * frames, dim=1)}
    yield {model.main_input_name: images}


def _call(inputs: dict[str, torch.Tensor], network: nn.Module) -> object:
    return network(**inputs)
