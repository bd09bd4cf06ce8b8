"""All samples of a set in memory at once."""

from collections.abc import Sequence

import numpy as np

from cutaway.data.decode import Encoded, decode
from cutaway.data.form import Decoding, as_images, find_form, float_shape
from cutaway.data.image_set import Skipped
from cutaway.data.images import Images
from cutaway.data.labels import labels_from
from cutaway.data.remarks import Tally, omissions
from cutaway.data.shards import BrokenShardError, Mark, Record, Shards
from cutaway.errors import InputError


def gather(shards: Shards, limit: int | None) -> Images:
    """Reads all shards, or as much as `limit` samples take, and decodes them.

    Raises:
        InputError: There is no sample, or none can be read.
    """
    records, skipped, remarks = _entries(shards, limit)
    if not records:
        first = f"; the first, {skipped[0].source!r}, is {skipped[0].reason}" if skipped else ""
        raise InputError(f"{shards.name!r} holds no image that can be read{first}")
    if any(record.label is not None for record in records):
        bare = [Skipped(one.source, "without a label") for one in records if one.label is None]
        skipped += bare
        records = [one for one in records if one.label is not None]
    labels, class_names = _labels(records, shards.class_names)
    remarks = (*shards.remarks, *remarks)
    if all(float_shape(record) is not None for record in records):
        return _floats(records, labels, class_names, shards, tuple(skipped), remarks)
    encoded = Encoded(
        sources=tuple(record.source for record in records),
        open=lambda at: records[at].open(),
        labels=labels,
        class_names=class_names,
        skipped=tuple(skipped),
        remarks=remarks,
    )
    return decode(encoded, shards.name, shards.split)


def _entries(
    shards: Shards, limit: int | None
) -> tuple[list[Record], list[Skipped], tuple[str, ...]]:
    records: list[Record] = []
    skipped: list[Skipped] = []
    remarks: list[str] = []
    for shard, title in enumerate(shards.titles()):
        before = len(records)
        try:
            for entry, _ in shards.read(shard, Mark()):
                if isinstance(entry, Skipped):
                    skipped.append(entry)
                else:
                    records.append(entry)
                if len(records) == limit:
                    return records, skipped, tuple(remarks)
        except BrokenShardError as error:
            used = f"the {len(records) - before:,} samples before that are used"
            skipped.append(Skipped(title, f"{error}; {used}"))
            remarks.append(f"{title} broke off: {error}; {used}")
    return records, skipped, tuple(remarks)


def _labels(
    records: Sequence[Record], names: tuple[str, ...] | None
) -> tuple[np.ndarray | None, tuple[str, ...] | None]:
    labels = [record.label for record in records]
    if labels[0] is None:
        return None, names
    if all(isinstance(label, int) for label in labels):
        numbers, numbered = labels_from(labels, len(labels))
        return numbers, names or numbered
    words = [str(label) for label in labels]
    if names is None:
        return labels_from(words, len(words))
    unknown = sorted(set(words) - set(names))
    if unknown:
        raise InputError(f"labels hold {unknown[:3]}; expected the classes {list(names[:20])}")
    return np.array([names.index(word) for word in words], np.int64), names


def _floats(
    records: Sequence[Record],
    labels: np.ndarray | None,
    class_names: tuple[str, ...] | None,
    shards: Shards,
    skipped: tuple[Skipped, ...],
    remarks: tuple[str, ...],
) -> Images:
    form = find_form(records, shards.name)
    numbered = [
        Record(one.source, one.image, None if labels is None else int(labels[at]))
        for at, one in enumerate(records)
    ]
    decoded = list(Decoding(form, {}, None).decode(numbered, Tally(), None))
    parts = [one for one in decoded if not isinstance(one, Skipped)]
    skipped += tuple(one for one in decoded if isinstance(one, Skipped))
    if not parts:
        raise InputError(f"none of the images of {shards.name!r} can be read: {skipped[0].reason}")
    frame = {
        "class_names": class_names,
        "name": shards.name,
        "split": shards.split,
        "skipped": skipped,
        "remarks": (*remarks, *omissions(skipped, len(parts) + len(skipped))),
    }
    return as_images(parts, form, frame)
