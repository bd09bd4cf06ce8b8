"""What a pass knows of one layer: state that merges with that of other samples."""

from dataclasses import dataclass, field

import numpy as np
from jaxtyping import Float32

from cutaway.activations.feature_covariance import FeatureCovariance
from cutaway.activations.reducers import UnitReducer, UnitStatistics
from cutaway.activations.spans import Spans


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
class LayerFacts:
    """What does not change from sample to sample.

    Attributes:
        address: The layer's address.
        type: Class name of the module.
        parameters: How many parameters it has.
        shape: Shape of its output for one sample.
        axis: Which axis of `shape` counts units.
        grid: Side of the raster that maps are averaged over; 0 where the output is no map.
    """

    address: str
    type: str
    parameters: int
    shape: tuple[int, ...]
    axis: int
    grid: int

    @property
    def units(self) -> int:
        """How many units it has."""
        return self.shape[self.axis]

    @property
    def positions(self) -> int:
        """How many values a unit has in one sample."""
        return int(np.prod(self.shape)) // self.units

    @property
    def features(self) -> int:
        """How many features of a sample are written."""
        return self.units * max(self.grid, 1) ** 2


@dataclass
class LayerState:
    """One layer over some of the samples.

    Attributes:
        facts: What holds for every sample.
        seen: First sample of the batch in which it ran first, and its place among the calls then.
        reducer: Statistics of its units.
        kept: Whole activations by sample id.
        written: Which rows of its feature file hold something.
        covariance: How its features vary together, where that is summed up.
    """

    facts: LayerFacts
    seen: tuple[int, int]
    reducer: UnitReducer
    kept: dict[int, Float32[np.ndarray, "..."]] = field(default_factory=dict)
    written: Spans = field(default_factory=Spans)
    covariance: FeatureCovariance = field(default_factory=FeatureCovariance)

    @classmethod
    def of(cls, facts: LayerFacts, seen: tuple[int, int]) -> "LayerState":
        """A layer that has seen nothing yet."""
        return cls(facts, seen, UnitReducer(facts.units, facts.positions))

    def merge(self, other: "LayerState") -> None:
        """Takes in the same layer over other samples."""
        self.seen = min(self.seen, other.seen)
        self.reducer.merge(other.reducer)
        self.kept |= other.kept
        self.written.merge(other.written)
        self.covariance.merge(other.covariance)

    def result(self) -> LayerStatistics:
        """The statistics of everything that went by."""
        return LayerStatistics(
            **vars(self.reducer.result()),
            address=self.facts.address,
            type=self.facts.type,
            shape=self.facts.shape,
            parameters=self.facts.parameters,
        )

    def maps(self, keep: tuple[int, ...]) -> Float32[np.ndarray, "kept ..."]:
        """Whole activations of chosen samples; NaN where the layer did not run."""
        missing = np.full(self.facts.shape, np.nan, np.float32)
        rows = [self.kept.get(identity, missing) for identity in keep]
        return np.stack(rows) if rows else np.empty((0, *self.facts.shape), np.float32)
