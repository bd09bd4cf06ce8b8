"""Summing up one layer over a stream of batches: its units, its features, its kept maps."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from jaxtyping import Float32, Float64, Int64, Shaped
from torch import Tensor, nn

from cutaway.capture.features import FeatureFile, feature_path, pooling_grid
from cutaway.capture.reducers import UnitReducer
from cutaway.capture.summary import SampleSummary, summarize

_UNITS_LAST = (nn.Linear, nn.Bilinear, nn.Embedding, nn.MultiheadAttention, nn.RNNBase)
_UNITS_FIRST = (nn.Conv1d, nn.ConvTranspose1d, nn.BatchNorm1d, nn.InstanceNorm1d, nn.MaxPool1d)


@dataclass(frozen=True)
class LayerStatistics:
    """What a layer's units did over a data set.

    Attributes:
        address: The layer's address, such as "block1.0" or "relu#1".
        type: Class name of the module.
        shape: Shape of its output for one sample.
        parameters: How many parameters it has, those of its children included.
        count: How many values of each unit went by: samples times positions.
        mean: Mean of these values; NaN where one was not finite.
        var: Their population variance; NaN where one was not finite.
        minimum: Smallest value, NaN left out.
        maximum: Largest value, NaN left out.
        active: Share of samples whose largest value exceeds 0.
        live: Share of all values above 0.
        top_values: Largest value in each of the nine samples that move the unit most, falling.
        top_ids: Ids of these samples; of equally high ones the lower id comes first. There are
            fewer than nine columns where there are fewer samples.
        nonfinite: In how many samples the unit had a value that is NaN or infinite.
    """

    address: str
    type: str
    shape: tuple[int, ...]
    parameters: int
    count: int
    mean: Float64[np.ndarray, " units"]
    var: Float64[np.ndarray, " units"]
    minimum: Float64[np.ndarray, " units"]
    maximum: Float64[np.ndarray, " units"]
    active: Float64[np.ndarray, " units"]
    live: Float64[np.ndarray, " units"]
    top_values: Float64[np.ndarray, "units top"]
    top_ids: Int64[np.ndarray, "units top"]
    nonfinite: Int64[np.ndarray, " units"]


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
        samples: How many samples will come.
        folder: Where its feature file goes.
        keep: Id of each sample whose whole activations are kept, and its row among them.
        feature_limit: Most features to keep of a sample of maps.
    """

    def __init__(
        self,
        address: str,
        module: nn.Module,
        shape: tuple[int, ...],
        *,
        samples: int,
        folder: Path,
        keep: Mapping[int, int],
        feature_limit: int,
    ) -> None:
        self.address = address
        self.shape = shape
        self.axis = unit_axis(module, shape)
        self._type = type(module).__name__
        self._parameters = sum(parameter.numel() for parameter in module.parameters())
        self._is_maps = len(shape) == 3 and self.axis == 0
        self.grid = pooling_grid(shape, feature_limit) if self._is_maps else 0
        units = shape[self.axis]
        self._reducer = UnitReducer(units, int(np.prod(shape)) // units)
        features = units * self.grid**2 if self._is_maps else units
        self._file = FeatureFile(feature_path(folder, address), samples, features)
        self._keep = keep
        self.maps: Float32[np.ndarray, "kept ..."] = np.full((len(keep), *shape), np.nan, "f4")

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
        for identity, row in self._keep.items():
            if first_id <= identity < first_id + len(values):
                self.maps[row] = values[identity - first_id].float().cpu().numpy()

    def result(self) -> LayerStatistics:
        """The statistics of everything that went by."""
        figures = self._reducer.result()
        return LayerStatistics(self.address, self._type, self.shape, self._parameters, *figures)

    def close(self, *, keep: bool) -> None:
        """Ends the feature file; where it is not to be kept it is removed."""
        self._file.close(keep=keep)
