"""One pass of a network over a data set that sums up every layer in bounded memory."""

import os
import weakref
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from jaxtyping import Float32, Shaped
from torch import Tensor, nn

from cutaway.activations.calls import Observer, observing
from cutaway.activations.kernels import summarize_units
from cutaway.activations.layers import Layers, layer_of, named_layers, select_layers, uncompiled
from cutaway.activations.modes import evaluating
from cutaway.activations.statistics import LayerRecord, LayerStatistics, PassPlan
from cutaway.activations.structure import addressed
from cutaway.compiled import announce_compilation
from cutaway.device import resolve_device
from cutaway.errors import InputError
from cutaway.progress import say, task


@dataclass(frozen=True)
class Collection:
    """What a pass of a network over a data set left behind.

    Attributes:
        layers: Statistics of each layer by address, in order of execution.
        features: The file of each layer's features, Float32 (samples, features); a sample for which
            the layer did not run is a row of NaN.
        outputs: What the network returned, its first tensor; None where it has no row a sample.
        maps: Whole activations of the samples that were to be kept, in the order asked for.
        missed: Names of chosen layers that never ran.
        skipped: Addresses that ran and could not be summed up, each with the reason.
        nonfinite: Address of the first layer that gave NaN or infinite values, or None.
    """

    layers: dict[str, LayerStatistics]
    features: dict[str, Path]
    outputs: Float32[np.ndarray, "samples ..."] | None
    maps: dict[str, Float32[np.ndarray, "kept ..."]]
    missed: tuple[str, ...]
    skipped: dict[str, str]
    nonfinite: str | None


def collect(
    model: nn.Module,
    batches: Iterable[Tensor],
    *,
    layers: Layers = None,
    samples: int,
    folder: str | os.PathLike[str],
    keep: Sequence[int] = (),
    feature_limit: int = 1024,
    device: str | torch.device = "auto",
) -> Collection:
    """Runs a network over a data set once, in eval mode, and sums up each chosen layer.

    Memory holds one batch and the sums, however many samples there are. The statistics are the
    same to the last bit whatever the samples are grouped into, given equal activations.

    Args:
        model: Any network; mode, device and gradient flags are afterwards what they were.
        batches: Transformed inputs (batch, ...) in order of the samples, whose ids count from 0.
        layers: As in `capture`; None is every leaf.
        samples: How many samples the batches hold together.
        folder: Where feature files go, at `features/<address>.npy`: spatial maps averaged to the
            largest g x g grid with channels * g * g <= `feature_limit`, tokens averaged, vectors
            as they are.
        keep: Ids of the samples whose whole activations are kept in memory.
        feature_limit: Most features of a sample of maps, though never fewer than its channels.
        device: Where to run; "auto" takes a GPU where there is one.

    Raises:
        InputError: No layer matches, the batches do not hold `samples` samples, `keep` names
            others, or the folder cannot be written. Feature files of a failed pass are removed.

    Example:
        >>> import tempfile
        >>> model = nn.Sequential(nn.Linear(2, 2), nn.ReLU())
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     found = collect(model, [torch.zeros(3, 2)], samples=3, folder=folder, device="cpu")
        >>> found.layers["1"].count, found.outputs.shape
        (3, (3, 2))
    """
    if samples < 1:
        raise InputError(f"samples={samples}; expected 1 or more")
    wrong = [identity for identity in keep if not 0 <= identity < samples]
    if wrong:
        raise InputError(f"keep holds {wrong[0]}; expected ids from 0 to {samples - 1}")
    names = select_layers(model, layers)
    plan = PassPlan(samples, Path(folder), tuple(keep), feature_limit)
    place = resolve_device(device)
    announce_compilation(summarize_units, "layer statistics")
    collector = _Collector(model, names, plan)
    whole = False
    try:
        with evaluating(model, place), observing(model, names, collector):
            outputs = _run(model, batches, samples, place, collector)
        whole = True
    finally:
        collector.close(keep=whole)
    return collector.result(outputs)


def _run(
    model: nn.Module,
    batches: Iterable[Tensor],
    samples: int,
    device: torch.device,
    collector: "_Collector",
) -> Float32[np.ndarray, "samples ..."] | None:
    outputs = _Outputs(samples)
    done = 0
    with task(f"Capturing {len(collector.names)} layers", samples) as progress:
        for batch in batches:
            _require_room(batch, done, samples)
            collector.begin(batch, done)
            outputs.write(done, len(batch), model(batch.to(device)))
            done += len(batch)
            progress.advance(len(batch))
    if done != samples:
        raise InputError(f"batches hold {done} samples, and samples={samples}; expected as many")
    return outputs.rows


class _Outputs:
    """What the network returns, a row a sample, for as long as it does return such rows."""

    def __init__(self, samples: int) -> None:
        self.rows: Float32[np.ndarray, "samples ..."] | None = None
        self._samples = samples
        self._regular = True

    def write(self, first: int, count: int, returned: Any) -> None:
        found = addressed("", returned)
        tensor = found[0][2] if found else torch.empty(())
        shape = tuple(tensor.shape)
        self._regular &= len(shape) > 0 and shape[0] == count
        if self.rows is None and self._regular:
            self.rows = np.full((self._samples, *shape[1:]), np.nan, np.float32)
        self._regular &= self.rows is not None and self.rows.shape[1:] == shape[1:]
        if self._regular and self.rows is not None:
            self.rows[first : first + count] = tensor.float().cpu().numpy()
        else:
            self.rows = None


def _require_room(batch: Any, done: int, samples: int) -> None:
    if not isinstance(batch, Tensor) or not batch.ndim:
        raise InputError(
            f"batches holds a {type(batch).__name__}; expected tensors (batch, ...) without labels"
        )
    if done + len(batch) > samples:
        raise InputError(
            f"batches hold {done + len(batch)} samples or more, and samples={samples}; "
            "expected as many"
        )


class _Collector(Observer):
    def __init__(self, model: nn.Module, names: tuple[str, ...], plan: PassPlan) -> None:
        self.names = names
        known = named_layers(model)
        self._modules = {name: known[name] for name in names}
        self._model_name = type(uncompiled(model)).__name__
        self._plan = plan
        self._records: dict[str, LayerRecord] = {}
        self._skipped: dict[str, str] = {}
        self._ran: set[str] = set()
        self._nonfinite: str | None = None
        self._batch = torch.empty(0)
        self._first_id = 0
        self._latest: tuple[weakref.ref[Tensor], tuple, Any] | None = None

    def begin(self, batch: Tensor, first_id: int) -> None:
        self._batch = batch
        self._first_id = first_id

    def entered(self, address: str, _arguments: Any) -> None:
        self._ran.add(layer_of(address, self._modules) or address)

    def returned(self, address: str, output: Any) -> None:
        for place, _, tensor in addressed(address, output):
            reason = self._obstacle(place, tensor)
            if reason:
                self._skip(place, reason)
            else:
                self._take(place, self._modules[layer_of(address, self._modules) or ""], tensor)

    def _obstacle(self, place: str, tensor: Tensor) -> str | None:
        if place in self._skipped:
            return self._skipped[place]
        size = len(self._batch)
        if tensor.ndim < 2 or len(tensor) != size:
            return f"its output {tuple(tensor.shape)} has no row for each of {size} samples"
        if tensor.is_complex() or tensor.is_quantized or tensor.layout is not torch.strided:
            return f"its output is of type {tensor.dtype}, {tensor.layout}"
        if not tensor.numel():
            return f"its output has the shape {tuple(tensor.shape)}, which holds no value"
        record = self._records.get(place)
        if record and record.shape != tensor.shape[1:]:
            return f"its output's shape varies: {record.shape}, then {tuple(tensor.shape[1:])}"
        return None

    def _skip(self, place: str, reason: str) -> None:
        if place not in self._skipped:
            self._skipped[place] = reason
            say(f"Layer {place!r} is left out: {reason}.")
        record = self._records.pop(place, None)
        if record:
            record.close(keep=False)

    def _take(self, place: str, module: nn.Module, tensor: Tensor) -> None:
        record = self._records.get(place)
        if record is None:
            record = LayerRecord(place, module, tuple(tensor.shape[1:]), self._plan)
            self._records[place] = record
        digest = self._digested(record, tensor)
        record.update(tensor, digest, self._first_id)
        if self._nonfinite is None and not digest[0].finite.all():
            self._nonfinite = place
            self._warn(digest[0].finite)

    def _digested(self, record: LayerRecord, tensor: Tensor) -> Any:
        """A container returns what its last child did, dropout what it took: once is enough."""
        key = (None if tensor.is_inference() else tensor._version, record.axis)  # noqa: SLF001
        if self._latest and self._latest[0]() is tensor and self._latest[1] == key:
            return self._latest[2]
        digest = record.digest(tensor)
        self._latest = None if key[0] is None else (weakref.ref(tensor), key, digest)
        return digest

    def _warn(self, finite: Shaped[np.ndarray, "samples units"]) -> None:
        sample = self._first_id + int((~finite.all(axis=1)).argmax())
        if not bool(torch.isfinite(self._batch).all()):
            say(
                f"The input of sample {sample} holds NaN or infinite values; so do layers' outputs."
            )
        else:
            say(
                f"Layer {self._nonfinite!r} of {self._model_name} is the first to give NaN or "
                f"infinite values, for sample {sample}; the means of such units are NaN."
            )

    def close(self, *, keep: bool) -> None:
        self._latest = None
        for record in self._records.values():
            record.close(keep=keep)

    def _skip_silent(self) -> None:
        """Leaves out, aloud, what ran and returned nothing that holds a tensor."""
        heard = {layer_of(place, self._modules) for place in (*self._records, *self._skipped)}
        for name in self.names:
            if name in self._ran and name not in heard:
                self._skip(name, "it returns no tensor")

    def result(self, outputs: Float32[np.ndarray, "samples ..."] | None) -> Collection:
        self._skip_silent()
        records = self._records
        return Collection(
            layers={place: record.result() for place, record in records.items()},
            features={place: record.path for place, record in records.items()},
            outputs=outputs,
            maps={place: record.maps for place, record in records.items()},
            missed=tuple(name for name in self.names if name not in self._ran),
            skipped=dict(self._skipped),
            nonfinite=self._nonfinite,
        )
