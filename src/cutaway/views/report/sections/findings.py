"""Findings: what was noticed, in words, each with a way to its evidence."""

from typing import Any

from cutaway.diagnosis import Finding
from cutaway.study import Study
from cutaway.views.report.pictures import (
    MOST_ROWS,
    Picture,
    anchor_of,
    picture_of,
    thumbnails,
)

_WHERE = {
    "samples": ("data", "the data"),
    "image": ("data", "an image up close"),
    "class_balance": ("data", "the class balance"),
    "mean_images": ("data", "the mean images"),
    "near_duplicates": ("data", "the near duplicates"),
    "shared": ("data", "the images that are shared"),
    "complexity": ("data", "how complex it is"),
    "map": ("maps", "the maps"),
    "layer_maps": ("maps", "the maps"),
    "reconstructions": ("maps", "the reconstructions"),
    "walk": ("maps", "the walk over the map"),
    "separability": ("maps", "where classes come apart"),
    "cka": ("maps", "how alike the layers are"),
    "clusters": ("clusters", "the clusters"),
    "curves": ("network", "the training"),
    "filters": ("filters", "the filters"),
    "filter_effects": ("filters", "what the filters do"),
    "feature_maps": ("feature-maps", "the feature maps"),
    "feature_maps_over_image": ("feature-maps", "the feature maps"),
    "unit_use": ("units", "how much is in use"),
    "top_images": ("units", "what moves units"),
    "gradients": ("units", "the gradients"),
    "gradient_history": ("units", "the gradients"),
    "unit_images": ("unit-images", "what units want to see"),
    "activations": ("predictions", "the predictions"),
    "beside_means": ("predictions", "the predictions"),
    "calibration": ("predictions", "the calibration"),
    "sureness": ("predictions", "how sure it is"),
    "suspected_labels": ("predictions", "the labels that may be wrong"),
    "confusion": ("predictions", "the confusion matrix"),
    "cues": ("cues", "what it goes by"),
    "steadiness": ("findings", "how steady the layers are"),
    "attribution": ("attribution", "the attributions"),
    "robustness": ("robustness", "robustness"),
    "attacks": ("robustness", "the attacks"),
    "parting": ("robustness", "where layers part"),
    "attacked": ("robustness", "the attacked images"),
    "attacked_maps": ("robustness", "the attacked feature maps"),
    "attacked_activations": ("robustness", "the attacked activations"),
}
"""The section that shows a figure of the gallery, and what it is called there."""

_OF_KIND = {
    "confident errors": [("surest-wrong", "the surest wrong predictions")],
    "input transform": [("made", "how images were normalized")],
    "misread images": [("made", "how images were normalized")],
    "wrong normalization": [("made", "how images were normalized")],
    "unreadable": [("decided", "what was decided on reading")],
    "not a number": [("network", "the layers")],
    "random weights": [("network", "the layers")],
}
"""Where the evidence of findings lies that have no figure of their own, or better evidence."""


_DRAWN_HERE = {"steadiness": "Whether layers act in use as they did in training"}
"""Pictures that no other section holds."""


def findings_section(study: Study) -> dict[str, Any]:
    """What the section `findings` shows; of a finding's links the first that leads somewhere."""
    rows: list[dict[str, Any]] = []
    drawn: set[str] = set()
    for finding in study.findings:
        rows.append(
            {
                "severity": finding.severity,
                "title": finding.title,
                "text": finding.text,
                "advice": finding.advice,
                "picture": None if finding.figure in drawn else _picture(study, finding.figure),
                "folded": len(study.layers) > MOST_ROWS,
                "links": links_of(finding),
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
    text = (
        "Outputs for the same samples in two batches; how far what comes in at BatchNorm layers "
        "is shifted and spread against what they remember. The dashed lines are a perfect fit."
    )
    return picture_of(study, name, _DRAWN_HERE[name], text)


def links_of(finding: Finding) -> list[tuple[str, str]]:
    """Places of the page that may hold a finding's evidence, the best first, and their names."""
    links = list(_OF_KIND.get(finding.kind, []))
    if finding.kind == "left out":
        attacks = "attacked" in finding.title
        links.append(("robustness", "robustness") if attacks else ("attribution", "attribution"))
    if finding.figure in _WHERE:
        section, words = _WHERE[finding.figure]
        links.append((anchor_of(finding.figure, finding.layer), words))
        links += [(anchor_of(finding.figure), words), (section, words)]
    return links
