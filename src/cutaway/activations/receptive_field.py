"""Which part of an image each position of a layer sees."""

from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Bool, Int64
from torch import Tensor, nn

from cutaway.activations.hooks import capture
from cutaway.activations.layers import Layers
from cutaway.activations.modes import evaluating

PROBES = 64
"""An axis of more pixels is probed in so many bands, and fields are known to a band's width."""

_BATCH = 16


@dataclass(frozen=True)
class ReceptiveField:
    """The part of the input that each position of a layer depends on, clipped to the image.

    Attributes:
        rows: For each row of positions, the first row of pixels and the one after the last.
        columns: The same for columns.
    """

    rows: Int64[np.ndarray, "height 2"]
    columns: Int64[np.ndarray, "width 2"]

    @property
    def side(self) -> int:
        """The longest side of any position's part, in pixels."""
        return int(max(np.diff(self.rows).max(), np.diff(self.columns).max()))

    def box(self, position: int) -> tuple[int, int, int, int]:
        """Top, left, bottom and right of what a position sees, counted along rows of positions.

        Example:
            >>> spans = np.array([[0, 3], [2, 5]])
            >>> ReceptiveField(spans, spans).box(1)
            (0, 2, 3, 5)
        """
        row, column = divmod(position, len(self.columns))
        (top, bottom), (left, right) = self.rows[row].tolist(), self.columns[column].tolist()
        return top, left, bottom, right


def receptive_fields(
    model: nn.Module,
    shape: tuple[int, int, int],
    layers: Layers = None,
    *,
    device: torch.device | None = None,
) -> dict[str, ReceptiveField]:
    """Finds out what every position of every layer depends on, whatever the network is made of.

    A row of pixels that is not a number makes all that depends on it not a number: so one forward
    pass for each row and each column of the image tells the receptive fields of all layers at once,
    exactly, also where weights are zero, units rest, or paths of different length meet. A map's
    position that sees the whole image (after global pooling or attention) has the whole image.

    Args:
        model: Any network; it runs in eval mode.
        shape: Channels, height and width of an input.
        layers: As `capture` takes them.
        device: Where to run.

    Returns:
        From address to receptive field, for layers of maps (channels, height, width) and of
        vectors, which count as one position. A layer that hides what is not a number is left out,
        and so is every one where the network refuses such images.

    Source: fields of any network by what depends on what, in place of the arithmetic of A. Araujo,
    W. Norris and J. Sim, Computing Receptive Fields of Convolutional Neural Networks (2019),
    https://doi.org/10.23915/distill.00021.

    Example:
        >>> model = nn.Sequential(nn.Conv2d(1, 2, 3), nn.MaxPool2d(2))
        >>> receptive_fields(model, (1, 8, 8))["1"].box(0)
        (0, 0, 4, 4)
    """
    _, height, width = shape
    try:
        with evaluating(model, device or torch.device("cpu")):
            down, rows = _probed(model, shape, 1, layers, device)
            across, columns = _probed(model, shape, 2, layers, device)
    except (RuntimeError, ValueError, TypeError, ArithmeticError):
        return {}
    found = {}
    for address in down.keys() & across.keys():
        spans = (_spans(down[address], rows, 1), _spans(across[address], columns, 2))
        if spans[0] is not None and spans[1] is not None:
            found[address] = ReceptiveField(
                np.minimum(spans[0], height), np.minimum(spans[1], width)
            )
    return {address: found[address] for address in down if address in found}


def _probed(
    model: nn.Module,
    shape: tuple[int, int, int],
    axis: int,
    layers: Layers,
    device: torch.device | None,
) -> tuple[dict[str, Bool[np.ndarray, "probes height width"]], Int64[np.ndarray, " bounds"]]:
    """For each probe of an axis, where each layer's maps depend on it; and the probes' bounds."""
    band = -(-shape[axis] // PROBES)
    bounds = np.arange(0, shape[axis] + band, band).clip(max=shape[axis])
    probes = len(bounds) - 1
    reached: dict[str, list[Bool[np.ndarray, "batch height width"]]] = {}
    for first in range(0, probes, _BATCH):
        numbers = range(first, min(first + _BATCH, probes))
        images = torch.zeros(len(numbers), *shape)
        for row, probe in enumerate(numbers):
            images[row].narrow(axis, int(bounds[probe]), int(bounds[probe + 1] - bounds[probe]))[
                ...
            ] = torch.nan
        with capture(model, layers, reduce=_broken) as captured:
            model(images if device is None else images.to(device))
        for address, broken in captured.items():
            if broken.ndim == 3 and len(broken) == len(numbers):
                reached.setdefault(address, []).append(broken.cpu().numpy())
    return {address: np.concatenate(parts) for address, parts in reached.items()}, bounds


def _broken(values: Tensor) -> Tensor:
    """Where any channel is not a number; a vector is one position."""
    if values.ndim == 4:
        return values.isnan().any(dim=1)
    return values.isnan().any(dim=1)[:, None, None] if values.ndim == 2 else values.new_empty(0)


def _spans(
    reached: Bool[np.ndarray, "probes height width"],
    bounds: Int64[np.ndarray, " bounds"],
    axis: int,
) -> Int64[np.ndarray, "positions 2"] | None:
    """From the first pixel to the one after the last that reaches each row, or column, of maps."""
    seen = np.asarray(reached.any(axis=3 - axis))
    if not seen.any(axis=0).all():
        return None
    first = seen.argmax(axis=0)
    last = len(seen) - seen[::-1].argmax(axis=0)
    return np.stack([bounds[first], bounds[last]], axis=1).astype(np.int64)
