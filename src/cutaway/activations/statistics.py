"""Summing up one layer over a stream of batches: its units, its features, its kept maps."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from jaxtyping import Float32, Shaped
from torch import Tensor, nn

from cutaway.activations.features import FeatureFile, feature_path, pooling_grid
from cutaway.activations.reducers import UnitReducer, UnitStatistics
from cutaway.activations.summary import SampleSummary, summarize

_UNITS_LAST = (nn.Linear, nn.Bilinear, nn.Embedding, nn.MultiheadAttention, nn.RNNBase)
_UNITS_FIRST = (nn.Conv1d, nn.ConvTranspose1d, nn.BatchNorm1d, nn.InstanceNorm1d, nn.MaxPool1d)


@dataclass(frozen=True)
class LayerStatistics(UnitStatistics):
    """What a layer's units did over a data set: `UnitStatistics`, and which layer it is.

    Attributes:
        address: The layer's address, such as "block1.0" or "relu#1".
        type: Class name of the module.
        shape: Shape of its output for one sample.
        parameters: How many parameters it has, those of its children included.
    """

    address: str
    type: str
    shape: tuple[int, ...]
    parameters: int


@dataclass(frozen=True)
class PassPlan:
    """What a pass over data keeps.

    Attributes:
        samples: How many samples will come.
        folder: Where feature files go.
        keep: Ids of the samples whose whole activations are kept.
        feature_limit: Most features to keep of a sample of maps.
    """

    samples: int
    folder: Path
    keep: tuple[int, ...]
    feature_limit: int


def unit_axis(module: nn.Module, shape: tuple[int, ...]) -> int:
    """Which axis of a sample's output counts units: channels of maps, features of tokens.

    Example:
        >>> unit_axis(nn.Conv2d(3, 8, 3), (8, 30, 30)), unit_axis(nn.Linear(4, 8), (16, 8))
        (0, 1)
    """
    last = len(shape) - 1
    if type(module) is nn.LayerNorm or isinstance(module, _UNITS_LAST):
        return last
    if len(shape) == 2 and not isinstance(module, _UNITS_FIRST):
        return last
    return 0


class LayerRecord:
    """Takes in one layer's output batch by batch.

    Args:
        address: The layer's address.
        module: The layer.
        shape: Shape of its output for one sample.
        plan: What the pass keeps.
    """

    def __init__(
        self, address: str, module: nn.Module, shape: tuple[int, ...], plan: PassPlan
    ) -> None:
        self.address = address
        self.shape = shape
        self.axis = unit_axis(module, shape)
        self._type = type(module).__name__
        self._parameters = sum(parameter.numel() for parameter in module.parameters())
        self._is_maps = len(shape) == 3 and self.axis == 0
        self.grid = pooling_grid(shape, plan.feature_limit) if self._is_maps else 0
        units = shape[self.axis]
        self._reducer = UnitReducer(units, int(np.prod(shape)) // units)
        features = units * self.grid**2 if self._is_maps else units
        self._file = FeatureFile(feature_path(plan.folder, address), plan.samples, features)
        self._keep = plan.keep
        self.maps: Float32[np.ndarray, "kept ..."] = np.full((len(plan.keep), *shape), np.nan, "f4")

    @property
    def path(self) -> Path:
        """Its feature file."""
        return self._file.path

    def digest(
        self, values: Shaped[Tensor, "samples *shape"]
    ) -> tuple[SampleSummary, Float32[np.ndarray, "samples features"]]:
        """The summary of a batch and its features: maps pooled, positions of tokens averaged."""
        summary, pooled = summarize(values, self.axis, self.grid)
        if pooled is None:
            pooled = summary.total / summary.positions
        return summary, pooled.astype(np.float32, copy=False)

    def update(
        self,
        values: Shaped[Tensor, "samples *shape"],
        digest: tuple[SampleSummary, Float32[np.ndarray, "samples features"]],
        first_id: int,
    ) -> None:
        """Takes in a batch, whose samples have the ids from `first_id` on, and its digest."""
        summary, features = digest
        self._reducer.update(summary, first_id)
        self._file.write(first_id, features)
        for row, identity in enumerate(self._keep):
            if first_id <= identity < first_id + len(values):
                self.maps[row] = values[identity - first_id].float().cpu().numpy()

    def result(self) -> LayerStatistics:
        """The statistics of everything that went by."""
        return LayerStatistics(
            **vars(self._reducer.result()),
            address=self.address,
            type=self._type,
            shape=self.shape,
            parameters=self._parameters,
        )

    def close(self, *, keep: bool) -> None:
        """Ends the feature file; where it is not to be kept it is removed."""
        self._file.close(keep=keep)
