"""From images in memory to what a network takes: size, channels and normalization."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import torch
from jaxtyping import Float
from torch.nn import functional

from cutaway.data.channels import scale_of, statistics_of
from cutaway.data.image_set import ImageSet
from cutaway.errors import InputError
from cutaway.progress import say

ORIGINS = ("checkpoint", "model", "given", "inferred")
LARGEST_SIDE = 4096


@dataclass(frozen=True)
class InputTransform:
    """Resizes (bilinear, antialiased), expands grey to RGB where asked, and normalizes a batch.

    Attributes:
        size: (height, width) in pixels; one integer stands for a square.
        mean: Mean of each channel, on the scale of `Images.tensor`: [0, 1] for bytes.
        std: Standard deviation of each channel, above 0.
        channels: Channels the network takes, 1 or 3.
        origin: Who said so: "checkpoint", "model", "given" or "inferred".

    Raises:
        InputError: A value is not what it should be.

    Example:
        >>> transform = InputTransform(size=32, mean=(0.5,), std=(0.25,), channels=1)
        >>> transform(torch.ones(2, 1, 8, 8)).shape, transform.size
        (torch.Size([2, 1, 32, 32]), (32, 32))
    """

    size: int | tuple[int, int]
    mean: tuple[float, ...]
    std: tuple[float, ...]
    channels: int
    origin: str = "given"

    def __post_init__(self) -> None:
        """Brings sizes and numbers to one form and checks them."""
        size = (self.size, self.size) if isinstance(self.size, int) else tuple(self.size)
        object.__setattr__(self, "size", size)
        object.__setattr__(self, "mean", tuple(float(value) for value in self.mean))
        object.__setattr__(self, "std", tuple(float(value) for value in self.std))
        self._require_valid()

    @property
    def height(self) -> int:
        """Height in pixels that the network takes."""
        return self.size if isinstance(self.size, int) else self.size[0]

    @property
    def width(self) -> int:
        """Width in pixels that the network takes."""
        return self.size if isinstance(self.size, int) else self.size[1]

    def __call__(
        self, images: Float[torch.Tensor, "samples given_channels given_height given_width"]
    ) -> Float[torch.Tensor, "samples channels height width"]:
        """Turns a batch from `Images.tensor` into a batch for the network, on the same device.

        Raises:
            InputError: The images have neither one channel nor as many as the network takes.
        """
        if images.shape[1] not in {1, self.channels}:
            raise InputError(
                f"images have {images.shape[1]} channels and the transform makes {self.channels}; "
                f"expected {self.channels} or 1. Convert the images to grey first"
            )
        if images.shape[2:] != (self.height, self.width):
            images = functional.interpolate(
                images, (self.height, self.width), mode="bilinear", antialias=True
            )
        mean, std = (
            torch.tensor(values, dtype=images.dtype, device=images.device).view(1, -1, 1, 1)
            for values in (self.mean, self.std)
        )
        # Grey becomes RGB by broadcasting against three means.
        return (images - mean) / std

    def to_dict(self) -> dict[str, Any]:
        """The transform as plain JSON values."""
        return {
            "size": [self.height, self.width],
            "mean": list(self.mean),
            "std": list(self.std),
            "channels": self.channels,
            "origin": self.origin,
        }

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> "InputTransform":
        """The transform that `to_dict` wrote; the values may come from anyone's file.

        Raises:
            InputError: A key is missing or unknown, or a value is not what it should be.

        Example:
            >>> transform = InputTransform(size=8, mean=(0.3,), std=(0.4,), channels=1)
            >>> InputTransform.from_dict(transform.to_dict()).size
            (8, 8)
        """
        expected = {"size", "mean", "std", "channels", "origin"}
        if not isinstance(values, Mapping) or set(values) != expected:
            got = sorted(map(str, values)) if isinstance(values, Mapping) else type(values).__name__
            raise InputError(f"transform holds {got}; expected the keys {sorted(expected)}")
        size = values["size"]
        return cls(
            size=_integer("size", size) if isinstance(size, int) else _pair(size),
            mean=_numbers("mean", values["mean"]),
            std=_numbers("std", values["std"]),
            channels=_integer("channels", values["channels"]),
            origin=_text("origin", values["origin"]),
        )

    def _require_valid(self) -> None:
        if not all(1 <= side <= LARGEST_SIDE for side in (self.height, self.width)):
            raise InputError(f"size={self.size!r}; expected sides from 1 to {LARGEST_SIDE} pixels")
        if self.channels not in {1, 3}:
            raise InputError(f"channels={self.channels!r}; expected 1 (grey) or 3 (RGB)")
        for name, numbers in (("mean", self.mean), ("std", self.std)):
            if len(numbers) != self.channels or not all(map(math.isfinite, numbers)):
                raise InputError(
                    f"{name}={numbers!r}; expected {self.channels} finite number(s), one a channel"
                )
        if min(self.std) <= 0:
            raise InputError(f"std={self.std!r}; expected numbers above 0")
        if self.origin not in ORIGINS:
            raise InputError(f"origin={self.origin!r}; expected one of {ORIGINS}")


def infer_transform(
    data: ImageSet, channels: int | None = None, size: int | tuple[int, int] | None = None
) -> InputTransform:
    """Measures a normalization on `data` and says so aloud.

    Args:
        data: The images to measure, best the training split.
        channels: Channels the network takes; by default those of `data`.
        size: (height, width) or side in pixels that the network takes; by default that of `data`.

    Returns:
        A transform with the mean and standard deviation of all pixels of each channel, before
        resizing; a channel without any spread is only centred.

    Raises:
        InputError: `data` has more channels than the network takes.
    """
    channels = data.channels if channels is None else channels
    if data.channels not in {1, channels}:
        raise InputError(
            f"{data.name!r} has {data.channels} channels and the network takes {channels}; "
            "convert the images to grey first"
        )
    statistics = statistics_of(*data.channel_moments, scale_of(data.dtype.name))
    repeats = channels // data.channels
    transform = InputTransform(
        size=data.shape[:2] if size is None else size,
        mean=statistics.mean * repeats,
        std=tuple(value if value > 0 else 1.0 for value in statistics.std) * repeats,
        channels=channels,
        origin="inferred",
    )
    say(_in_words(data, transform))
    return transform


def _in_words(data: ImageSet, transform: InputTransform) -> str:
    height, width, channels = data.shape
    steps = []
    if (height, width) != (transform.height, transform.width):
        steps.append(f"resized from {width}x{height} to {transform.width}x{transform.height}")
    if channels != transform.channels:
        steps.append("expanded from grey to RGB")
    mean, std = (
        ", ".join(f"{value:.4f}" for value in values) for values in (transform.mean, transform.std)
    )
    steps.append(f"normalized with the measured mean ({mean}) and standard deviation ({std})")
    part = "" if data.split is None else f" ({data.split})"
    return f"Input transform inferred from {data.name!r}{part}: images are {', '.join(steps)}."


def _integer(name: str, value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise InputError(f"{name}={value!r}; expected an integer")
    return value


def _pair(value: Any) -> tuple[int, int]:
    if not isinstance(value, list | tuple) or len(value) != 2:
        raise InputError(f"size={value!r}; expected [height, width] in pixels")
    return _integer("size", value[0]), _integer("size", value[1])


def _numbers(name: str, value: Any) -> tuple[float, ...]:
    if not isinstance(value, list | tuple) or not all(
        isinstance(number, int | float) and not isinstance(number, bool) for number in value
    ):
        raise InputError(f"{name}={value!r}; expected a list of numbers, one a channel")
    return tuple(float(number) for number in value)


def _text(name: str, value: Any) -> str:
    if not isinstance(value, str):
        raise InputError(f"{name}={value!r}; expected one of {ORIGINS}")
    return value
