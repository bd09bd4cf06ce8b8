"""Measuring what a data set is: counts, shapes, classes, channels, duplicates, faults."""

from typing import Any

import numpy as np

from cutaway.data.census import Census, Kind
from cutaway.data.duplicates import Groups, equal_groups, label_conflicts
from cutaway.data.images import Images
from cutaway.data.load import load_data
from cutaway.data.near import MOST_IMAGES, groups_of, near_pairs
from cutaway.data.stream import BATCH_SIZE, ImageStream
from cutaway.data.streamed import StreamedImages
from cutaway.data.summary import Shared, Summary
from cutaway.errors import InputError
from cutaway.progress import track


def describe(data: Any, *, reference: Any = None, near: bool = True) -> Summary:
    """Measures what a data set is, in one pass over it.

    Args:
        data: `Images`, `StreamedImages`, a stream, a `Census`, or anything that `load_data` takes.
        reference: Images to look for among `data`, such as the training split where `data` is the
            test split; as `data`.
        near: Whether to look for near duplicates: seconds for 50,000 images. Of each set the first
            100,000 are compared.

    Raises:
        InputError: `data` cannot be loaded, or the reference's images have another shape.

    Example:
        >>> summary = describe("digits")
        >>> summary.samples, summary.mode, round(summary.imbalance, 2)
        (1797, 'grey', 1.05)
    """
    counted = count(data)
    other = None if reference is None else count(reference)
    _require_comparable(counted.known, None if other is None else other.known)
    alike = _alike(counted, other) if near else np.empty((0, 2), np.int64)
    return _summary(counted, other, alike, near)


def count(data: Any) -> Census:
    """Goes through a set once, batch by batch where it is a stream.

    Args:
        data: As `describe` takes it.

    Example:
        >>> len(count("digits"))
        1797
    """
    if isinstance(data, Census):
        return data
    if isinstance(data, StreamedImages):
        return data.census or _count_again(data)
    if not isinstance(data, ImageStream):
        return Census().add(data if isinstance(data, Images) else load_data(data))
    census = Census()
    for images in track(data, f"Describing {data.name}"):
        census.add(images)
    census.remarks, census.skipped = list(data.remarks), list(data.skipped)
    return census


def _count_again(data: StreamedImages) -> Census:
    census = Census()
    for start in range(0, len(data), BATCH_SIZE):
        census.add(data.loaded(slice(start, start + BATCH_SIZE)))
    census.remarks, census.skipped = list(data.remarks), list(data.skipped)
    return census


def _require_comparable(kind: Kind, other: Kind | None) -> None:
    if other is not None and (other.shape, other.dtype) != (kind.shape, kind.dtype):
        raise InputError(
            f"reference {other.name!r} holds {other.dtype} images of shape {other.shape}, the data "
            f"{kind.dtype} of {kind.shape}; expected the same: resize one of them"
        )


def _alike(counted: Census, other: Census | None) -> np.ndarray:
    """Pairs of near duplicates that are not equal; positions of the reference follow the set's."""
    values, keys = counted.signatures, counted.digests[:MOST_IMAGES]
    compared = len(keys)
    if other is not None:
        values = np.concatenate([values, other.signatures])
        keys = keys + other.digests[:MOST_IMAGES]
    pairs = near_pairs(values, compared)
    return pairs[[keys[first] != keys[second] for first, second in pairs]]


def _summary(counted: Census, other: Census | None, alike: np.ndarray, near: bool) -> Summary:
    kind, statistics, classes = counted.known, counted.statistics, _classes(counted)
    filled = [samples for _, samples in classes or () if samples]
    compared = min(len(counted), MOST_IMAGES)
    exact = equal_groups(counted.digests)
    nearly = groups_of(alike[alike[:, 1] < compared], len(counted))
    labels = np.array(counted.labels) if counted.labels else None
    return Summary(
        name=kind.name,
        split=kind.split,
        samples=len(counted),
        height=kind.shape[0],
        width=kind.shape[1],
        channels=kind.shape[2],
        mode="grey" if kind.shape[2] == 1 else "RGB",
        dtype=kind.dtype,
        minimum=counted.low,
        maximum=counted.high,
        classes=classes,
        imbalance=max(filled) / min(filled) if filled else None,
        empty_classes=tuple(name for name, samples in classes or () if not samples),
        mean=statistics.mean,
        std=statistics.std,
        mean_of_image_stds=statistics.mean_of_image_stds,
        duplicates=_sources(counted, exact),
        near_duplicates=_sources(counted, nearly) if near else None,
        label_conflicts=_sources(counted, label_conflicts(exact + nearly, labels)),
        reference=None if other is None else _name(other),
        shared=() if other is None else _shared(counted, other, alike),
        skipped=tuple(counted.skipped),
        remarks=(*counted.remarks, *_not_compared(counted, near)),
        mean_images=counted.mean_images,
        thumbnails=counted.thumbnails,
    )


def _classes(counted: Census) -> tuple[tuple[str, int], ...] | None:
    if counted.counts is None:
        return None
    counts = counted.counts.tolist()
    names = counted.known.class_names or tuple(str(label) for label in range(len(counts)))
    return tuple(zip(names, counts, strict=True))


def _sources(counted: Census, groups: Groups) -> tuple[tuple[str, ...], ...]:
    return tuple(tuple(counted.sources[at] for at in group) for group in groups)


def _shared(counted: Census, other: Census, alike: np.ndarray) -> tuple[Shared, ...]:
    """Exact copies first, each with the first of its kind in the reference."""
    places: dict[bytes, int] = {}
    for at, digest in enumerate(other.digests):
        places.setdefault(digest, at)
    exact = [
        Shared(source, other.sources[places[digest]], exact=True)
        for source, digest in zip(counted.sources, counted.digests, strict=True)
        if digest in places
    ]
    compared = min(len(counted), MOST_IMAGES)
    across = alike[alike[:, 1] >= compared].tolist()
    nearly = [
        Shared(counted.sources[first], other.sources[second - compared], exact=False)
        for first, second in across
    ]
    return (*exact, *nearly)


def _name(other: Census) -> str:
    return other.known.name + (f" ({other.known.split})" if other.known.split else "")


def _not_compared(counted: Census, near: bool) -> tuple[str, ...]:
    if not near or len(counted) <= MOST_IMAGES:
        return ()
    compared = f"the first {MOST_IMAGES:,} of {len(counted):,} images"
    return (f"near duplicates were looked for among {compared}",)
