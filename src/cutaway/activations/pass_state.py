"""What a pass over some of the samples knows: plain state that merges in any order."""

from dataclasses import dataclass, field
from pathlib import Path

from cutaway.activations.layer_state import LayerState
from cutaway.activations.spans import Spans

Moment = tuple[int, int]
"""First sample of a batch, and the number of the call within it: what orders events of a pass."""


@dataclass(frozen=True)
class PassPlan:
    """What a pass over data is to do.

    Attributes:
        names: Layers to sum up, as `select_layers` gives them.
        samples: How many samples there are.
        folder: Where outputs and feature files go.
        keep: Ids of the samples whose whole activations are kept.
        feature_limit: Most features to keep of a sample of maps; 0 writes no feature files.
        covariance: Whether to sum up how the features of each layer vary together.
    """

    names: tuple[str, ...]
    samples: int
    folder: Path
    keep: tuple[int, ...] = ()
    feature_limit: int = 1024
    covariance: bool = False


@dataclass
class OutputState:
    """What the network returned: whether it had a row a sample, always of one shape.

    Attributes:
        shape: Of a sample's row; None before the first.
        regular: False from the first output on that has no such rows.
    """

    shape: tuple[int, ...] | None = None
    regular: bool = True

    def see(self, shape: tuple[int, ...] | None) -> bool:
        """Notes the shape of further rows, None where there are none, and tells if all agree."""
        known = self.shape in {None, shape}
        self.regular &= shape is not None and known
        self.shape = self.shape if shape is None or not known else shape
        return self.regular

    def merge(self, other: "OutputState") -> None:
        """Takes in the outputs of other samples."""
        self.regular &= other.regular
        if other.shape is not None:
            self.see(other.shape)


@dataclass
class PassState:
    """What is known of the samples that went by.

    States of different samples merge in any order and grouping to that of all of them, to the last
    bit, and are plain: numbers, names and arrays.

    Attributes:
        done: Which samples went by.
        layers: Layers by address, those left out among them for as long as they could be summed up.
        shapes: For each address the shapes that it gave, each with when first; two at most.
        obstacles: For each address that could not be summed up when first, and why.
        ran: Names of the layers that were called.
        nonfinite: The first layer that gave NaN or infinite values, with when; None if none did.
        outputs: What the network returned.
    """

    done: Spans = field(default_factory=Spans)
    layers: dict[str, LayerState] = field(default_factory=dict)
    shapes: dict[str, dict[tuple[int, ...], Moment]] = field(default_factory=dict)
    obstacles: dict[str, tuple[Moment, str]] = field(default_factory=dict)
    ran: set[str] = field(default_factory=set)
    nonfinite: tuple[Moment, str] | None = None
    outputs: OutputState = field(default_factory=OutputState)

    def merge(self, other: "PassState") -> None:
        """Takes in the state of other samples, which is used up by that."""
        self.done.merge(other.done)
        self.ran |= other.ran
        self.outputs.merge(other.outputs)
        if other.nonfinite is not None:
            self.nonfinite = min(self.nonfinite or other.nonfinite, other.nonfinite)
        for address, obstacle in other.obstacles.items():
            self.obstacles[address] = min(self.obstacles.get(address, obstacle), obstacle)
        for address, shapes in other.shapes.items():
            for shape, moment in shapes.items():
                self.see(address, shape, moment)
        for address, layer in other.layers.items():
            self._merge_layer(address, layer)

    def _merge_layer(self, address: str, layer: LayerState) -> None:
        own = self.layers.get(address)
        if own is None:
            self.layers[address] = layer
        elif own.facts == layer.facts:
            own.merge(layer)

    def see(self, address: str, shape: tuple[int, ...], moment: Moment) -> None:
        """Notes that a layer gave an output of a shape."""
        shapes = self.shapes.setdefault(address, {})
        shapes[shape] = min(shapes.get(shape, moment), moment)
        first_two = sorted(shapes.items(), key=lambda item: item[1])[:2]
        self.shapes[address] = dict(first_two)

    @property
    def skipped(self) -> dict[str, str]:
        """Addresses that cannot be summed up, each with what stood in the way first."""
        found = dict(self.obstacles)
        for address, shapes in self.shapes.items():
            if len(shapes) > 1:
                (first, _), (second, moment) = shapes.items()
                varies = (moment, f"its output's shape varies: {first}, then {second}")
                found[address] = min(found.get(address, varies), varies)
        order = sorted(found.items(), key=lambda item: item[1][0])
        return {address: reason for address, (_, reason) in order}

    @property
    def summed_up(self) -> dict[str, LayerState]:
        """The layers that could be summed up, in order of execution."""
        skipped = self.skipped
        return {
            address: layer
            for address, layer in sorted(self.layers.items(), key=lambda item: item[1].seen)
            if address not in skipped
        }
