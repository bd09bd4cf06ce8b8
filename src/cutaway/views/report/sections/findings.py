"""Findings: what was noticed, in words, each with a way to its evidence."""

from typing import Any

from cutaway.study import Study
from cutaway.views.gallery import draw
from cutaway.views.report.pictures import THEME, WIDE, Picture, inline, thumbnails

_WHERE = {
    "samples": ("data", "the data"),
    "image": ("data", "an image up close"),
    "shared": ("data", "the pairs"),
    "near_duplicates": ("data", "the images"),
    "class_balance": ("data", "the class balance"),
    "separability": ("maps", "the maps"),
    "cka": ("maps", "the maps"),
    "unit_use": ("units", "the units"),
    "gradients": ("units", "the gradients"),
    "filters": ("filters", "the filters"),
    "confusion": ("predictions", "the confusion matrix"),
    "activations": ("predictions", "the predictions"),
    "calibration": ("predictions", "the predictions"),
    "suspected_labels": ("predictions", "the predictions"),
    "attribution": ("attribution", "the attributions"),
    "robustness": ("robustness", "robustness"),
    "attacks": ("robustness", "robustness"),
    "parting": ("robustness", "robustness"),
}


_DRAWN_HERE = {"steadiness": "Whether layers act in use as they did in training"}
"""Pictures that no other section holds."""


def findings_section(study: Study) -> dict[str, Any]:
    """What the section `findings` shows."""
    rows: list[dict[str, Any]] = []
    drawn: set[str] = set()
    for finding in study.findings:
        anchor, where = _WHERE.get(finding.figure, ("", ""))
        rows.append(
            {
                "severity": finding.severity,
                "title": finding.title,
                "text": finding.text,
                "advice": finding.advice,
                "picture": None if finding.figure in drawn else _picture(study, finding.figure),
                "anchor": anchor,
                "where": where,
                "samples": thumbnails(study, finding.samples),
            }
        )
        drawn.add(finding.figure)
    serious = sum(finding.severity != "note" for finding in study.findings)
    text = (
        "Nothing that needs mending was noticed."
        if not serious
        else (f"{serious} of {len(rows)} findings want a look; the gravest come first.")
    )
    return {"findings": {"text": text, "rows": rows}}


def _picture(study: Study, name: str) -> Picture | None:
    if name not in _DRAWN_HERE or study.steadiness is None:
        return None
    title = _DRAWN_HERE[name]
    text = (
        "Outputs for the same samples in two batches; how far what comes in at BatchNorm layers "
        "is shifted and spread against what they remember. The dashed lines are a perfect fit."
    )
    figure = draw(study, name, theme=THEME, width=WIDE, titled=False)
    return Picture(inline(figure, title), title, text, wide=True)
