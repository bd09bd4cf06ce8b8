"""What a data set is, in figures: counts, shapes, classes, channels, duplicates, faults."""

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from cutaway.data.channels import channel_statistics
from cutaway.data.duplicates import exact_duplicates, label_conflicts
from cutaway.data.images import Images, Skipped
from cutaway.data.load import load_data


@dataclass(frozen=True)
class Summary:
    """The facts about a set of images.

    Attributes:
        name: What the set is called.
        split: Its part, or None.
        samples: Number of images.
        height: In pixels.
        width: In pixels.
        channels: 1 or 3.
        mode: "grey" or "RGB".
        dtype: "uint8" or "float32".
        minimum: Smallest value of all pixels, as stored.
        maximum: Largest value of all pixels, as stored.
        classes: (name, samples) of each class, in order; None where there are no labels.
        imbalance: Samples of the largest class over those of the smallest that has any; None where
            there are no labels.
        empty_classes: Names of classes without a sample.
        mean: Mean of each channel over all pixels, on the scale [0, 1] for bytes.
        std: Standard deviation of each channel over all pixels, on that scale.
        mean_of_image_stds: The deviation within each image, averaged over images. For CIFAR-10 this
            is what is commonly copied as its standard deviation.
        duplicates: Groups of sources whose images are equal in every value.
        label_conflicts: Those of the groups whose labels differ.
        skipped: Images that could not be read.
        remarks: What was decided on reading.
    """

    name: str
    split: str | None
    samples: int
    height: int
    width: int
    channels: int
    mode: str
    dtype: str
    minimum: float
    maximum: float
    classes: tuple[tuple[str, int], ...] | None
    imbalance: float | None
    empty_classes: tuple[str, ...]
    mean: tuple[float, ...]
    std: tuple[float, ...]
    mean_of_image_stds: tuple[float, ...]
    duplicates: tuple[tuple[str, ...], ...]
    label_conflicts: tuple[tuple[str, ...], ...]
    skipped: tuple[Skipped, ...]
    remarks: tuple[str, ...]
    thumbnails: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """The facts as plain JSON values; classes are objects of name and samples."""
        values = asdict(self)
        del values["thumbnails"]
        if self.classes is not None:
            values["classes"] = [{"name": name, "samples": count} for name, count in self.classes]
        return {key: _plain(value) for key, value in values.items()}

    def in_words(self) -> str:
        """The facts as lines of text for a terminal."""
        return "\n".join(f"{name:<24}{value}" for name, value in self.facts())

    def facts(self) -> list[tuple[str, str]]:
        """The facts as names and values in words, those that apply."""
        facts = [
            ("Data set", self.name + (f" ({self.split})" if self.split else "")),
            ("Images", f"{self.samples:,}, {self.mode}, {self.width}x{self.height} pixels"),
            ("Values", f"{self.dtype}, from {self.minimum:g} to {self.maximum:g}"),
            *self._class_facts(),
            ("Mean", _numbers(self.mean)),
            ("Standard deviation", f"{_numbers(self.std)} over all pixels"),
            ("", f"{_numbers(self.mean_of_image_stds)} within an image, averaged over images"),
            ("Duplicates", self._duplicates_in_words()),
        ]
        if self.skipped:
            facts.append(("Skipped", f"{len(self.skipped):,} images"))
        return facts + [("Remark", remark) for remark in self.remarks]

    def _repr_html_(self) -> str:
        from cutaway.data.notebook import summary_html

        return summary_html(self)

    def _class_facts(self) -> list[tuple[str, str]]:
        if self.classes is None:
            return [("Classes", "no labels")]
        counts = ", ".join(f"{name} {count:,}" for name, count in self.classes[:20])
        more = f" and {len(self.classes) - 20:,} more" if len(self.classes) > 20 else ""
        facts = [
            ("Classes", f"{len(self.classes):,}: {counts}{more}"),
            ("Imbalance", f"{self.imbalance:.2f} (largest class over smallest)"),
        ]
        if self.empty_classes:
            facts.append(("Without a sample", ", ".join(self.empty_classes)))
        return facts

    def _duplicates_in_words(self) -> str:
        if not self.duplicates:
            return "none"
        extra = sum(len(group) - 1 for group in self.duplicates)
        words = f"{extra:,} images are exact copies of another ({len(self.duplicates):,} groups)"
        conflicts = len(self.label_conflicts)
        return f"{words}, {conflicts:,} of the groups with different labels" if conflicts else words


def describe(data: Any) -> Summary:
    """Measures what a data set is.

    Args:
        data: `Images`, or anything that `load_data` takes.

    Raises:
        InputError: `data` cannot be loaded.

    Example:
        >>> summary = describe("digits")
        >>> summary.samples, summary.mode, round(summary.imbalance, 2)
        (1797, 'grey', 1.05)
    """
    images = data if isinstance(data, Images) else load_data(data)
    _, height, width, channels = images.pixels.shape
    statistics = channel_statistics(images.pixels)
    groups = exact_duplicates(images.pixels)
    classes = _classes(images)
    filled = [count for _, count in classes or () if count]
    low, high = images.value_range
    return Summary(
        name=images.name,
        split=images.split,
        samples=len(images),
        height=height,
        width=width,
        channels=channels,
        mode="grey" if channels == 1 else "RGB",
        dtype=images.pixels.dtype.name,
        minimum=low,
        maximum=high,
        classes=classes,
        imbalance=max(filled) / min(filled) if filled else None,
        empty_classes=tuple(name for name, count in classes or () if not count),
        mean=statistics.mean,
        std=statistics.std,
        mean_of_image_stds=statistics.mean_of_image_stds,
        duplicates=_sources(images, groups),
        label_conflicts=_sources(images, label_conflicts(groups, images.labels)),
        skipped=images.skipped,
        remarks=images.remarks,
        thumbnails=_thumbnails(images),
    )


def _classes(images: Images) -> tuple[tuple[str, int], ...] | None:
    if images.labels is None:
        return None
    counts = np.bincount(images.labels, minlength=images.class_count).tolist()
    names = images.class_names or tuple(str(label) for label in range(len(counts)))
    return tuple(zip(names, counts, strict=True))


def _sources(images: Images, groups: tuple[tuple[int, ...], ...]) -> tuple[tuple[str, ...], ...]:
    return tuple(tuple(images.sources[at] for at in group) for group in groups)


def _thumbnails(images: Images) -> tuple[str, ...]:
    from cutaway.data.notebook import thumbnails

    return thumbnails(images)


def _numbers(values: tuple[float, ...]) -> str:
    return ", ".join(f"{value:.4f}" for value in values)


def _plain(value: Any) -> Any:
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    return value
