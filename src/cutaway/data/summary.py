"""What a data set is, in figures and in words."""

from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np
from jaxtyping import Float64

from cutaway.data.image_set import Skipped

COPIED = (0.2023, 0.1994, 0.2010)
"""What is commonly copied as the standard deviation of CIFAR-10."""

_COPIED_WITHIN = 0.003
_SHOWN_CLASSES = 20


@dataclass(frozen=True)
class Shared:
    """An image that the reference holds too.

    Attributes:
        source: Where it is in the set.
        reference: Where it is in the reference.
        exact: Whether every value is equal; else the two are nearly the same.
    """

    source: str
    reference: str
    exact: bool


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
        near_duplicates: Groups of sources whose images are nearly the same; None where they were
            not looked for.
        label_conflicts: Those of both kinds of groups whose labels differ.
        reference: What the set was compared with, such as its training split; None where nothing.
        shared: Images that the reference holds too.
        skipped: Images that could not be read.
        remarks: What was decided on reading.
        mean_images: The mean image of each class, on the scale [0, 1] for bytes, of shape (classes,
            height, width, channels); one of all images where there are no labels.
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
    near_duplicates: tuple[tuple[str, ...], ...] | None
    label_conflicts: tuple[tuple[str, ...], ...]
    reference: str | None
    shared: tuple[Shared, ...]
    skipped: tuple[Skipped, ...]
    remarks: tuple[str, ...]
    mean_images: Float64[np.ndarray, "classes height width channels"] = field(
        compare=False, repr=False
    )
    thumbnails: tuple[str, ...] = field(default=(), compare=False, repr=False)

    def to_dict(self) -> dict[str, Any]:
        """The facts as plain JSON values; classes are objects of name and samples."""
        values = asdict(self)
        del values["thumbnails"], values["mean_images"]
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
            *self._copied_constants(),
            *self._duplicate_facts(),
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
        shown = self.classes[:_SHOWN_CLASSES]
        counts = ", ".join(f"{name} {count:,}" for name, count in shown)
        left = len(self.classes) - len(shown)
        facts = [
            ("Classes", f"{len(self.classes):,}: {counts}{f' and {left:,} more' * bool(left)}"),
            ("Imbalance", f"{self.imbalance:.2f} (largest class over smallest)"),
        ]
        if self.empty_classes:
            facts.append(("Without a sample", ", ".join(self.empty_classes)))
        return facts

    def _copied_constants(self) -> list[tuple[str, str]]:
        """Says what a well-known constant is where it is that of this set."""
        if self.channels != len(COPIED) or not np.allclose(
            self.mean_of_image_stds, COPIED, rtol=0, atol=_COPIED_WITHIN
        ):
            return []
        text = "often copied as CIFAR-10's deviation, is the latter; networks mean the former"
        return [("", f"{_numbers(COPIED)}, {text}")]

    def _duplicate_facts(self) -> list[tuple[str, str]]:
        facts = [("Duplicates", _groups_in_words(self.duplicates, "exact"))]
        if self.near_duplicates is not None:
            facts.append(("Near duplicates", _groups_in_words(self.near_duplicates, "near")))
        if self.label_conflicts:
            groups = len(self.label_conflicts)
            facts.append(
                ("Label conflicts", f"{groups:,} group{'s' * (groups != 1)} with different labels")
            )
        if self.reference is not None:
            exact = len({one.source for one in self.shared if one.exact})
            near = len({one.source for one in self.shared}) - exact
            text = f"{exact:,} images exactly and {near:,} nearly" if self.shared else "none"
            facts.append((f"Also in {self.reference}", text))
        return facts


def _groups_in_words(groups: tuple[tuple[str, ...], ...], kind: str) -> str:
    if not groups:
        return "none"
    extra = sum(len(group) - 1 for group in groups)
    are = "images are" if extra != 1 else "image is"
    copies = {"exact": "exact copies", "near": "near copies"}[kind]
    copies = copies if extra != 1 else f"a{'n' * (kind == 'exact')} {kind} copy"
    return f"{extra:,} {are} {copies} of another ({len(groups):,} group{'s' * (len(groups) != 1)})"


def _numbers(values: tuple[float, ...]) -> str:
    return ", ".join(f"{value:.4f}" for value in values)


def _plain(value: Any) -> Any:
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    return value
