"""A Study with its network at hand: new images run through it and land on every map."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from threading import Lock

import numpy as np
import torch
from jaxtyping import Float32, UInt8
from torch import Tensor, nn
from torch.nn import functional

from cutaway.activations import capture, evaluating
from cutaway.activations.summary import summarize
from cutaway.activations.unit_axis import unit_axis
from cutaway.data import InputTransform
from cutaway.data.drawing import DrawingForm
from cutaway.device import resolve_device
from cutaway.errors import InputError
from cutaway.maps.bystanders import Bystanders
from cutaway.maps.finished_map import FinishedMap
from cutaway.maps.plane import Plane
from cutaway.networks import load_model, model_fingerprint
from cutaway.study.bounded import BoundedCache
from cutaway.study.layout import PIXELS, placement_file
from cutaway.study.study import Study

MOST_MAP_BYTES = 2**30
"""Maps whose placement data goes beyond this in all are left out of placing."""
_KEPT_BYTES, _KEPT_RUNS = 128 * 2**20, 64
_EXAMPLES = 300

Activations = dict[str, Float32[np.ndarray, "..."]]


@dataclass(frozen=True)
class Place:
    """Where a new image lies on one map, on the map's own axes.

    Attributes:
        layer: Name of the layer.
        method: The map's.
        x: Coordinate.
        y: Coordinate.
        trust: Share of its nearest samples in the data that are among the nearest on the map.
        unlike: Whether it is farther from what is mapped than 99% of the mapped samples are.
    """

    layer: str
    method: str
    x: float
    y: float
    trust: float
    unlike: bool


@dataclass(frozen=True)
class Placed:
    """What a network makes of a new image.

    Attributes:
        image: What was run, uint8 (height, width, channels), in the form of the Study's images.
        outputs: Final activations (classes,).
        places: On every map that is held ready.
    """

    image: UInt8[np.ndarray, "height width channels"]
    outputs: Float32[np.ndarray, " classes"]
    places: tuple[Place, ...]

    @property
    def probabilities(self) -> Float32[np.ndarray, " classes"]:
        """Softmax of the outputs."""
        exponents = np.exp(self.outputs - self.outputs.max())
        return (exponents / exponents.sum()).astype(np.float32)


@dataclass(frozen=True)
class _ReadyMap:
    layer: str
    method: str
    finished: FinishedMap
    plane: Plane | None


class LiveNetwork:
    """The network of a Study, to run new images through.

    Args:
        study: The Study.
        model: The network that it was made with, or what `load_model` takes.
        device: "auto", "cpu" or "cuda".

    Raises:
        InputError: The network is another than the Study's.
    """

    def __init__(self, study: Study, model: nn.Module | str, device: str = "auto") -> None:
        self.study = study
        self.model = model if isinstance(model, nn.Module) else load_model(model)
        self.transform = InputTransform.from_dict(study.record["transform"])
        self._device = resolve_device(device)
        _require_same(study, self.model)
        self._names: Sequence[str] = study.record["settings"]["layers"]
        self._maps: list[_ReadyMap] | None = None
        self._widths: dict[str, int] = {}
        self._around: dict[str, Bystanders] = {}
        self._runs = BoundedCache[Activations](_KEPT_BYTES, _KEPT_RUNS)
        # Hooks are of the network and not of a thread.
        self._lock = Lock()
        self._lock_of_maps = Lock()
        self.unplaced = _too_large(study)
        self.form = self._form()

    @property
    def shape(self) -> tuple[int, int, int]:
        """Channels, height and width of the Study's images."""
        channels, height, width = (int(side) for side in self.study.layers["shape"].iloc[0])
        return channels, height, width

    def warm_up(self) -> None:
        """Reads every map and places a sample of the Study, so that the first image need not wait.

        The network is left alone: its owner may be at work with it.
        """
        with self._lock_of_maps:
            for ready in self._ready_maps():
                self._place(ready, np.array(self.study.features(ready.layer)[:1]))

    def place(self, image: UInt8[np.ndarray, "height width channels"]) -> Placed:
        """Runs an image in the form of the Study's images, and finds its place on every map."""
        with self._lock:
            outputs, activations = self._run(image)
        with self._lock_of_maps:
            rows: dict[str, np.ndarray] = {}
            places = []
            for ready in self._ready_maps():
                if ready.layer not in rows:
                    row = self.features(ready.layer, image, activations)
                    rows[ready.layer] = np.empty((0, 0)) if row is None else row[None]
                found = self._place(ready, rows[ready.layer])
                if found is not None:
                    places.append(found)
        self._keep(image, activations)
        return Placed(image, outputs, tuple(places))

    def activations(self, image: UInt8[np.ndarray, "height width channels"]) -> Activations:
        """What every layer makes of an image, by its name; the latest are remembered."""
        known = self._runs.get(image.tobytes())
        if known is None:
            with self._lock:
                _, known = self._run(image)
            self._keep(image, known)
        return known

    def features(
        self, layer: str, image: np.ndarray, activations: Activations
    ) -> Float32[np.ndarray, " features"] | None:
        """A row like those of the Study's features, or None where the layer did not run."""
        if layer not in self._widths:
            self._widths[layer] = self.study.features(layer).shape[1]
        width = self._widths[layer]
        if layer == PIXELS:
            return _pixel_features(_tensor(image), width)
        if layer not in activations:
            return None
        values = torch.from_numpy(activations[layer])[None]
        module = dict(self.model.named_modules()).get(_module_name(layer), self.model)
        axis = unit_axis(module, tuple(values.shape[1:]))
        units = values.shape[axis + 1]
        maps = values.ndim == 4 and axis == 0
        summary, pooled = summarize(values, axis, math.isqrt(width // units) if maps else 0)
        row = summary.total / summary.positions if pooled is None else pooled
        return row[0].astype(np.float32)

    def _keep(self, image: np.ndarray, activations: Activations) -> None:
        size = sum(values.nbytes for values in activations.values())
        self._runs.put(image.tobytes(), activations, size)

    def _run(self, image: np.ndarray) -> tuple[np.ndarray, Activations]:
        inputs = self.transform(_tensor(image)).to(self._device)
        with (
            evaluating(self.model, self._device),
            capture(self.model, list(self._names)) as captured,
        ):
            outputs = self.model(inputs)
        activations = {
            name: values[0].float().cpu().numpy()
            for name, values in captured.items()
            if values.ndim > 1
        }
        return outputs[0].float().cpu().numpy(), activations

    def _ready_maps(self) -> list[_ReadyMap]:
        if self._maps is None:
            self._maps = self._read_maps()
        return self._maps

    def _read_maps(self) -> list[_ReadyMap]:
        ready = []
        for row in self.study.maps.itertuples():
            layer, method = str(row.layer), str(row.method)
            if (layer, method) in self.unplaced:
                continue
            try:
                finished = self.study.finished_map(layer, method)
            except InputError:
                self.unplaced.append((layer, method))
                continue
            plane = None
            if not hasattr(finished.steps[-1], "placement"):
                places = self.study.map(layer, method)[["x", "y"]].to_numpy(np.float32)
                plane = self._bystanders(layer).plane(places)
            ready.append(_ReadyMap(layer, method, finished, plane))
        return ready

    def _bystanders(self, layer: str) -> Bystanders:
        if layer not in self._around:
            self._around[layer] = Bystanders(self.study.features(layer))
        return self._around[layer]

    def _place(self, ready: _ReadyMap, row: np.ndarray) -> Place | None:
        if not row.size or not np.isfinite(row).all():
            return None
        if ready.plane is None:
            found = ready.finished.placement(row)
            assert found is not None
        else:
            placed = ready.finished.transform(row)
            found = self._bystanders(ready.layer).assess(row, placed, ready.plane)
        x, y = (float(value) for value in found.embedding[0])
        trust, unlike = float(found.trust[0]), bool(found.unlike[0])
        return Place(ready.layer, ready.method, x, y, trust, unlike)

    def _form(self) -> DrawingForm | None:
        channels, height, width = self.shape
        if channels != 1:
            return None
        count = len(self.study.samples)
        chosen = range(0, count, max(1, count // _EXAMPLES))
        side = int(self.study.record["thumbnails"]["tile"])
        shrunk = min(1.0, side / max(height, width))
        tall, wide = round(height * shrunk), round(width * shrunk)
        tiles = [self.study.thumbnail(sample)[:tall, :wide, :1] for sample in chosen]
        found = DrawingForm.of(np.stack(tiles))
        if found is None:
            return None
        return DrawingForm(height, width, found.extent, found.centre, found.ground, found.ink)


def _require_same(study: Study, model: nn.Module) -> None:
    expected, received = study.record["model"]["hash"], model_fingerprint(model)
    if expected != received:
        raise InputError(
            f"model has the hash {received[:12]} and the Study was made with {expected[:12]} "
            f"({study.record['model']['name']}); expected the same weights. Pass the checkpoint "
            "that the Study was built from, or build a Study of this one"
        )


def _too_large(study: Study) -> list[tuple[str, str]]:
    """Maps for whose placement data there is no room, largest methods last to be taken in."""
    total, left_out = 0, []
    for row in study.maps.itertuples():
        layer, method = str(row.layer), str(row.method)
        file = placement_file(study.folder, layer, method)
        total += file.stat().st_size if file.is_file() else 0
        if total > MOST_MAP_BYTES or not file.is_file():
            left_out.append((layer, method))
    return left_out


def _module_name(address: str) -> str:
    return address.partition("#")[0].partition("[")[0]


def _tensor(image: np.ndarray) -> Float32[Tensor, "1 channels height width"]:
    return torch.from_numpy(image.transpose(2, 0, 1)[None].astype(np.float32) / np.float32(255))


def _pixel_features(image: Tensor, width: int) -> Float32[np.ndarray, " features"]:
    """Pixels as the Study holds them: all, or averaged over blocks where they are many."""
    if image.numel() != width:
        image = functional.adaptive_avg_pool2d(image, math.isqrt(width // image.shape[1]))
    return image.flatten().numpy()
