"""What a pass of a network over a data set leaves behind."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from jaxtyping import Float32

from cutaway.activations.collector import outputs_path
from cutaway.activations.features import FeatureFile, feature_path
from cutaway.activations.layer_state import LayerStatistics
from cutaway.activations.layers import layer_of
from cutaway.activations.pass_state import PassPlan, PassState
from cutaway.maps.moments import Moments
from cutaway.progress import say

_NO_TENSOR = "it returns no tensor"


@dataclass(frozen=True)
class Collection:
    """What a pass of a network over a data set left behind.

    Attributes:
        layers: Statistics of each layer by address, in order of execution.
        features: The file of each layer's features, Float32 (samples, features); a sample for which
            the layer did not run is a row of NaN.
        outputs: What the network returned, its first tensor, a memory map of `outputs.npy`; None
            where it has no row a sample.
        maps: Whole activations of the samples that were to be kept, in the order asked for.
        missed: Names of chosen layers that never ran.
        skipped: Addresses that ran and could not be summed up, each with the reason.
        nonfinite: Address of the first layer that gave NaN or infinite values, or None.
        moments: Count, mean and scatter of each layer's features, where they were asked for: what
            `PCA.fit_moments` takes.
    """

    layers: dict[str, LayerStatistics]
    features: dict[str, Path]
    outputs: Float32[np.ndarray, "samples ..."] | None
    maps: dict[str, Float32[np.ndarray, "kept ..."]]
    missed: tuple[str, ...]
    skipped: dict[str, str]
    nonfinite: str | None
    moments: dict[str, Moments]


def collection_of(state: PassState, plan: PassPlan) -> Collection:
    """Completes the files of a pass that went over all samples, and puts the figures together.

    Raises:
        InputError: A file cannot be written.
    """
    layers, skipped = state.summed_up, {**state.skipped, **_silent(state, plan)}
    kept = layers if plan.feature_limit else {}
    for address, layer in kept.items():
        file = FeatureFile(feature_path(plan.folder, address), plan.samples, layer.facts.features)
        file.fill(layer.written)
        file.close(keep=True)
    for address in skipped:
        feature_path(plan.folder, address).unlink(missing_ok=True)
    outputs = outputs_path(plan.folder)
    if not state.outputs.regular:
        outputs.unlink(missing_ok=True)
    return Collection(
        layers={address: layer.result() for address, layer in layers.items()},
        features={address: feature_path(plan.folder, address) for address in kept},
        outputs=np.load(outputs, mmap_mode="r") if state.outputs.regular else None,
        maps={address: layer.maps(plan.keep) for address, layer in layers.items()},
        missed=tuple(name for name in plan.names if name not in state.ran),
        skipped=skipped,
        nonfinite=state.nonfinite and state.nonfinite[1],
        moments={
            address: layer.covariance.result()
            for address, layer in layers.items()
            if plan.covariance
        },
    )


def _silent(state: PassState, plan: PassPlan) -> dict[str, str]:
    """Leaves out, aloud, what ran and returned nothing that holds a tensor."""
    heard = {layer_of(place, plan.names) for place in (*state.shapes, *state.obstacles)}
    silent = [name for name in plan.names if name in state.ran and name not in heard]
    for name in silent:
        say(f"Layer {name!r} is left out: {_NO_TENSOR}.")
    return dict.fromkeys(silent, _NO_TENSOR)
