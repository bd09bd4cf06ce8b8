"""The one form that all images of a stream are brought to, and a batch of them in it."""

import os
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from cutaway.data.decode import PIXELS_WORTH_A_THREAD, common_size, strict_pillow
from cutaway.data.image_set import Skipped
from cutaway.data.images import Images
from cutaway.data.picture import Header, Unreadable, read_header, read_picture
from cutaway.data.remarks import Tally
from cutaway.data.shards import Record
from cutaway.errors import InputError

LARGEST_SIDE = 16_384


@dataclass(frozen=True)
class Form:
    """Size, channels and value type of every image of a stream.

    Attributes:
        size: (height, width) in pixels.
        channels: 1 or 3.
        floating: Whether the pixels are floats and not bytes.
        labelled: Whether every sample must have a label.
    """

    size: tuple[int, int]
    channels: int
    floating: bool
    labelled: bool

    def to_dict(self) -> dict[str, Any]:
        """The form as plain JSON values."""
        return asdict(self) | {"size": list(self.size)}

    @classmethod
    def from_dict(cls, values: Any) -> "Form":
        """The form that `to_dict` wrote; the values may come from anyone's file.

        Raises:
            InputError: They are not such values.
        """
        valid = (
            isinstance(values, Mapping)
            and set(values) == set(cls.__dataclass_fields__)
            and isinstance(values["size"], list | tuple)
            and len(values["size"]) == 2
            and all(isinstance(side, int) and 0 < side <= LARGEST_SIDE for side in values["size"])
            and values["channels"] in {1, 3}
            and isinstance(values["floating"], bool)
            and isinstance(values["labelled"], bool)
        )
        if not valid:
            raise InputError(
                f"form={values!r}; expected what `ImageStream.state_dict` writes there"
            )
        height, width = values["size"]
        return cls((height, width), values["channels"], values["floating"], values["labelled"])


def find_form(records: Sequence[Record], name: str) -> Form:
    """The form of a stream that begins with these samples: their most common size.

    Raises:
        InputError: None of them can be read.
    """
    labelled = any(record.label is not None for record in records)
    shapes = [shape for record in records if (shape := float_shape(record)) is not None]
    if shapes and len(shapes) == len(records):
        (height, width, channels), _ = Counter(shapes).most_common(1)[0]
        return Form((height, width), channels, floating=True, labelled=labelled)
    with strict_pillow():
        read = [read_header(lambda at: records[at].open(), at) for at in range(len(records))]
    headers = [header for header in read if isinstance(header, Header)]
    if not headers:
        reason = read[0].reason if read and isinstance(read[0], Unreadable) else "none is there"
        first = f"; the first, {records[0].source!r}, is {reason}" if records else ""
        raise InputError(
            f"none of the first {len(records):,} images of {name!r} can be read{first}. Expected "
            "image files such as PNG or JPEG; check how they were written or copied"
        )
    channels = 1 if all(header.grey for header in headers) else 3
    return Form(common_size(headers), channels, floating=False, labelled=labelled)


@dataclass(frozen=True)
class Decoding:
    """Turns samples into arrays of one form.

    Attributes:
        form: The form.
        numbers: The number of each class that is named in the samples' labels.
        classes: How many classes there are, or None where it is not known.
    """

    form: Form
    numbers: Mapping[str, int]
    classes: int | None

    def decode(
        self, records: Sequence[Record], tally: Tally, pool: ThreadPoolExecutor | None
    ) -> Iterator[tuple[np.ndarray, int | None, str] | Skipped]:
        """Pixels, label and name of each sample, or why it is left out; `tally` counts."""
        with strict_pillow():
            decoded = list((pool.map if pool else map)(self._picture, records))
        for record, picture in zip(records, decoded, strict=True):
            label = self._label(record)
            if isinstance(picture, Unreadable):
                yield Skipped(record.source, picture.reason)
            elif isinstance(label, Unreadable):
                yield Skipped(record.source, label.reason)
            else:
                header, pixels = picture
                tally.add(header, self.form.size, self.form.channels)
                yield pixels, label, record.source

    def threads(self) -> ThreadPoolExecutor | None:
        """Threads to decode with, where they pay."""
        height, width = self.form.size
        if self.form.floating or height * width < PIXELS_WORTH_A_THREAD:
            return None
        return ThreadPoolExecutor(os.cpu_count())

    def _picture(self, record: Record) -> tuple[Header | None, np.ndarray] | Unreadable:
        image, form = record.image, self.form
        shape = float_shape(record)
        if (shape is not None) != form.floating:
            kinds = ("bytes", "floats") if form.floating else ("floats", "bytes")
            return Unreadable(f"of {kinds[0]}, where the first images are of {kinds[1]}")
        if isinstance(image, np.ndarray) and image.shape == (*form.size, form.channels):
            if form.floating and not np.isfinite(image).all():
                return Unreadable("damaged: values that are NaN or infinite")
            return None, image
        if form.floating:
            wanted = (*form.size, form.channels)
            return Unreadable(f"of the shape {shape}, where the first images have {wanted}")
        picture = read_picture(lambda _: record.open(), 0, form.size, form.channels)
        return picture if isinstance(picture, Unreadable) else (picture.header, picture.pixels)

    def _label(self, record: Record) -> int | Unreadable | None:
        label = record.label
        if not self.form.labelled:
            return None
        if label is None:
            return Unreadable("without a label")
        if isinstance(label, str):
            number = self.numbers.get(label)
            return Unreadable(f"of the unknown class {label!r}") if number is None else number
        if label < 0 or (self.classes is not None and label >= self.classes):
            return Unreadable(f"labelled {label}, outside the classes")
        return label


def as_images(
    parts: Sequence[tuple[np.ndarray, int | None, str]], form: Form, frame: Mapping[str, Any]
) -> Images:
    """Decoded samples as one batch; `frame` holds the other fields of `Images`."""
    pixels = np.empty(
        (len(parts), *form.size, form.channels), np.float32 if form.floating else np.uint8
    )
    for row, (image, _, _) in enumerate(parts):
        pixels[row] = image
    labels = np.array([label for _, label, _ in parts], np.int64) if form.labelled else None
    sources = tuple(source for _, _, source in parts)
    return Images(pixels=pixels, labels=labels, sources=sources, **frame)


def float_shape(record: Record) -> tuple[int, ...] | None:
    """The shape of an image of floats; None of any other."""
    floating = isinstance(record.image, np.ndarray) and record.image.dtype.kind == "f"
    return record.image.shape if floating and isinstance(record.image, np.ndarray) else None
