"""What is counted of images as they go by: one pass, and parts of a set merge."""

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np
from jaxtyping import Float64, Int64, UInt8

from cutaway.data.channels import ChannelStatistics, scale_of, statistics_of
from cutaway.data.image_set import Skipped
from cutaway.data.images import Images
from cutaway.data.near import MOST_IMAGES
from cutaway.data.signatures import signatures
from cutaway.errors import InputError


@dataclass(frozen=True)
class Kind:
    """What all images of a set have in common.

    Attributes:
        name: What the set is called.
        split: Its part, or None.
        shape: (height, width, channels).
        dtype: "uint8" or "float32".
        class_names: The name of each class, or None.
    """

    name: str
    split: str | None
    shape: tuple[int, int, int]
    dtype: str
    class_names: tuple[str, ...] | None

    @classmethod
    def of(cls, images: Images) -> "Kind":
        """What the images of a set have in common."""
        shape, dtype = images.shape, images.dtype.name
        return cls(images.name, images.split, shape, dtype, images.class_names)


@dataclass
class Census:
    """What is kept of the images counted so far: about a kilobyte each, and sums a class.

    Parts of a set can be counted apart, also on other machines, and merged: the merged census
    equals that of the whole in order, but for the last digits of mean images where pixels are
    floats.

    Attributes:
        kind: Name, shape and classes; None before the first image.
        low: Smallest value of all pixels.
        high: Largest value of all pixels.
        sources: Where each image comes from.
        digests: A hash of each image.
        labels: The label of each image; empty where there are none.
        sums: Sum of the images of each class, (classes, height, width, channels), and zeros for
            classes that may come yet.
        skipped: Images that were left out.
        remarks: What was decided on reading.
        thumbnails: Data URIs of a few images of the first part.
        means: Mean of each image's channels, in parts.
        variances: Variance of each image's channels, in parts.

    Example:
        >>> from cutaway.data import load_data
        >>> digits = load_data("digits")
        >>> parts = Census().add(digits.select(slice(0, 900))), Census().add(
        ...     digits.select(slice(900, None))
        ... )
        >>> parts[0].merge(parts[1]).statistics == Census().add(digits).statistics
        True
    """

    kind: Kind | None = None
    low: float = float("inf")
    high: float = float("-inf")
    sources: list[str] = field(default_factory=list)
    digests: list[bytes] = field(default_factory=list)
    labels: list[int] = field(default_factory=list)
    sums: np.ndarray = field(default_factory=lambda: np.zeros(0))
    skipped: list[Skipped] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    thumbnails: tuple[str, ...] = ()
    means: list[np.ndarray] = field(default_factory=list)
    variances: list[np.ndarray] = field(default_factory=list)
    _signatures: list[np.ndarray] = field(default_factory=list)

    def __len__(self) -> int:
        """Number of images counted."""
        return len(self.sources)

    def add(self, images: Images) -> "Census":
        """Counts more images of the set; returns the census itself.

        Raises:
            InputError: They differ from those before in size, channels, value type or classes.
        """
        from cutaway.data.notebook import thumbnails

        self._require(Kind.of(images), images.labels is not None)
        self.thumbnails = self.thumbnails or thumbnails(images)
        self.low = min(self.low, images.value_range[0])
        self.high = max(self.high, images.value_range[1])
        means, variances = images.channel_moments
        self.means.append(means)
        self.variances.append(variances)
        self._signatures.append(signatures(images.pixels[: max(MOST_IMAGES - len(self), 0)]))
        self.sources += images.sources
        self.digests += images.digests
        self.labels += [] if images.labels is None else images.labels.tolist()
        self._count_sums(images)
        self.skipped += images.skipped
        self._note(images.remarks)
        return self

    def merge(self, other: "Census") -> "Census":
        """Counts what another census counted; returns the census itself.

        Raises:
            InputError: The two are of sets that differ in size, channels, value type or classes.
        """
        if other.kind is None:
            return self
        self._require(other.kind, bool(other.labels))
        room = max(MOST_IMAGES - len(self), 0)
        self._signatures.append(other.signatures[:room])
        self.thumbnails = self.thumbnails or other.thumbnails
        self.low, self.high = min(self.low, other.low), max(self.high, other.high)
        self.means += other.means
        self.variances += other.variances
        self.sources += other.sources
        self.digests += other.digests
        self.labels += other.labels
        self._grow_sums(len(other.sums), other.sums)
        self.sums[: len(other.sums)] += other.sums
        self.skipped += other.skipped
        self._note(other.remarks)
        return self

    @property
    def statistics(self) -> ChannelStatistics:
        """Mean and deviations of each channel."""
        scale = scale_of(self.known.dtype)
        return statistics_of(np.concatenate(self.means), np.concatenate(self.variances), scale)

    @property
    def signatures(self) -> UInt8[np.ndarray, "compared numbers"]:
        """Signatures of the first images, as many as are compared for near duplicates."""
        numbers = self._signatures[0].shape[1] if self._signatures else 0
        return np.concatenate([np.empty((0, numbers), np.uint8), *self._signatures])

    @property
    def counts(self) -> Int64[np.ndarray, " classes"] | None:
        """Images of each class; None where there are no labels."""
        if not self.labels:
            return None
        names = self.known.class_names
        return np.bincount(np.array(self.labels), minlength=len(names) if names else 0)

    @property
    def mean_images(self) -> Float64[np.ndarray, "classes height width channels"]:
        """The mean image of each class, bytes scaled to [0, 1]; one of all without labels."""
        counts = np.array([len(self)]) if self.counts is None else self.counts
        scale = scale_of(self.known.dtype)
        sums = self.sums[: len(counts)].astype(np.float64)
        return sums / (np.maximum(counts, 1) * scale)[:, None, None, None]

    @property
    def known(self) -> Kind:
        """What all images have in common.

        Raises:
            InputError: No image was counted.
        """
        if self.kind is None:
            raise InputError("no image was counted; expected at least one")
        return self.kind

    def _require(self, kind: Kind, labelled: bool) -> None:
        if self.kind is None:
            self.kind = kind
            return
        for what, mine, theirs in (
            ("shape", self.kind.shape, kind.shape),
            ("value type", self.kind.dtype, kind.dtype),
            ("class names", self.kind.class_names, kind.class_names),
            ("labels", bool(self.labels), labelled),
        ):
            if mine != theirs:
                raise InputError(
                    f"{self.kind.name!r} and {kind.name!r} cannot be counted together: {what} "
                    f"{mine} and {theirs} differ; expected the same"
                )

    def _count_sums(self, images: Images) -> None:
        """Adds pixels to the sum of their class: whole numbers for bytes, float64 for floats."""
        pixels = images.pixels
        wide = np.empty(0, np.int64 if pixels.dtype == np.uint8 else np.float64)
        labels = images.labels
        if labels is None:
            labels = np.zeros(len(pixels), np.int64)
        self._grow_sums(max(images.class_count, 1), wide.reshape(0, *pixels.shape[1:]))
        # In place: of a thousand classes of large images the sums take a gigabyte.
        for label in np.unique(labels):
            self.sums[label] += pixels[labels == label].sum(axis=0, dtype=wide.dtype)

    def _grow_sums(self, classes: int, like: np.ndarray) -> None:
        if len(self.sums) < classes:
            # Twice as many, so that classes that come one by one do not move all sums each time.
            count = max(classes, 2 * len(self.sums))
            grown = np.zeros((count, *like.shape[1:]), like.dtype)
            if len(self.sums):
                grown[: len(self.sums)] = self.sums
            self.sums = grown

    def _note(self, remarks: Iterable[str]) -> None:
        self.remarks += [remark for remark in remarks if remark not in self.remarks]
