"""What can be asked of a set of images of one size, wherever its pixels lie."""

import hashlib
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import torch
from jaxtyping import Float32, Float64, Int64, UInt8

from cutaway.errors import InputError

Pixels = (
    UInt8[np.ndarray, "samples height width channels"]
    | Float32[np.ndarray, "samples height width channels"]
)
Selection = Sequence[int] | Sequence[np.integer] | np.ndarray | torch.Tensor | slice


@dataclass(frozen=True)
class Skipped:
    """An image that was left out, and why."""

    source: str
    reason: str


class ImageSet(ABC):
    """A set of images of one size that does not change: `Images` in memory, or `StreamedImages`.

    Attributes:
        labels: Int64 (n,), from 0; None where the set has no labels.
        class_names: The name of each class; None where there are none.
        name: What the set is called, such as "digits".
        split: "train", "test" or another part's name; None for a whole set.
        sources: Where each image comes from: a file name, or "digits/17".
        skipped: Images that were left out, each with its reason.
        remarks: What was decided on reading: resized, converted, skipped.
    """

    labels: Int64[np.ndarray, " labelled"] | None
    class_names: tuple[str, ...] | None
    name: str
    split: str | None
    sources: tuple[str, ...]
    skipped: tuple[Skipped, ...]
    remarks: tuple[str, ...]

    @property
    @abstractmethod
    def shape(self) -> tuple[int, int, int]:
        """(height, width, channels) of every image."""

    @property
    @abstractmethod
    def dtype(self) -> np.dtype:
        """Of the pixels: uint8 or float32."""

    @property
    @abstractmethod
    def digests(self) -> list[bytes]:
        """A 128-bit hash of each image's pixels."""

    @property
    @abstractmethod
    def channel_moments(
        self,
    ) -> tuple[Float64[np.ndarray, "samples channels"], Float64[np.ndarray, "samples channels"]]:
        """Mean and variance of each channel within each image, on the scale of the pixels."""

    @property
    @abstractmethod
    def value_range(self) -> tuple[float, float]:
        """The smallest and the largest value of all pixels."""

    @abstractmethod
    def select(self, indices: Selection) -> "ImageSet":
        """The images at `indices`, in that order: integers, a slice or a boolean mask."""

    @abstractmethod
    def join(self, other: Any) -> "ImageSet":
        """These images and then those of `other`, as one set without a split."""

    @abstractmethod
    def _picked(self, indices: Selection | None) -> Pixels:
        """Pixels of the images at `indices`, which may be those of the set itself."""

    def __len__(self) -> int:
        """Number of images."""
        return len(self.sources)

    def __repr__(self) -> str:
        """One line: name, split, how many of what."""
        split = "" if self.split is None else f" ({self.split})"
        count = self.class_count
        classes = f"{count} class{'es' * (count != 1)}" if count else "no labels"
        kind = type(self).__name__
        return f"<{kind} {self.name!r}{split}: {self.shape_in_words()}, {classes}>"

    @property
    def channels(self) -> int:
        """1 for grey images, 3 for RGB."""
        return self.shape[2]

    @property
    def class_count(self) -> int:
        """How many classes there are, also those without a sample; 0 where there are no labels."""
        if self.labels is None:
            return 0
        return len(self.class_names) if self.class_names else int(self.labels.max()) + 1

    @cached_property
    def fingerprint(self) -> str:
        """The sha256 of all images' hashes, labels and class names, in hexadecimal."""
        digest = hashlib.sha256()
        shape = (len(self), *self.shape)
        digest.update(f"{self.dtype.str} {shape} {self.class_names}".encode())
        for image in self.digests:
            digest.update(image)
        if self.labels is not None:
            digest.update(np.ascontiguousarray(self.labels).data)
        return digest.hexdigest()

    def tensor(
        self, indices: Selection | None = None
    ) -> Float32[torch.Tensor, "picked channels height width"]:
        """The images as a network takes them; bytes are scaled to [0, 1], floats stay as they are.

        Example:
            >>> from cutaway.data import Images
            >>> pixels = np.full((2, 4, 5, 3), 255, np.uint8)
            >>> images = Images(pixels, None, None, "white", None, ("a", "b"))
            >>> images.tensor([1]).shape, images.tensor().max().item()
            (torch.Size([1, 3, 4, 5]), 1.0)
        """
        planes = self._picked(indices).transpose(0, 3, 1, 2)
        values = torch.from_numpy(np.array(planes, order="C"))
        return values.float().div_(255) if values.dtype == torch.uint8 else values

    def display(
        self, indices: Selection | None = None
    ) -> UInt8[np.ndarray, "picked height width channels"]:
        """The images as pictures, bytes from 0 to 255.

        Floats in [0, 1] are scaled to bytes; a set with floats outside that is scaled by its
        smallest and largest value.
        """
        picked = self._picked(indices)
        if picked.dtype == np.uint8:
            return np.array(picked)
        low, high = self.value_range
        if low >= 0 and high <= 1:
            low, high = 0.0, 1.0
        return np.rint((picked.astype(np.float64) - low) * (255 / (high - low))).astype(np.uint8)

    def shape_in_words(self) -> str:
        """Count, mode and size, such as "1,797 grey images of 8x8 pixels" (width x height)."""
        height, width, channels = self.shape
        mode = "grey" if channels == 1 else "RGB"
        return f"{len(self):,} {mode} image{'s' * (len(self) != 1)} of {width}x{height} pixels"

    def _rows(self, indices: Selection) -> Int64[np.ndarray, " picked"]:
        if isinstance(indices, torch.Tensor):
            indices = indices.numpy(force=True)
        if not isinstance(indices, slice) and len(indices) == 0:
            indices = np.empty(0, np.int64)
        try:
            return np.atleast_1d(np.arange(len(self))[indices])
        except IndexError as error:
            raise InputError(
                f"indices do not fit {self!r} ({error}); expected integers from 0 to "
                f"{len(self) - 1}, a slice or a boolean mask of {len(self)}"
            ) from error

    def _require_joinable(self, other: "ImageSet") -> None:
        for what, mine, theirs in (
            ("image shape", self.shape, other.shape),
            ("value type", self.dtype, other.dtype),
            ("class names", self.class_names, other.class_names),
            ("labels", self.labels is not None, other.labels is not None),
        ):
            if mine != theirs:
                raise InputError(
                    f"{self.name!r} and {other.name!r} cannot be joined: {what} {mine} "
                    f"and {theirs} differ; expected the same"
                )

    def _joined_fields(self, other: "ImageSet") -> dict[str, Any]:
        """What a joined set has beside pixels and class names."""
        self._require_joinable(other)
        labels = None
        if self.labels is not None and other.labels is not None:
            labels = np.concatenate([self.labels, other.labels])
        return {
            "labels": labels,
            "split": self.split if self.split == other.split else None,
            "sources": self.sources + other.sources,
            "skipped": self.skipped + other.skipped,
            "remarks": self.remarks + tuple(r for r in other.remarks if r not in self.remarks),
        }
