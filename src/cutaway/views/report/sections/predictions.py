"""Predictions: surest right, least sure, surest wrong; calibration; what is taken for what."""

from typing import Any

import numpy as np

from cutaway.diagnosis import notable_samples
from cutaway.diagnosis.likeness import turns_away_at
from cutaway.study import Study
from cutaway.views.gallery.predictions import likenesses, vectors
from cutaway.views.report.pictures import Picture, class_name, picture_of, thumbnails
from cutaway.views.report.sections.certainty import certainty_part
from cutaway.views.report.sections.confusion import confusion_part

SHOWN = 10
"""At most so many samples in a row of thumbnails."""


def predictions_section(study: Study) -> dict[str, Any]:
    """What the section `predictions` shows."""
    return {
        "predictions": {
            "text": _text(study),
            "measures": _measures(study),
            "groups": _groups(study),
            **certainty_part(study),
            **confusion_part(study),
        }
    }


def _text(study: Study) -> str:
    studied = study.studied
    sure = (studied["confidence"] >= 0.9).mean()
    text = f"{sure:.0%} of predictions come with a probability of 90% or more."
    if study.labelled:
        right = studied["label"] == studied["predicted"]
        text = f"{right.sum():,} of {len(studied):,} samples are predicted right. {text}"
    return text


def _measures(study: Study) -> str:
    most = np.log(max(study.outputs.shape[1], 1))
    return (
        "The margin is how far the likeliest class leads the second, from 0 to 1. Entropy says how "
        "much doubt is left: 0 nats where one class takes all the probability, "
        f"{most:.2f} where all classes share it."
    )


def _groups(study: Study) -> list[dict[str, Any]]:
    """Kinds of predictions, each with its images and one of them from layer to layer."""
    shown = []
    drawn: set[int] = set()
    for anchor, title, ids in _kinds(study):
        if not ids:
            continue
        # One sample may be of two kinds in a small set; its picture is drawn once.
        case = next((sample for sample in ids if sample in study.kept), None)
        shown.append(
            {
                "anchor": anchor,
                "title": title,
                "samples": thumbnails(study, ids, measured=True),
                "case": None if case is None or case in drawn else _case(study, case),
            }
        )
        drawn |= set() if case is None else {case}
    return shown


def _kinds(study: Study) -> list[tuple[str, str, tuple[int, ...]]]:
    studied = study.studied.reset_index(drop=True)
    ids = studied["id"].to_numpy()
    confidence = studied["confidence"].to_numpy()
    least = tuple(int(ids[row]) for row in np.argsort(confidence, kind="stable")[:SHOWN])
    if not study.labelled:
        most = tuple(int(ids[row]) for row in np.argsort(-confidence, kind="stable")[:SHOWN])
        return [
            ("surest", "Surest predictions", most),
            ("least-sure", "Least sure predictions", least),
        ]
    rows = notable_samples(studied, SHOWN)
    right, wrong = (
        tuple(int(ids[row]) for row in chosen) for chosen in (rows.surest_right, rows.surest_wrong)
    )
    few = len(wrong) < SHOWN
    return [
        ("surest-right", "Surest right predictions", right),
        ("least-sure", "Least sure predictions", least),
        (
            "surest-wrong",
            "Wrong predictions, surest first" if few else "Surest wrong predictions",
            wrong,
        ),
    ]


def _case(study: Study, sample: int) -> Picture | None:
    """The fully connected activations of a sample beside the mean of its class."""
    if not vectors(study, sample):
        return None
    row = study.samples.iloc[sample]
    predicted = class_name(study, int(row["predicted"]))
    title = f"Sample {sample} beside what {predicted} is on average"
    text = ""
    if study.labelled:
        label = class_name(study, int(row["label"]))
        title = f"Sample {sample} beside what {label} is on average"
        text = _parting(study, sample, label, predicted)
    return picture_of(study, "beside_means", title, text, sample=sample)


def _parting(study: Study, sample: int, label: str, predicted: str) -> str:
    """In words: from which layer on a sample is more like another class than its own."""
    alike = likenesses(study, sample)
    known = {layer: own for layer, (own, _) in alike.items() if np.isfinite(own)}
    if not known:
        return ""
    if label == predicted:
        least = min(known, key=lambda layer: known[layer])
        return (
            f"It is least like its class's mean at {least}, with a likeness of {known[least]:.2f}."
        )
    layer = turns_away_at(alike)
    if layer is None:
        return f"At the end it is still as like {label} as {predicted}."
    return f"From {layer} on it is more like {predicted} than like {label}."
