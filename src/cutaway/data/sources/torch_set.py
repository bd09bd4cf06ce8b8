"""Data sets of torch: those with an index and those that are only iterated over."""

import itertools
from collections.abc import Iterator, Mapping
from typing import Any

from torch.utils.data import IterableDataset

from cutaway.data.gather import gather
from cutaway.data.image_set import Skipped
from cutaway.data.images import Images
from cutaway.data.shards import RUN, BrokenShardError, Entry, Mark, Record, Shards
from cutaway.data.sources.source import choose_split
from cutaway.data.table import LABEL_NAMES
from cutaway.data.values import record_of
from cutaway.errors import InputError


class TorchSet:
    """A `torch.utils.data.Dataset`, or anything with `__getitem__` and `__len__` like one.

    An item is an image, (image, label), or a mapping with both; an image is what
    `cutaway.data.values.image_value` takes. `classes`, as torchvision's sets have it, names them,
    or the features of a set of Hugging Face `datasets`.

    Args:
        dataset: The set.
        name: What it is called; None takes the name of its class.

    Raises:
        InputError: It has an index and no length.
    """

    def __init__(self, dataset: Any, name: str | None = None) -> None:
        self.name = type(dataset).__name__ if name is None else name
        self._dataset = dataset
        if not isinstance(dataset, IterableDataset) and not hasattr(dataset, "__len__"):
            raise InputError(
                f"data set {self.name} has no __len__, so nobody knows how many items it has; "
                "expected one beside __getitem__, or an IterableDataset"
            )

    def splits(self) -> tuple[str, ...]:
        """None: a data set is one whole."""
        return ()

    def prepare(self) -> None:
        """Nothing to do: the data set knows where its data is."""

    def load(self, split: str | None, limit: int | None) -> Images:
        """Reads all items, or the first `limit`."""
        return gather(self.shards(split), limit)

    def shards(self, split: str | None) -> Shards:
        """Runs of items; one that is only iterated over is a single run."""
        choose_split(split, self.splits(), self.name)
        if isinstance(self._dataset, IterableDataset):
            return IteratedItems(self.name, self._dataset)
        return IndexedItems(self.name, self._dataset)


class IndexedItems:
    """The items of a data set with an index, in runs."""

    split: str | None = None
    remarks: tuple[str, ...] = ()
    lanes = 64
    seeks = True

    def __init__(self, name: str, dataset: Any) -> None:
        self.name = name
        self.class_names = _class_names(dataset)
        self._dataset = dataset

    def titles(self) -> tuple[str, ...]:
        """The runs, by their first item."""
        count = len(self._dataset)
        return tuple(f"{start}/{count}" for start in range(0, count, RUN))

    def read(self, shard: int, start: Mark) -> Iterator[Entry]:
        """The items of a run."""
        first = shard * RUN
        for row in range(first + start.record, min(first + RUN, len(self._dataset))):
            yield self._entry(row), Mark(row - first + 1)

    def _entry(self, row: int) -> Record | Skipped:
        source = f"{self.name}/{row}"
        try:
            item = self._dataset[row]
        except Exception as error:  # noqa: BLE001 (the data set is the user's own code)
            return Skipped(source, f"unreadable: {type(error).__name__}: {error}")
        return record_of(item, source)


class IteratedItems:
    """The items of a data set that can only be gone through; each pass begins it anew.

    A pass that is resumed goes through the items before its place again.
    """

    split: str | None = None
    remarks: tuple[str, ...] = ()
    lanes = 1
    seeks = False

    def __init__(self, name: str, dataset: Any) -> None:
        self.name = name
        self.class_names = _class_names(dataset)
        self._dataset = dataset

    def titles(self) -> tuple[str, ...]:
        """One name: the whole."""
        return (self.name,)

    def read(self, shard: int, start: Mark) -> Iterator[Entry]:  # noqa: ARG002 (there is one)
        """The items from `start` on."""
        try:
            for row, item in enumerate(itertools.islice(self._dataset, start.record, None)):
                at = start.record + row
                yield record_of(item, f"{self.name}/{at}"), Mark(at + 1)
        except Exception as error:
            # The data set is the user's own code.
            raise BrokenShardError(f"{type(error).__name__}: {error}") from error


def _class_names(dataset: Any) -> tuple[str, ...] | None:
    names = getattr(dataset, "classes", None) or _stated(getattr(dataset, "features", None))
    if isinstance(names, list | tuple) and names:
        return tuple(str(name) for name in names)
    # torch's Subset and ConcatDataset only pass on what they are made of.
    parts = getattr(dataset, "datasets", None) or [getattr(dataset, "dataset", None)]
    known = {None if part is None else _class_names(part) for part in parts}
    return known.pop() if len(known) == 1 else None


def _stated(features: Any) -> Any:
    """The names of a `ClassLabel` among the features of a set of Hugging Face `datasets`."""
    if not isinstance(features, Mapping):
        return None
    labels = (features[name] for name in LABEL_NAMES if name in features)
    return next((names for label in labels if (names := getattr(label, "names", None))), None)
