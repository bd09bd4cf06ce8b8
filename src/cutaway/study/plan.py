"""What a build will do, settled and checked before the first long computation."""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import torch
from jaxtyping import Float32, Int64
from torch import Tensor, nn

from cutaway.activations import evaluating, require_workers, select_layers
from cutaway.activations.structure import addressed
from cutaway.data import ImageSet, InputTransform, infer_transform
from cutaway.device import resolve_device
from cutaway.errors import InputError, own_lines
from cutaway.networks import class_names_of, load_model, model_fingerprint, transform_of
from cutaway.networks.facts import input_channels
from cutaway.study.image_sets import image_sets, join_sets
from cutaway.study.input_range import say_range

if TYPE_CHECKING:
    from cutaway.study.study import Study
else:
    # It imports what imports this.
    Study = object

BATCH = 256
_TRIAL = 2


@dataclass(frozen=True)
class Plan:
    """A build's inputs, resolved.

    Attributes:
        model: The network, in eval mode.
        images: The data, followed by the reference's samples.
        studied: How many of `images` are the data itself.
        split: Name of the data's split; the reference's samples carry their own.
        transform: From images to the network's input.
        layers: Names of the layers to study.
        maps: From method to layer patterns, or None for the default.
        history: Training curves, or None.
        seed: Of everything random.
        device: Where the network runs.
        settings: What was asked for, as plain JSON.
        aligned_to: A Study of the same samples that maps are turned onto, or None.
        deep: Whether to ask also what costs more than a forward pass or two.
        workers: How many processes share the pass over the data; None makes it here.
        cluster: Address of a Dask scheduler whose workers make the pass, or None.
    """

    model: nn.Module
    images: ImageSet
    reference: ImageSet | None
    studied: int
    splits: tuple[str, ...]
    transform: InputTransform
    class_names: tuple[str, ...]
    layers: tuple[str, ...]
    maps: Mapping[str, str | Sequence[str]] | None
    history: pd.DataFrame | None
    seed: int
    device: torch.device
    data: ImageSet
    settings: dict[str, Any] = field(default_factory=dict)
    aligned_to: Study | None = None
    deep: bool = False
    workers: int | None = None
    cluster: str | None = None

    @property
    def split(self) -> str:
        """The value of `split` that marks the data itself."""
        return self.splits[0]

    @property
    def key(self) -> str:
        """Equal for two builds that would write the same Study."""
        content = {
            **self.settings,
            "model": model_fingerprint(self.model),
            "data": self.images.fingerprint,
            "transform": self.transform.to_dict(),
            "history": None if self.history is None else self.history.to_json(),
        }
        return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()

    @property
    def labels(self) -> Int64[np.ndarray, " samples"] | None:
        """Labels of data and reference, or None."""
        return self.images.labels

    def batches(self) -> "ImageBatches":
        """The network's inputs in sample order."""
        return ImageBatches(self.images, self.transform)

    def inputs(
        self, indices: Int64[np.ndarray, " batch"]
    ) -> Float32[Tensor, "batch channels height width"]:
        """The network's inputs of chosen samples."""
        return self.transform(self.images.tensor(indices))


@dataclass(frozen=True)
class ImageBatches:
    """Images as a network takes them, batch by batch, and any part of them."""

    images: ImageSet
    transform: InputTransform
    batch_size: int = BATCH

    def __iter__(self) -> Iterator[Float32[Tensor, "batch channels height width"]]:
        """Batches of inputs in order of the images."""
        for start in range(0, len(self.images), self.batch_size):
            rows = np.arange(start, min(start + self.batch_size, len(self.images)))
            yield self.transform(self.images.tensor(rows))

    def part(self, start: int, stop: int) -> "ImageBatches":
        """Some of the images alone."""
        whole = (start, stop) == (0, len(self.images))
        return self if whole else replace(self, images=self.images.select(slice(start, stop)))


def make_plan(
    model: Any,
    data: Any,
    reference: Any,
    transform: InputTransform | None,
    layers: Any,
    maps: Mapping[str, str | Sequence[str]] | None,
    history: pd.DataFrame | None,
    seed: int,
    device: str,
    aligned_to: Study | None = None,
    *,
    size: int | None = None,
    deep: bool = False,
    workers: int | None = None,
    cluster: str | None = None,
) -> Plan:
    """Resolves and checks every argument of `build_study`, including one trial forward pass."""
    require_workers(workers, cluster)
    network = model if isinstance(model, nn.Module) else load_model(model)
    images, others = image_sets(data, reference)
    joined, splits = join_sets(images, others)
    settled = _settled(network, others or images, transform, size)
    chosen = select_layers(network, layers)
    plan = Plan(
        model=network,
        images=joined,
        reference=others,
        studied=len(images),
        splits=splits,
        transform=settled,
        class_names=_class_names(images, network),
        layers=chosen,
        maps=maps,
        history=history,
        seed=seed,
        device=resolve_device(device),
        data=images,
        settings={
            "layers": list(chosen),
            "maps": None if maps is None else {method: _listed(on) for method, on in maps.items()},
            "seed": seed,
            "splits": list(splits),
            "deep": deep,
            **({} if aligned_to is None else {"aligned_to": aligned_to.record["model"]["hash"]}),
        },
        aligned_to=aligned_to,
        deep=deep,
        workers=workers,
        cluster=cluster,
    )
    _require_same_samples(plan)
    _try(plan)
    say_range(plan.transform, plan.images)
    return plan


def _listed(patterns: str | Sequence[str]) -> list[str]:
    return [patterns] if isinstance(patterns, str) else list(patterns)


def _class_names(images: ImageSet, network: nn.Module) -> tuple[str, ...]:
    return images.class_names or class_names_of(network) or ()


def _settled(
    network: nn.Module, images: ImageSet, transform: InputTransform | None, size: int | None
) -> InputTransform:
    if size is not None and transform is not None:
        raise InputError(f"size={size} and transform={transform} were given; expected one of them")
    found = transform or transform_of(network) or _inferred(network, images)
    return found if size is None else replace(found, size=size)


def _inferred(network: nn.Module, images: ImageSet) -> InputTransform:
    """Measures the normalization on the data; channels and size are those of the network."""
    size = getattr(network, "image_size", None)
    return infer_transform(images, channels=input_channels(network), size=size)


def _require_same_samples(plan: Plan) -> None:
    if plan.aligned_to is None:
        return
    theirs = plan.aligned_to.record["data"]["hash"], len(plan.aligned_to.samples)
    if theirs != (plan.data.fingerprint, len(plan.images)):
        raise InputError(
            f"aligned_to={str(plan.aligned_to.folder)!r} is a Study of other samples than data; "
            "expected the same in the same order"
        )


def _try(plan: Plan) -> None:
    """Runs two samples through the network, so that a misfit shows before any work is done."""
    inputs = plan.inputs(np.arange(min(_TRIAL, len(plan.images)))).to(plan.device)
    shape = tuple(inputs.shape)
    try:
        with evaluating(plan.model, plan.device):
            outputs = plan.model(inputs)
    except InputError:
        raise
    except Exception as error:
        raise InputError(
            f"model {type(plan.model).__name__} cannot take images of shape {shape[1:]}: "
            f"{type(error).__name__}{_place(error)}: {error}. Where it expects others, pass "
            f"transform=InputTransform(size=..., channels=...), or at the shell --size{_half(plan)}"
        ) from error
    if not isinstance(outputs, Tensor) or outputs.ndim != 2 or outputs.shape[1] < _TRIAL:
        raise InputError(
            f"model {type(plan.model).__name__} returns "
            f"{tuple(outputs.shape) if isinstance(outputs, Tensor) else type(outputs).__name__}; "
            "expected a tensor of shape (samples, classes) with two classes or more, as of a "
            f"classifier.{_how_to_wrap(outputs)}"
        )
    labels = plan.labels
    if labels is not None and labels.max() >= outputs.shape[1]:
        raise InputError(
            f"labels run up to {labels.max()}, and model {type(plan.model).__name__} has "
            f"{outputs.shape[1]} outputs; expected labels from 0 to {outputs.shape[1] - 1}. "
            "Is this the network for this data?"
        )


def _half(plan: Plan) -> str:
    parameter = next(plan.model.parameters(), None)
    if parameter is None or parameter.dtype == torch.float32:
        return ""
    return f". Its weights are {parameter.dtype} and images float32: pass model.float()"


def _how_to_wrap(outputs: Any) -> str:
    """How a network that returns something else can be studied as a classifier."""
    inner = [tensor for _, _, tensor in addressed("", outputs)]
    wrap = "Study a wrapper, an nn.Module that holds the network and whose forward returns "
    if not isinstance(outputs, Tensor) and any(tensor.ndim == 2 for tensor in inner):
        key = "[0]" if isinstance(outputs, tuple | list) else "'s scores, as its .logits"
        return f" {wrap}network(images){key}"
    if isinstance(outputs, Tensor) and outputs[0].numel() == 1:
        return f" {wrap}torch.cat([torch.zeros_like(logit), logit], 1) of its one logit (n, 1)"
    if isinstance(outputs, Tensor) and outputs.ndim > 2:
        return f" {wrap}a score a class, as network(images).flatten(2).mean(2)"
    return ""


def _place(error: Exception) -> str:
    """The network's own line that raised, innermost first; "" where none did."""
    lines = own_lines(error)
    return f" in {lines[-1].filename}, line {lines[-1].lineno}" if lines else ""
