"""A set of images in memory, with its labels, names and what was decided when it was read."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import torch
from jaxtyping import Float32, Int64, UInt8

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


@dataclass(frozen=True, eq=False, repr=False)
class Images:
    """A set of images, all of one size, as `load_data` returns it. It does not change.

    Attributes:
        pixels: UInt8 (n, height, width, channels), or Float32 where floats were given.
        labels: Int64 (n,), from 0; None where the set has no labels.
        class_names: The name of each class, at least `labels.max() + 1`; None where there are none.
        name: What the set is called, such as "digits".
        split: "train", "test" or another part's name; None for a whole set.
        sources: Where each image comes from: a file name, or "digits/17".
        skipped: Images that were left out, each with its reason.
        remarks: What was decided on reading: resized, converted, skipped.

    Raises:
        InputError: Lengths differ, no image, neither 1 nor 3 channels, labels outside the classes.

    Example:
        >>> pixels = np.zeros((2, 4, 4, 1), np.uint8)
        >>> Images(pixels, np.array([0, 1]), ("cat", "dog"), "pets", None, ("a.png", "b.png"))
        <Images 'pets': 2 grey images of 4x4 pixels, 2 classes>
    """

    pixels: Pixels
    labels: Int64[np.ndarray, " labelled"] | None
    class_names: tuple[str, ...] | None
    name: str
    split: str | None
    sources: tuple[str, ...]
    skipped: tuple[Skipped, ...] = ()
    remarks: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Checks that the parts fit each other, and locks the arrays."""
        self._require_consistent()
        for field in ("pixels", "labels"):
            array = getattr(self, field)
            if array is not None:
                frozen = array.view()
                frozen.flags.writeable = False
                object.__setattr__(self, field, frozen)

    def __len__(self) -> int:
        """Number of images."""
        return len(self.pixels)

    def __repr__(self) -> str:
        """One line: name, split, how many of what."""
        split = "" if self.split is None else f" ({self.split})"
        count = self.class_count
        classes = f"{count} class{'es' * (count != 1)}" if count else "no labels"
        return f"<Images {self.name!r}{split}: {self.shape_in_words()}, {classes}>"

    @property
    def channels(self) -> int:
        """1 for grey images, 3 for RGB."""
        return int(self.pixels.shape[3])

    @property
    def class_count(self) -> int:
        """How many classes there are, also those without a sample; 0 where there are no labels."""
        if self.labels is None:
            return 0
        return len(self.class_names) if self.class_names else int(self.labels.max()) + 1

    @cached_property
    def fingerprint(self) -> str:
        """The sha256 of pixels, labels and class names, in hexadecimal."""
        digest = hashlib.sha256()
        digest.update(f"{self.pixels.dtype.str} {self.pixels.shape} {self.class_names}".encode())
        digest.update(np.ascontiguousarray(self.pixels).data)
        if self.labels is not None:
            digest.update(np.ascontiguousarray(self.labels).data)
        return digest.hexdigest()

    def select(self, indices: Selection) -> "Images":
        """The images at `indices`, in that order: integers, a slice or a boolean mask.

        Raises:
            InputError: An index is outside the set, or none is chosen.
        """
        rows = self._rows(indices)
        return replace(
            self,
            pixels=self.pixels[rows],
            labels=None if self.labels is None else self.labels[rows],
            sources=tuple(self.sources[row] for row in rows),
        )

    def join(self, other: "Images") -> "Images":
        """These images and then those of `other`, as one set without a split.

        Raises:
            InputError: The two differ in size, channels, value type, classes or in being labelled.
        """
        self._require_joinable(other)
        labels = None
        if self.labels is not None and other.labels is not None:
            labels = np.concatenate([self.labels, other.labels])
        return replace(
            self,
            pixels=np.concatenate([self.pixels, other.pixels]),
            labels=labels,
            split=self.split if self.split == other.split else None,
            sources=self.sources + other.sources,
            skipped=self.skipped + other.skipped,
            remarks=self.remarks + tuple(r for r in other.remarks if r not in self.remarks),
        )

    def tensor(
        self, indices: Selection | None = None
    ) -> Float32[torch.Tensor, "picked channels height width"]:
        """The images as a network takes them; bytes are scaled to [0, 1], floats stay as they are.

        Example:
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

    @cached_property
    def value_range(self) -> tuple[float, float]:
        """The smallest and the largest value of all pixels."""
        return float(self.pixels.min()), float(self.pixels.max())

    def shape_in_words(self) -> str:
        """Count, mode and size, such as "1,797 grey images of 8x8 pixels" (width x height)."""
        count, height, width, channels = self.pixels.shape
        mode = "grey" if channels == 1 else "RGB"
        return f"{count:,} {mode} image{'s' * (count != 1)} of {width}x{height} pixels"

    def _repr_html_(self) -> str:
        from cutaway.data.notebook import images_html

        return images_html(self)

    def _picked(self, indices: Selection | None) -> np.ndarray:
        return self.pixels if indices is None else self.pixels[self._rows(indices)]

    def _rows(self, indices: Selection) -> np.ndarray:
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

    def _require_consistent(self) -> None:
        count, _, _, channels = self.pixels.shape
        if self.pixels.size == 0:
            raise InputError(
                f"pixels have the shape {self.pixels.shape}; expected at least one image"
            )
        if channels not in {1, 3}:
            raise InputError(f"{self.name!r} has {channels} channels; expected 1 (grey) or 3 (RGB)")
        if len(self.sources) != count:
            raise InputError(
                f"{count} images and {len(self.sources)} sources; expected equal counts"
            )
        if self.labels is not None:
            self._require_labels_fit(self.labels)

    def _require_labels_fit(self, labels: np.ndarray) -> None:
        if len(labels) != len(self.pixels):
            raise InputError(
                f"{len(self.pixels)} images and {len(labels)} labels; expected one label an image"
            )
        if labels.min() < 0:
            raise InputError(
                f"labels hold {labels.min()}; expected integers from 0. "
                "Leave out samples without a label, or give images alone"
            )
        if self.class_names is not None and labels.max() >= len(self.class_names):
            raise InputError(
                f"labels run up to {labels.max()}, and {len(self.class_names)} classes have a "
                "name; expected a name for every class"
            )

    def _require_joinable(self, other: "Images") -> None:
        for what, mine, theirs in (
            ("image shape", self.pixels.shape[1:], other.pixels.shape[1:]),
            ("value type", self.pixels.dtype, other.pixels.dtype),
            ("class names", self.class_names, other.class_names),
            ("labels", self.labels is not None, other.labels is not None),
        ):
            if mine != theirs:
                raise InputError(
                    f"{self.name!r} and {other.name!r} cannot be joined: {what} {mine} "
                    f"and {theirs} differ; expected the same"
                )
