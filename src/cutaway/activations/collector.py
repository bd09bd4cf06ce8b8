"""Summing up layers' outputs while a network runs: what hears of their calls in a pass."""

import weakref
from pathlib import Path
from typing import Any

import numpy as np
import torch
from jaxtyping import Float32, Shaped
from torch import Tensor, nn

from cutaway.activations.calls import Observer
from cutaway.activations.features import FeatureFile, feature_path, pooling_grid
from cutaway.activations.layer_state import LayerFacts, LayerState
from cutaway.activations.layers import layer_of, named_layers, uncompiled
from cutaway.activations.pass_state import Moment, PassPlan, PassState
from cutaway.activations.structure import addressed
from cutaway.activations.summary import SampleSummary, summarize
from cutaway.activations.unit_axis import unit_axis
from cutaway.progress import say

Digest = tuple[SampleSummary, Float32[np.ndarray, "samples features"]]


class Collector(Observer):
    """Brings a state forward by what layers return, and writes features and outputs to files.

    Args:
        model: The network.
        plan: What the pass is to do.
        state: What is known so far.
    """

    def __init__(self, model: nn.Module, plan: PassPlan, state: PassState) -> None:
        self.state = state
        known = named_layers(model)
        self._modules = {name: known[name] for name in plan.names}
        self._model_name = type(uncompiled(model)).__name__
        self._plan = plan
        self._skipped = dict(state.skipped)
        self._files: dict[Path, FeatureFile] = {}
        self._batch = torch.empty(0)
        self._moment: Moment = (0, 0)
        self._latest: tuple[weakref.ref[Tensor], tuple, Digest] | None = None

    @property
    def _first_id(self) -> int:
        return self._moment[0]

    def begin(self, batch: Tensor, first_id: int) -> None:
        """A batch is about to go through, whose samples have the ids from `first_id` on."""
        self._batch = batch
        self._moment = (first_id, 0)

    def entered(self, address: str, _arguments: Any) -> None:
        """A layer is called."""
        self.state.ran.add(layer_of(address, self._modules) or address)

    def returned(self, address: str, output: Any) -> None:
        """A layer returned."""
        for place, _, tensor in addressed(address, output):
            self._moment = (self._first_id, self._moment[1] + 1)
            if place in self._skipped:
                continue
            if self._fits(place, tensor):
                self._take(place, self._modules[layer_of(address, self._modules) or ""], tensor)

    def end(self, returned: Any) -> None:
        """The network returned; a row a sample of its first tensor is written."""
        found = addressed("", returned)
        rows = found[0][2].float().cpu().numpy() if found else np.empty((), np.float32)
        shape = rows.shape[1:] if rows.ndim and len(rows) == len(self._batch) else None
        if self.state.outputs.see(shape):
            assert shape is not None
            path = outputs_path(self._plan.folder)
            self._write(path, rows.astype(np.float32, copy=False), shape)
        self.state.done.add(self._first_id, self._first_id + len(self._batch))

    def sync(self) -> None:
        """Waits until all rows are on the disk."""
        for file in self._files.values():
            file.sync()

    def close(self) -> None:
        """Ends the writing of files."""
        self._latest = None
        for file in self._files.values():
            file.close(keep=True)
        self._files.clear()

    def _fits(self, place: str, tensor: Tensor) -> bool:
        reason = _obstacle(tensor, len(self._batch))
        if reason:
            self.state.obstacles[place] = (self._moment, reason)
        else:
            self.state.see(place, tuple(tensor.shape[1:]), self._moment)
            reason = self.state.skipped.get(place) if len(self.state.shapes[place]) > 1 else None
        if reason:
            self._skipped[place] = reason
            self.state.layers.pop(place, None)
            say(f"Layer {place!r} is left out: {reason}.")
        return not reason

    def _take(self, place: str, module: nn.Module, tensor: Tensor) -> None:
        layer = self.state.layers.get(place)
        if layer is None:
            facts = layer_facts(place, module, tuple(tensor.shape[1:]), self._plan.feature_limit)
            layer = self.state.layers[place] = LayerState.of(facts, self._moment)
        first, (summary, features) = self._first_id, self._digested(layer.facts, tensor)
        layer.reducer.update(summary, first)
        if self._plan.feature_limit:
            path = feature_path(self._plan.folder, place)
            self._write(path, features, (layer.facts.features,))
            layer.written.add(first, first + len(tensor))
        if self._plan.covariance:
            layer.covariance.update(features, first)
        for identity in self._plan.keep:
            if first <= identity < first + len(tensor):
                layer.kept[identity] = tensor[identity - first].float().cpu().numpy().copy()
        if self.state.nonfinite is None and not summary.finite.all():
            self.state.nonfinite = (self._moment, place)
            self._warn(place, summary.finite)

    def _digested(self, facts: LayerFacts, tensor: Tensor) -> Digest:
        """A container returns what its last child did, dropout what it took: once is enough."""
        version = None if tensor.is_inference() else tensor._version  # noqa: SLF001
        key = (version, facts.axis, facts.grid)
        if self._latest and self._latest[0]() is tensor and self._latest[1] == key:
            return self._latest[2]
        summary, pooled = summarize(tensor, facts.axis, facts.grid)
        features = summary.total / summary.positions if pooled is None else pooled
        digest = summary, features.astype(np.float32, copy=False)
        self._latest = None if version is None else (weakref.ref(tensor), key, digest)
        return digest

    def _write(
        self, path: Path, rows: Float32[np.ndarray, "samples ..."], shape: tuple[int, ...]
    ) -> None:
        file = self._files.get(path)
        if file is None:
            file = self._files[path] = FeatureFile(path, self._plan.samples, shape)
        file.write(self._first_id, rows)

    def _warn(self, place: str, finite: Shaped[np.ndarray, "samples units"]) -> None:
        sample = self._first_id + int((~finite.all(axis=1)).argmax())
        if not bool(torch.isfinite(self._batch).all()):
            say(
                f"The input of sample {sample} holds NaN or infinite values; so do layers' outputs."
            )
        else:
            say(
                f"Layer {place!r} of {self._model_name} is the first to give NaN or "
                f"infinite values, for sample {sample}; the means of such units are NaN."
            )


def outputs_path(folder: Path) -> Path:
    """Where a pass leaves what the network returned."""
    return folder / "outputs.npy"


def layer_facts(
    address: str, module: nn.Module, shape: tuple[int, ...], feature_limit: int
) -> LayerFacts:
    """What holds for every sample of a layer whose output has a shape."""
    axis = unit_axis(module, shape)
    is_map = len(shape) == 3 and axis == 0
    return LayerFacts(
        address=address,
        type=type(module).__name__,
        parameters=sum(parameter.numel() for parameter in module.parameters()),
        shape=shape,
        axis=axis,
        grid=pooling_grid(shape, feature_limit) if is_map and feature_limit else 0,
    )


def _obstacle(tensor: Tensor, size: int) -> str | None:
    """Why a tensor cannot be summed up, or None."""
    if tensor.ndim < 2 or len(tensor) != size:
        return f"its output {tuple(tensor.shape)} has no row for each of {size} samples"
    if tensor.is_complex() or tensor.is_quantized or tensor.layout is not torch.strided:
        return f"its output is of type {tensor.dtype}, {tensor.layout}"
    if not tensor.numel():
        return f"its output has the shape {tuple(tensor.shape)}, which holds no value"
    return None
