"""A pandas frame with a column of images."""

import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from PIL import Image

from cutaway.data.gather import gather
from cutaway.data.image_set import Skipped
from cutaway.data.images import Images
from cutaway.data.picture import SUFFIXES
from cutaway.data.shards import RUN, Entry, Mark, Record, Shards
from cutaway.data.sources.source import choose_split
from cutaway.data.table import IMAGE_NAMES, LABEL_NAMES
from cutaway.data.values import image_value, label_value
from cutaway.errors import InputError

PATH_NAMES = ("path", "file", "filename", "file_name")


class Frame:
    """The rows of a frame: one column of images, one of labels or none.

    The images are PIL images, encoded bytes, {"bytes", "path"}, arrays or paths of files. A
    categorical column's categories are the classes. Where no column is called like one of images,
    the first that begins with a PIL image or the name of an image file is taken.

    Raises:
        InputError: No column holds images.
    """

    name = "frame"

    def __init__(self, frame: Any) -> None:
        self._frame = frame
        self._image = _image_column(frame)
        self._label = next(
            (name for name in LABEL_NAMES if name in frame.columns and name != self._image), None
        )

    def splits(self) -> tuple[str, ...]:
        """None: a frame is one whole."""
        return ()

    def prepare(self) -> None:
        """Nothing to do: the frame is in memory."""

    def load(self, split: str | None, limit: int | None) -> Images:
        """Decodes all rows, or the first `limit`."""
        return gather(self.shards(split), limit)

    def shards(self, split: str | None) -> Shards:
        """The rows in runs."""
        choose_split(split, self.splits(), self.name)
        return FrameShards(self._frame, self._image, self._label)


class FrameShards:
    """The rows of a frame, in runs."""

    name = "frame"
    split: str | None = None
    lanes = 64
    seeks = True

    def __init__(self, frame: Any, image: str, label: str | None) -> None:
        self._frame = frame
        self._image = image
        self._label = label
        self.class_names = None if label is None else _class_names(frame[label])
        others = [str(name) for name in frame.columns if name not in {image, label}]
        bare = label is None and others
        self.remarks: tuple[str, ...] = (
            (f"no column was recognized as labels among {others}",) if bare else ()
        )

    def titles(self) -> tuple[str, ...]:
        """The runs, by their first row."""
        count = len(self._frame)
        return tuple(f"{start}/{count}" for start in range(0, count, RUN))

    def read(self, shard: int, start: Mark) -> Iterator[Entry]:
        """The rows of a run."""
        first = shard * RUN
        for row in range(first + start.record, min(first + RUN, len(self._frame))):
            yield self._entry(row), Mark(row - first + 1)

    def _entry(self, row: int) -> Record | Skipped:
        value = self._frame[self._image].iloc[row]
        label = None if self._label is None else self._frame[self._label].iloc[row]
        named = isinstance(value, str | Path)
        source = str(value) if named else f"frame/{self._frame.index[row]}"
        try:
            known = None if _is_missing(label) else label_value(label)
            return Record(source, image_value(value), known)
        except (ValueError, TypeError) as error:
            return Skipped(source, f"no image or label that is known: {error}")


def is_frame(value: Any) -> bool:
    """Whether a value is a pandas frame; pandas is not imported for that."""
    kind = type(value)
    return kind.__name__ == "DataFrame" and kind.__module__.partition(".")[0] == "pandas"


def _image_column(frame: Any) -> Any:
    for name in (*IMAGE_NAMES, *PATH_NAMES):
        if name in frame.columns:
            return name
    for name in frame.columns:
        if len(frame) and _is_picture(frame[name].iloc[0]):
            return name
    raise InputError(
        f"the frame has the columns {list(frame.columns)} and none is known to hold images; "
        "expected a column 'image' of PIL images, bytes, arrays or paths"
    )


def _is_picture(value: Any) -> bool:
    named = isinstance(value, str | Path) and Path(value).suffix.lower() in SUFFIXES
    return named or isinstance(value, Image.Image)


def _is_missing(label: Any) -> bool:
    from pandas import NA

    return label is NA or (isinstance(label, float) and math.isnan(label))


def _class_names(labels: Any) -> tuple[str, ...] | None:
    categories = getattr(getattr(labels, "cat", None), "categories", None)
    if categories is None:
        words = [value for value in labels if isinstance(value, str)]
        return tuple(sorted(set(words))) or None
    if all(isinstance(name, str) for name in categories):
        return tuple(categories)
    return None
