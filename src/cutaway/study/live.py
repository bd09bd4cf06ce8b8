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
from cutaway.activations.threads import torch_threads
from cutaway.activations.unit_axis import unit_axis
from cutaway.bounded import BoundedCache
from cutaway.data import InputTransform
from cutaway.data.drawing import DrawingForm
from cutaway.device import resolve_device
from cutaway.diagnosis import class_probabilities
from cutaway.errors import InputError
from cutaway.networks import load_model, model_fingerprint
from cutaway.study.layout import PIXELS
from cutaway.study.ready_maps import Place, ReadyMaps
from cutaway.study.study import Study

_KEPT_BYTES, _KEPT_RUNS = 128 * 2**20, 64
_EXAMPLES = 300
_FEW_VALUES = 2**21

Activations = dict[str, Float32[np.ndarray, "..."]]


@dataclass(frozen=True)
class Placed:
    """What a network makes of a new image.

    Attributes:
        image: What was run, uint8 (height, width, channels), in the form of the Study's images.
        outputs: Final activations (classes,).
        places: On every map that is held ready.
        form: What the outputs are, as `cutaway.diagnosis.predictions.output_form` tells.
    """

    image: UInt8[np.ndarray, "height width channels"]
    outputs: Float32[np.ndarray, " classes"]
    places: tuple[Place, ...]
    form: str = "logits"

    @property
    def probabilities(self) -> Float32[np.ndarray, " classes"]:
        """Of each class, as in the Study."""
        return class_probabilities(self.outputs[None], self.form)[0].astype(np.float32)


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
        self._maps = ReadyMaps(study)
        self._widths: dict[str, int] = {}
        self._axes: dict[str, int] = {}
        self._threads = _threads_for(study)
        self._runs = BoundedCache[Activations](_KEPT_BYTES, _KEPT_RUNS)
        # Hooks are of the network and not of a thread.
        self._lock = Lock()
        self.form = self._form()

    @property
    def shape(self) -> tuple[int, int, int]:
        """Channels, height and width of the Study's images."""
        channels, height, width = (int(side) for side in self.study.layers["shape"].iloc[0])
        return channels, height, width

    @property
    def unplaced(self) -> list[tuple[str, str]]:
        """Layers and methods of the maps that no image is placed on."""
        return self._maps.unplaced

    def warm_up(self) -> None:
        """Reads every map and places a sample of the Study, so that the first image need not wait.

        The network is left alone: its owner may be at work with it.
        """
        with torch_threads(self._threads):
            self._maps.place(lambda layer: np.array(self.study.features(layer)[0]))

    def place(self, image: UInt8[np.ndarray, "height width channels"]) -> Placed:
        """Runs an image in the form of the Study's images, and finds its place on every map."""
        with self._lock, torch_threads(self._threads):
            outputs, activations = self._run(image)
        with torch_threads(self._threads):
            places = self._maps.place(lambda layer: self.features(layer, image, activations))
        self._keep(image, activations)
        form = self.study.record["model"].get("outputs", "logits")
        return Placed(image, outputs, tuple(places), form)

    def activations(self, image: UInt8[np.ndarray, "height width channels"]) -> Activations:
        """What every layer makes of an image, by its name; the latest are remembered."""
        known = self._runs.get(image.tobytes())
        if known is None:
            with self._lock, torch_threads(self._threads):
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
        axis = self._unit_axis(layer, tuple(values.shape[1:]))
        if values.ndim == 2:
            return activations[layer].astype(np.float32)
        units = values.shape[axis + 1]
        maps = values.ndim == 4 and axis == 0
        summary, pooled = summarize(values, axis, math.isqrt(width // units) if maps else 0)
        row = summary.total / summary.positions if pooled is None else pooled
        return row[0].astype(np.float32)

    def _unit_axis(self, layer: str, shape: tuple[int, ...]) -> int:
        if layer not in self._axes:
            module = dict(self.model.named_modules()).get(_module_name(layer), self.model)
            self._axes[layer] = unit_axis(module, shape)
        return self._axes[layer]

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


def _threads_for(study: Study) -> int:
    """One where layers are so small that threads wait for each other longer than they work.

    On a machine that other work keeps busy, they wait for a core at every operation.
    """
    values = sum(math.prod(int(side) for side in shape) for shape in study.layers["shape"])
    return 1 if values <= _FEW_VALUES else torch.get_num_threads()


def _module_name(address: str) -> str:
    return address.partition("#")[0].partition("[")[0]


def _tensor(image: np.ndarray) -> Float32[Tensor, "1 channels height width"]:
    return torch.from_numpy(image.transpose(2, 0, 1)[None].astype(np.float32) / np.float32(255))


def _pixel_features(image: Tensor, width: int) -> Float32[np.ndarray, " features"]:
    """Pixels as the Study holds them: all, or averaged over blocks where they are many."""
    if image.numel() != width:
        image = functional.adaptive_avg_pool2d(image, math.isqrt(width // image.shape[1]))
    return image.flatten().numpy()
