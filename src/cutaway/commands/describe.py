"""Describing a data set: its facts, how complex it is, and pictures of both in a folder."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from cutaway.data import Images, Summary, load_data
from cutaway.data import describe as measure
from cutaway.data.first import first_images
from cutaway.diagnosis.complexity import Complexity
from cutaway.diagnosis.complexity import complexity as measure_complexity
from cutaway.errors import InputError
from cutaway.files import atomic_file, require_writable_folder
from cutaway.maps.recipe import make_map
from cutaway.progress import track

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

MAPPED = 10_000
"""Images that are shown and mapped: the first so many, or so many of all classes."""

_FACTS = "description.json"


def describe_source(
    source: str,
    *,
    split: str | None = None,
    limit: int | None = None,
    reference: str | None = None,
    streaming: bool = False,
    near: bool = True,
    complexity: bool = False,
    output: Path | None = None,
    overwrite: bool = False,
    seed: int = 0,
) -> tuple[Summary, Complexity | None]:
    """Measures a data set and, where asked, how complex it is, and writes all of it to a folder.

    Args:
        source: What `load_data` takes.
        split: Which split of it.
        limit: Only the first so many samples.
        reference: A split of the same source to look for copies in, such as "train".
        streaming: Read batch by batch and store nothing.
        near: Whether to look for near duplicates.
        complexity: Measure how complex the data is; always with `output`.
        output: Folder to create for description.json and pictures.
        overwrite: Replace what an earlier run left there.
        seed: For what is drawn at random.

    Raises:
        InputError: An argument does not fit, or the folder exists.
    """
    if output is not None:
        _make_room(output, overwrite=overwrite)
    data = load_data(source, split=split, limit=limit, streaming=streaming)
    other = None
    if reference is not None:
        other = load_data(source, split=reference, limit=limit, streaming=streaming)
    summary = measure(data, reference=other, near=near)
    found = measure_complexity(data, seed=seed) if complexity or output is not None else None
    if output is not None and found is not None:
        shown, others = (
            None if each is None else first_images(each, MAPPED, seed) for each in (data, other)
        )
        assert shown is not None
        _write(output, shown, others, summary, found, seed)
    return summary, found


def as_json(summary: Summary, found: Complexity | None) -> dict[str, Any]:
    """The facts as plain JSON values; how complex the data is stands under "complexity"."""
    return summary.to_dict() | ({} if found is None else {"complexity": found.to_dict()})


def in_words(summary: Summary, found: Complexity | None) -> str:
    """The facts as lines of text."""
    return summary.in_words() + ("" if found is None else f"\n\n{found.in_words()}")


def _make_room(output: Path, *, overwrite: bool) -> None:
    if output.exists():
        if not overwrite or not (output / _FACTS).is_file():
            raise InputError(
                f"folder {str(output)!r} exists already; expected one to create. Choose another by "
                "-o, or pass --overwrite to replace an earlier description"
            )
        return
    require_writable_folder(output.parent)
    output.mkdir()


def _write(
    output: Path,
    images: Images,
    other: Images | None,
    summary: Summary,
    found: Complexity,
    seed: int,
) -> None:
    from cutaway.views.gallery import figure_of, write

    pictures = _pictures(images, other, summary, found, seed)
    for name, picture in track(pictures.items(), "Writing pictures"):
        write(figure_of(picture), output / f"{name}.png")
    with atomic_file(output / _FACTS) as temporary:
        temporary.write_text(json.dumps(as_json(summary, found), indent=2), encoding="utf-8")


def _pictures(
    images: Images, other: Images | None, summary: Summary, found: Complexity, seed: int
) -> "dict[str, Axes | Figure]":
    """Pictures by the name of their file, those that there is something for."""
    from cutaway import plot

    drawn: dict[str, Axes | Figure] = {
        "samples": plot.samples(images),
        "image": plot.image_structure(images.display([0])[0]),
        "mean_images": plot.mean_images(_clipped(summary), images.class_names),
        "maps": plot.maps(_maps(images, seed), images.labels, class_names=images.class_names or ()),
    }
    if summary.classes is not None:
        drawn["class_balance"] = plot.class_balance(dict(summary.classes))
    if found.scores:
        drawn["complexity"] = plot.complexity(found)
    alike = [pair[:2] for pair in summary.near_duplicates or ()]
    if pairs := _pairs(images, images, [(one, two) for one, two in alike]):
        drawn["near_duplicates"] = plot.twins(*pairs)
    shared = [(one.source, one.reference) for one in summary.shared]
    if other is not None and (pairs := _pairs(images, other, shared)):
        names = (images.split or "data", other.split or "reference")
        drawn["shared"] = plot.twins(*pairs, names)
    return drawn


def _clipped(summary: Summary) -> np.ndarray:
    """Mean images as bytes, those of floats beyond [0, 1] by their own range."""
    means = summary.mean_images
    return np.rint(means * 255).astype(np.uint8) if summary.dtype == "uint8" else means


def _maps(images: Images, seed: int) -> dict[str, np.ndarray]:
    rows = images.tensor().flatten(1).numpy()
    methods = {"PCA": "pca", "t-SNE": "tsne", "UMAP": "umap"}
    return {
        title: make_map(rows, method, seed=seed).embedding
        for title, method in track(methods.items(), "Making maps")
    }


def _pairs(
    images: Images, others: Images, sources: list[tuple[str, str]]
) -> tuple[np.ndarray, np.ndarray] | None:
    """The images of pairs of sources, those of which both are at hand; None where there is none."""
    here = {source: at for at, source in enumerate(images.sources)}
    there = {source: at for at, source in enumerate(others.sources)}
    found = [(here[one], there[two]) for one, two in sources if one in here and two in there]
    if not found:
        return None
    first, second = zip(*found, strict=True)
    return images.display(list(first)), others.display(list(second))
