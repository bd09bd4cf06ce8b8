"""Means of every leaf layer by TorchLens, nnsight, torchvision's extractor and captum.

Each function takes a network and its leaves' names, in order of their calls, and gives what runs
one batch. Where a tool takes a function of an activation, that is the mean; else the mean is taken
of what the tool returns.
"""

import importlib
import sys
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn

Run = Callable[[Tensor], object]
_libraries: list[torch.library.Library] = []


def mean(activation: Any) -> Any:
    """The mean of each unit, or of all where there is no axis of units."""
    if not isinstance(activation, Tensor) or activation.ndim < 2:
        return activation
    return activation.mean(dim=(0, *range(2, activation.ndim)))


def torchvision(model: nn.Module, names: list[str]) -> Run:
    """`create_feature_extractor`: a traced copy that returns every node asked for."""
    _import_torchvision()
    extraction = importlib.import_module("torchvision.models.feature_extraction")
    nodes = extraction.get_graph_node_names(model)[1]
    wanted = [node for node in nodes if node in names or node.rsplit("_", 1)[0] in names]
    extractor = extraction.create_feature_extractor(model, wanted)
    return lambda batch: {node: mean(value) for node, value in extractor(batch).items()}


def captum(model: nn.Module, names: list[str]) -> Run:
    """`LayerActivation` with all layers at once."""
    attr = importlib.import_module("captum.attr")
    layers = [model.get_submodule(name) for name in names]
    activation = attr.LayerActivation(model, layers)
    return lambda batch: [mean(value) for value in activation.attribute(batch)]


def nnsight(model: nn.Module, names: list[str]) -> Run:
    """A trace that saves the mean of each layer's output, of a reused layer at its first call."""
    wrapped = importlib.import_module("nnsight").NNsight(model)

    def run(batch: Tensor) -> object:
        saved = []
        with wrapped.trace(batch):
            for name in names:
                layer = wrapped
                for part in name.split("."):
                    layer = layer[int(part)] if part.isdigit() else getattr(layer, part)
                saved.append(mean(layer.output).save())
        return saved

    return run


def torchlens(model: nn.Module, _names: list[str]) -> Run:
    """A full trace that keeps the mean of every operation's output and no activation."""
    lens = importlib.import_module("torchlens")
    keep = lens.options.SaveOptions(activation_transform=mean, save_raw_activations=False)
    return lambda batch: lens.trace(model, batch, save=keep)


PEERS: dict[str, Callable[[nn.Module, list[str]], Run]] = {
    "torchvision": torchvision,
    "captum": captum,
    "nnsight": nnsight,
    "torchlens": torchlens,
}


def _import_torchvision() -> None:
    """Imports it also where its compiled part was built for another torch, and so is left out."""
    try:
        importlib.import_module("torchvision")
    except RuntimeError:
        for name in [name for name in sys.modules if name.startswith("torchvision")]:
            del sys.modules[name]
        library = torch.library.Library("torchvision", "DEF")
        library.define("nms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
        library.define("qnms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
        _libraries.append(library)
        importlib.import_module("torchvision")
