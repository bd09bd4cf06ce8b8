"""The data: samples, class balance, one image up close, and the facts."""

from typing import Any

from cutaway.study import Study
from cutaway.views.gallery import draw, telling_sample
from cutaway.views.report.pictures import THEME, Picture, class_name, inline


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
    pixels = study.layers.iloc[0]
    channels, height, width = pixels["shape"]
    kind = "grey" if channels == 1 else f"{channels}-channel"
    return (
        f"{len(study.studied):,} {kind} images of {width}×{height} pixels are studied. This is "
        "what the network is given before it has seen anything."
    )


def _samples(study: Study) -> Picture:
    title = "Sample images"
    how = "a row a class" if study.labelled else "in their order"
    return Picture(inline(draw(study, "samples", theme=THEME), title), title, f"{how}.", wide=True)


def _balance(study: Study) -> Picture | None:
    if not study.labelled:
        return None
    title = "Class balance"
    return Picture(
        inline(draw(study, "class_balance", theme=THEME), title), title, "Samples in each class."
    )


def _structure(study: Study) -> Picture:
    sample = telling_sample(study)
    title = f"Sample {sample}"
    if study.labelled:
        title += f", {class_name(study, int(study.samples['label'].iloc[sample]))}"
    text = "Its pixels with their values, its channels, and how often each value occurs."
    figure = draw(study, "image", sample=sample, theme=THEME)
    return Picture(
        inline(figure, f"{title}: pixel grid, channels, histogram"), title, text, wide=True
    )


def _facts(study: Study) -> list[tuple[str, str]]:
    summary = study.summary
    pixels = study.layers.iloc[0]
    facts = [
        ("Images", f"{len(study.studied):,}"),
        ("Shape", "×".join(str(side) for side in pixels["shape"]) + " (channels, height, width)"),
    ]
    facts += [(name, value) for name, value in _summary_facts(summary) if value]
    return facts


def _summary_facts(summary: dict[str, Any]) -> list[tuple[str, str]]:
    return []
