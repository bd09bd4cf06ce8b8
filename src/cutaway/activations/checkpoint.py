"""Keeping the state of a pass on disk, so that a killed pass goes on where it was."""

import json
import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save_file

from cutaway.activations.feature_covariance import FeatureCovariance
from cutaway.activations.layer_state import LayerFacts, LayerState
from cutaway.activations.pass_state import OutputState, PassState
from cutaway.activations.spans import Spans
from cutaway.files import atomic_file
from cutaway.maps.moments import Moments

_FACTS = "pass"
_NAME = "pass.safetensors"
SCRATCH = f".{_NAME}."
"""How names of files begin that are removed when a pass begins, goes on or ends."""


class Checkpoint:
    """A file that holds the state of a pass, written anew when it is some seconds old.

    Args:
        folder: Where the pass writes.
        key: Says which pass it is; a state that was left under another key is not gone on with.
            None: nothing is to be kept.
        seconds: How old it may grow: what is lost at most when the process is killed.
        clock: Gives seconds.
    """

    def __init__(
        self,
        folder: Path,
        key: str | None,
        seconds: float,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.path = folder / _NAME
        self._key = key
        self._seconds = seconds
        self._clock = clock
        self._written = clock()

    @property
    def wanted(self) -> bool:
        """Whether there is a key."""
        return self._key is not None

    @property
    def due(self) -> bool:
        """Whether it is time to write."""
        return self.wanted and self._clock() - self._written >= self._seconds

    def save(self, state: PassState) -> None:
        """Puts a state in the place of the one before, whole or not at all.

        Raises:
            InputError: The file cannot be written.
        """
        facts, arrays = packed(state)
        with atomic_file(self.path) as temporary:
            save_file(arrays, temporary, {_FACTS: json.dumps({"key": self._key, **facts})})
        self._written = self._clock()

    def load(self) -> PassState | None:
        """The state that was left, or None."""
        if not self.wanted:
            return None
        self._clear()
        try:
            with safe_open(self.path, "numpy") as file:
                facts = json.loads((file.metadata() or {}).get(_FACTS, "{}"))
                if facts.get("key") != self._key:
                    return None
                return unpacked(facts, {name: file.get_tensor(name) for name in file.keys()})  # noqa: SIM118
        except (FileNotFoundError, SafetensorError):
            return None

    def remove(self) -> None:
        """Removes the file."""
        if self.wanted:
            self._clear()
            self.path.unlink(missing_ok=True)

    def _clear(self) -> None:
        """Removes what a process that was killed while it wrote has left half written."""
        for half in self.path.parent.glob(f"{SCRATCH}*"):
            half.unlink(missing_ok=True)


def packed(state: PassState) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    """A state as plain JSON and arrays by name."""
    arrays: dict[str, np.ndarray] = {}
    layers = []
    for number, layer in enumerate(state.layers.values()):
        layers.append(
            {
                "facts": asdict(layer.facts),
                "seen": layer.seen,
                "written": list(layer.written),
                "samples": layer.reducer.samples,
            }
        )
        for name, array in layer.reducer.arrays().items():
            arrays[f"{number}/{name}"] = np.ascontiguousarray(array)
        for name, array in _covariance_arrays(layer.covariance).items():
            arrays[f"{number}/covariance/{name}"] = array
        for identity, activation in layer.kept.items():
            arrays[f"{number}/kept/{identity}"] = np.ascontiguousarray(activation)
    facts = {
        "done": list(state.done),
        "layers": layers,
        "shapes": [[place, list(shapes.items())] for place, shapes in state.shapes.items()],
        "obstacles": state.obstacles,
        "ran": sorted(state.ran),
        "nonfinite": state.nonfinite,
        "outputs": asdict(state.outputs),
    }
    return facts, arrays


def unpacked(facts: dict[str, Any], arrays: dict[str, np.ndarray]) -> PassState:
    """The state that was packed."""
    outputs, nonfinite = facts["outputs"], facts["nonfinite"]
    state = PassState(
        done=_spans(facts["done"]),
        shapes={
            place: {tuple(shape): tuple(moment) for shape, moment in shapes}
            for place, shapes in facts["shapes"]
        },
        obstacles={
            place: (tuple(moment), reason) for place, (moment, reason) in facts["obstacles"].items()
        },
        ran=set(facts["ran"]),
        nonfinite=nonfinite and (tuple(nonfinite[0]), nonfinite[1]),
        outputs=OutputState(
            None if outputs["shape"] is None else tuple(outputs["shape"]), outputs["regular"]
        ),
    )
    for number, described in enumerate(facts["layers"]):
        layer = _layer(described, _below(arrays, f"{number}/"))
        state.layers[layer.facts.address] = layer
    return state


def _layer(described: dict[str, Any], arrays: dict[str, np.ndarray]) -> LayerState:
    shape = tuple(described["facts"]["shape"])
    facts = LayerFacts(**{**described["facts"], "shape": shape})
    layer = LayerState.of(facts, tuple(described["seen"]))
    layer.written = _spans(described["written"])
    layer.kept = {int(name): array for name, array in _below(arrays, "kept/").items()}
    layer.covariance = _covariance(_below(arrays, "covariance/"))
    layer.reducer.samples = described["samples"]
    for name, array in layer.reducer.arrays().items():
        array[...] = arrays[name]
    return layer


def _covariance_arrays(covariance: FeatureCovariance) -> dict[str, np.ndarray]:
    arrays: dict[str, np.ndarray] = {}
    for (level, number), node in covariance.nodes.items():
        name = f"node/{level}/{number}"
        arrays[f"{name}/count"] = np.array([node.count], np.int64)
        arrays[f"{name}/mean"] = np.ascontiguousarray(node.mean)
        arrays[f"{name}/scatter"] = np.ascontiguousarray(node.scatter)
    for block in covariance.waiting.values():
        for identity, row in block.items():
            arrays[f"row/{identity}"] = np.ascontiguousarray(row)
    return arrays


def _covariance(arrays: dict[str, np.ndarray]) -> FeatureCovariance:
    covariance = FeatureCovariance()
    for name, row in _below(arrays, "row/").items():
        covariance.update(row[None], int(name))
    nodes = _below(arrays, "node/")
    for name in nodes:
        level, number, figure = name.split("/")
        if figure == "count":
            mean, scatter = nodes[f"{level}/{number}/mean"], nodes[f"{level}/{number}/scatter"]
            node = Moments(int(nodes[name][0]), mean, scatter)
            covariance.nodes[int(level), int(number)] = node
    return covariance


def _spans(ranges: list[list[int]]) -> Spans:
    return Spans((start, stop) for start, stop in ranges)


def _below(arrays: dict[str, np.ndarray], prefix: str) -> dict[str, np.ndarray]:
    return {
        name.removeprefix(prefix): array
        for name, array in arrays.items()
        if name.startswith(prefix)
    }
