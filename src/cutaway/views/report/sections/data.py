"""The data: samples, class balance, one image up close, and the facts."""

from typing import Any

from cutaway.diagnosis.complexity import Complexity
from cutaway.diagnosis.complexity_words import facts, recommendation
from cutaway.study import Study
from cutaway.views.gallery import telling_sample
from cutaway.views.report.pictures import COLUMN, Picture, class_name, picture_of


def data_section(study: Study) -> dict[str, Any]:
    """What the section `data` shows."""
    return {
        "data": {
            "text": _text(study),
            "samples": _samples(study),
            "balance": _balance(study),
            "structure": _structure(study),
            "means": _means(study),
            "twins": _twins(study),
            "complexity": _complexity(study),
            "facts": _facts(study),
            "remarks": study.record["data"]["remarks"],
            "skipped": study.summary["skipped"],
        }
    }


def _text(study: Study) -> str:
    summary = study.summary
    return (
        f"{summary['samples']:,} {summary['mode']} images of {summary['width']}×"
        f"{summary['height']} pixels are studied. This is what there is before any network has "
        "touched it."
    )


def _samples(study: Study) -> Picture:
    how = "A row a class." if study.labelled else "In their order."
    return picture_of(study, "samples", "Sample images", how)


def _balance(study: Study) -> Picture | None:
    if not study.labelled:
        return None
    text = "Samples in each class."
    return picture_of(study, "class_balance", "Class balance", text, width=COLUMN)


def _means(study: Study) -> Picture | None:
    if not study.labelled or study.mean_images is None:
        return None
    text = "What the images of a class have in common, pixel by pixel: the blurrier, the less."
    return picture_of(study, "mean_images", "Mean image of each class", text)


def _twins(study: Study) -> list[Picture]:
    """Images that occur twice, within the data and in the reference."""
    shown = []
    for name, title, text in (
        (
            "near_duplicates",
            "Near duplicates",
            "Saved anew, brightened, cropped: each is far more like the one under it than others.",
        ),
        (
            "shared",
            "Also in the reference",
            "Images under study, each above its like among those that the network learned from.",
        ),
    ):
        if study.twins(shared=name == "shared"):
            shown.append(picture_of(study, name, title, text))
    return shown


def _complexity(study: Study) -> dict[str, Any] | None:
    found = study.complexity
    if found is None:
        return None
    measured = Complexity.from_dict(found)
    picture = None
    if measured.scores:
        title = "How far simple classifiers come"
        text = "Held-out images that they get right, by what they see of them."
        picture = picture_of(study, "complexity", title, text, width=COLUMN)
    return {"words": recommendation(measured), "facts": facts(measured)[:3], "picture": picture}


def _structure(study: Study) -> Picture:
    sample = telling_sample(study)
    title = f"Sample {sample}"
    if study.labelled:
        title += f", class {class_name(study, int(study.samples['label'].iloc[sample]))}"
    text = "Its pixels with their values, its channels, and how often each value occurs."
    return picture_of(study, "image", title, text, sample=sample)


def _facts(study: Study) -> list[tuple[str, str]]:
    summary = study.summary
    facts = [
        ("Images", f"{summary['samples']:,}, {summary['mode']}"),
        ("Size", f"{summary['width']}×{summary['height']} pixels"),
        ("Values", f"{summary['dtype']}, {summary['minimum']:g} to {summary['maximum']:g}"),
        ("Mean of each channel", _numbers(summary["mean"])),
        ("Standard deviation", _numbers(summary["std"])),
        ("… within an image, averaged", _numbers(summary["mean_of_image_stds"])),
        ("Exact duplicates", f"{len(summary['duplicates']):,}"),
        ("Near duplicates", f"{len(summary.get('near_duplicates') or ()):,}"),
    ]
    if summary["imbalance"] is not None:
        facts.append(("Largest class over smallest", f"{summary['imbalance']:.2f}"))
    if summary["skipped"]:
        facts.append(("Files that could not be read", f"{len(summary['skipped']):,}"))
    return facts


def _numbers(values: list[float]) -> str:
    return ", ".join(f"{value:.4f}" for value in values)
