"""Findings: what was noticed, in words, each with a way to its evidence."""

from typing import Any

from cutaway.study import Study
from cutaway.views.report.pictures import thumbnails

_WHERE = {
    "samples": ("data", "the data"),
    "class_balance": ("data", "the class balance"),
    "separability": ("maps", "the maps"),
    "cka": ("maps", "the maps"),
    "unit_use": ("units", "the units"),
    "gradients": ("units", "the gradients"),
    "filters": ("filters", "the filters"),
    "confusion": ("predictions", "the confusion matrix"),
    "activations": ("predictions", "the predictions"),
    "attribution": ("attribution", "the attributions"),
    "robustness": ("robustness", "robustness"),
    "attacks": ("robustness", "robustness"),
    "parting": ("robustness", "robustness"),
}


def findings_section(study: Study) -> dict[str, Any]:
    """What the section `findings` shows."""
    rows = []
    for finding in study.findings:
        anchor, where = _WHERE.get(finding.figure, ("", ""))
        rows.append(
            {
                "severity": finding.severity,
                "title": finding.title,
                "text": finding.text,
                "anchor": anchor,
                "where": where,
                "samples": thumbnails(study, finding.samples),
            }
        )
    serious = sum(finding.severity != "note" for finding in study.findings)
    text = (
        "Nothing that needs mending was noticed."
        if not serious
        else (f"{serious} of {len(rows)} findings want a look; the gravest come first.")
    )
    return {"findings": {"text": text, "rows": rows}}
