"""The data: samples, class balance, one image up close, and the facts."""

from typing import Any

from cutaway.study import Study
from cutaway.views.gallery import draw, telling_sample
from cutaway.views.report.pictures import COLUMN, THEME, WIDE, Picture, class_name, inline


def data_section(study: Study) -> dict[str, Any]:
    """What the section `data` shows."""
    return {
        "data": {
            "text": _text(study),
            "samples": _samples(study),
            "balance": _balance(study),
            "structure": _structure(study),
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
    title = "Sample images"
    how = "a row a class" if study.labelled else "in their order"
    return Picture(
        inline(draw(study, "samples", theme=THEME, width=WIDE), title), title, f"{how}.", wide=True
    )


def _balance(study: Study) -> Picture | None:
    if not study.labelled:
        return None
    title = "Class balance"
    return Picture(
        inline(draw(study, "class_balance", theme=THEME, width=COLUMN), title),
        title,
        "Samples in each class.",
    )


def _structure(study: Study) -> Picture:
    sample = telling_sample(study)
    title = f"Sample {sample}"
    if study.labelled:
        title += f", class {class_name(study, int(study.samples['label'].iloc[sample]))}"
    text = "Its pixels with their values, its channels, and how often each value occurs."
    figure = draw(study, "image", sample=sample, theme=THEME, width=WIDE)
    return Picture(
        inline(figure, f"{title}: pixel grid, channels, histogram"), title, text, wide=True
    )


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
    ]
    if summary["imbalance"] is not None:
        facts.append(("Largest class over smallest", f"{summary['imbalance']:.2f}"))
    if summary["skipped"]:
        facts.append(("Files that could not be read", f"{len(summary['skipped']):,}"))
    return facts


def _numbers(values: list[float]) -> str:
    return ", ".join(f"{value:.4f}" for value in values)
