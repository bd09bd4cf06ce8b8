"""A set of images of any size: memory holds names, labels and places, and pixels only on demand."""

from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import replace
from functools import cached_property
from typing import Any

import numpy as np
from jaxtyping import Float64, Int64

from cutaway.bounded import BoundedCache
from cutaway.data.census import Census
from cutaway.data.duplicates import digests
from cutaway.data.form import Decoding, Form
from cutaway.data.image_set import ImageSet, Pixels, Selection, Skipped
from cutaway.data.images import Images
from cutaway.data.places import PlaceReader, Places, changed
from cutaway.data.remarks import Tally
from cutaway.data.shards import ImageShards, Shards
from cutaway.data.stream import BATCH_SIZE, ImageStream
from cutaway.errors import InputError
from cutaway.progress import track

_MOST_BYTES = 1 << 27
_OWN = {"_readers", "_scattered"}


class StreamedImages(ImageSet):
    """A set of images that is read once, and of which any part can then be read again.

    `StreamedImages.of` makes one of a stream. The first pass counts what there is (`census`) and
    notes where each image lies; afterwards `tensor` and `display` decode what is asked for. Names,
    labels, hashes and places stay in memory, and signatures of the first 100,000 images. Runs of
    images are read as a stream is, and not kept; single ones cost opening a shard, and the last of
    them stay, up to 128 MiB. Every image that is read again is held to the hash of what it was.

    Attributes:
        shards: What the images are read from.
        places: Where each lies there.
        census: What the first pass counted; None of a part and of sets that were joined.

    Example:
        >>> from cutaway.data import load_data
        >>> images = StreamedImages.of(load_data("digits", streaming=True))
        >>> images, images.tensor([3, 1700]).shape
        (<StreamedImages 'digits': 1,797 grey images of 8x8 pixels, 10 classes>, torch.Size([2, 1, 8, 8]))
    """  # noqa: E501 (what Python prints is one line)

    def __init__(
        self,
        frame: dict[str, Any],
        form: Form,
        shards: tuple[Shards, ...],
        places: Places,
        digests: list[bytes],
        channel_moments: tuple[np.ndarray, np.ndarray],
        value_range: tuple[float, float],
        census: Census | None = None,
    ) -> None:
        self._frame = frame
        self.labels: Int64[np.ndarray, " labelled"] | None = frame["labels"]
        self.class_names: tuple[str, ...] | None = frame["class_names"]
        self.name: str = frame["name"]
        self.split: str | None = frame["split"]
        self.sources: tuple[str, ...] = frame["sources"]
        self.skipped: tuple[Skipped, ...] = frame["skipped"]
        self.remarks: tuple[str, ...] = frame["remarks"]
        self.census = census
        self._form = form
        self.shards = shards
        self.places = places
        self._digests = digests
        self._channel_moments = channel_moments
        self._value_range = value_range

    @classmethod
    def of(cls, stream: ImageStream) -> "StreamedImages":
        """Goes through a stream once, from its beginning.

        Raises:
            InputError: It is shuffled, stands in the middle of a pass, or gives no image.
        """
        if stream.shuffled or stream.resumed:
            how = "is shuffled" if stream.shuffled else "stands in the middle of a pass"
            raise InputError(
                f"the stream {stream.name!r} {how}; expected one that gives the set from its "
                "beginning in its own order: load_data(..., streaming=True) as it is"
            )
        plain = stream.batches_of(BATCH_SIZE)
        census, places = Census(), []
        for images, where in track(plain.placed(), f"Reading {plain.name}"):
            census.add(images)
            places.append(Places.of(where))
        if census.kind is None:
            raise InputError(f"{plain.name!r} gives no image; expected at least one")
        census.remarks, census.skipped = list(plain.remarks), list(plain.skipped)
        moments = np.concatenate(census.means), np.concatenate(census.variances)
        census.means, census.variances = [moments[0]], [moments[1]]
        frame = {
            "labels": np.array(census.labels, np.int64) if plain.form.labelled else None,
            "class_names": plain.class_names,
            "name": plain.name,
            "split": plain.split,
            "sources": tuple(census.sources),
            "skipped": plain.skipped,
            "remarks": plain.remarks,
        }
        return cls(
            frame,
            plain.form,
            (plain.shards,),
            Places.joined(places),
            census.digests,
            moments,
            (census.low, census.high),
            census,
        )

    @classmethod
    def like_a_stream(cls, images: Images) -> "StreamedImages":
        """Images in memory as such a set, so that it can be joined with others."""
        streamed = cls.of(ImageStream(ImageShards(images)))
        streamed.skipped = images.skipped
        return streamed

    @property
    def shape(self) -> tuple[int, int, int]:
        """(height, width, channels) of every image."""
        return (*self._form.size, self._form.channels)

    @property
    def dtype(self) -> np.dtype:
        """Of the pixels: uint8 or float32."""
        return np.dtype(np.float32 if self._form.floating else np.uint8)

    @property
    def digests(self) -> list[bytes]:
        """A 128-bit hash of each image's pixels."""
        return self._digests

    @property
    def channel_moments(
        self,
    ) -> tuple[Float64[np.ndarray, "samples channels"], Float64[np.ndarray, "samples channels"]]:
        """Mean and variance of each channel within each image, on the scale of the pixels."""
        return self._channel_moments

    @property
    def value_range(self) -> tuple[float, float]:
        """The smallest and the largest value of all pixels."""
        return self._value_range

    def select(self, indices: Selection) -> "StreamedImages":
        """The images at `indices`, in that order, none of them read yet.

        Raises:
            InputError: An index is outside the set.
        """
        rows = self._rows(indices)
        means, variances = self._channel_moments
        frame = {
            "labels": None if self.labels is None else self.labels[rows],
            "sources": tuple(self.sources[row] for row in rows),
        }
        return StreamedImages(
            {**self._frame, **frame},
            self._form,
            self.shards,
            self.places.take(rows),
            [self._digests[row] for row in rows],
            (means[rows], variances[rows]),
            self._value_range,
        )

    def join(self, other: "StreamedImages") -> "StreamedImages":
        """These images and then those of `other`, as one set without a split.

        Raises:
            InputError: The two differ in size, channels, value type, classes or in being labelled.
        """
        (means, variances), (more_means, more_variances) = (
            self._channel_moments,
            other.channel_moments,
        )
        (low, high), (lowest, highest) = self._value_range, other.value_range
        return StreamedImages(
            {**self._frame, **self._joined_fields(other)},
            self._form,
            self.shards + other.shards,
            Places.joined([self.places, other.places.moved(len(self.shards))]),
            self._digests + other.digests,
            (np.concatenate([means, more_means]), np.concatenate([variances, more_variances])),
            (min(low, lowest), max(high, highest)),
        )

    def loaded(self, indices: Selection) -> Images:
        """The images at `indices` in memory."""
        rows = self._rows(indices)
        return Images(
            pixels=self._picked(rows),
            labels=None if self.labels is None else self.labels[rows],
            class_names=self.class_names,
            name=self.name,
            split=self.split,
            sources=tuple(self.sources[row] for row in rows),
        )

    def __getstate__(self) -> dict[str, Any]:
        """Without what was read and open files, so that another process opens its own."""
        return {name: value for name, value in vars(self).items() if name not in _OWN}

    @cached_property
    def _readers(self) -> tuple[PlaceReader, ...]:
        return tuple(PlaceReader(shards) for shards in self.shards)

    @cached_property
    def _scattered(self) -> BoundedCache[np.ndarray]:
        return BoundedCache(_MOST_BYTES, _MOST_BYTES)

    def _picked(self, indices: Selection | None) -> Pixels:
        rows = np.arange(len(self)) if indices is None else self._rows(indices)
        unique, back = np.unique(rows, return_inverse=True)
        is_run = not len(unique) or unique[-1] - unique[0] < len(unique)
        pixels = self._read(unique) if is_run else self._recalled(unique)
        return pixels if np.array_equal(unique, rows) else pixels[back]

    def _recalled(self, rows: Int64[np.ndarray, " k"]) -> Pixels:
        """The pixels of rising rows that are no run; such are asked for again and again."""
        pixels = np.empty((len(rows), *self.shape), self.dtype)
        missing = []
        for at, row in enumerate(rows.tolist()):
            known = self._scattered.get(row)
            if known is None:
                missing.append(at)
            else:
                pixels[at] = known
        for at, image in zip(missing, self._read(rows[missing]), strict=True):
            pixels[at] = image
            self._scattered.put(int(rows[at]), image.copy(), image.nbytes)
        return pixels

    def _read(self, rows: Int64[np.ndarray, " k"]) -> Pixels:
        """The pixels of rising rows, from where they lie."""
        in_order = self.places.take(rows).sorted()
        order = rows[in_order]
        pixels = np.empty((len(order), *self.shape), self.dtype)
        decoding = Decoding(replace(self._form, labelled=False), {}, None)
        with decoding.threads() or nullcontext() as pool:
            for start in range(0, len(order), BATCH_SIZE):
                block = order[start : start + BATCH_SIZE]
                self._read_into(pixels[start : start + BATCH_SIZE], block, decoding, pool)
        return pixels if np.array_equal(order, rows) else pixels[np.argsort(in_order)]

    def _read_into(
        self, pixels: Pixels, rows: Int64[np.ndarray, " k"], decoding: Decoding, pool: Any
    ) -> None:
        records = [self._readers[of].read(place) for of, place in self.places.take(rows)]
        for row, record in zip(rows, records, strict=True):
            if record.source != (source := self.sources[row]):
                raise changed(self.name, f"{record.source!r} stands in the place of {source!r}")
        for at, one in enumerate(decoding.decode(records, Tally(), pool)):
            if isinstance(one, Skipped):
                raise changed(self.name, f"{one.source!r} is {one.reason}, and was not")
            pixels[at] = one[0]
        self._require_equal(digests(pixels), rows)

    def _require_equal(self, found: Sequence[bytes], rows: Int64[np.ndarray, " k"]) -> None:
        for row, digest in zip(rows, found, strict=True):
            if digest != self._digests[row]:
                raise changed(self.name, f"{self.sources[row]!r} has other pixels")
