"""A set of images in memory, with its labels, names and what was decided when it was read."""

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from jaxtyping import Float64, Int64

from cutaway.data.channels import image_moments
from cutaway.data.duplicates import digests
from cutaway.data.image_set import ImageSet, Pixels, Selection, Skipped
from cutaway.errors import InputError


@dataclass(frozen=True, eq=False, repr=False)
class Images(ImageSet):
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

    @property
    def shape(self) -> tuple[int, int, int]:
        """(height, width, channels) of every image."""
        _, height, width, channels = self.pixels.shape
        return height, width, channels

    @property
    def dtype(self) -> np.dtype:
        """Of the pixels: uint8 or float32."""
        return self.pixels.dtype

    @cached_property
    def digests(self) -> list[bytes]:
        """A 128-bit hash of each image's pixels."""
        return digests(self.pixels)

    @cached_property
    def channel_moments(
        self,
    ) -> tuple[Float64[np.ndarray, "samples channels"], Float64[np.ndarray, "samples channels"]]:
        """Mean and variance of each channel within each image, on the scale of the pixels."""
        return image_moments(self.pixels)

    @cached_property
    def value_range(self) -> tuple[float, float]:
        """The smallest and the largest value of all pixels."""
        return float(self.pixels.min()), float(self.pixels.max())

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
        fields = self._joined_fields(other)
        return replace(self, pixels=np.concatenate([self.pixels, other.pixels]), **fields)

    def _repr_html_(self) -> str:
        from cutaway.data.notebook import images_html

        return images_html(self)

    def _picked(self, indices: Selection | None) -> np.ndarray:
        return self.pixels if indices is None else self.pixels[self._rows(indices)]

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
