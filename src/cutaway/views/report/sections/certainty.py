"""How sure the network is and whether rightly so, and labels that it doubts."""

from typing import Any

from cutaway.diagnosis.label_errors import NONE
from cutaway.study import Study
from cutaway.views.report.pictures import (
    Picture,
    anchor_of,
    class_name,
    picture_of,
    thumbnails,
)

MOST_DOUBTED = 18
"""So many samples whose labels look wrong are shown, the surest first."""


def certainty_part(study: Study) -> dict[str, Any]:
    """What the section `predictions` says of calibration and of labels."""
    return {"certainty": _certainty(study), "suspected": _suspected(study)}


def _certainty(study: Study) -> dict[str, Any]:
    pictures = []
    if study.calibration is not None:
        text = (
            "How often predictions are right, by how sure the network is; below the diagonal it is "
            "too sure. Beside it, how many predictions are how sure."
        )
        pictures.append(picture_of(study, "calibration", "Right as often as it says?", text))
    pictures.append(_sureness(study))
    return {"text": _in_words(study), "pictures": pictures}


def _sureness(study: Study) -> Picture:
    text = "Right and wrong predictions apart." if study.labelled else ""
    return picture_of(study, "sureness", "How sure of right and of wrong predictions", text)


def _in_words(study: Study) -> str:
    found = study.calibration
    if found is None:
        return "Without labels nothing can be said of whether it is rightly so."
    gap = found["gap"]
    chance = 3 * found["deviation"]
    verdict = (
        "no more than chance would take them apart"
        if abs(gap) <= chance
        else f"it is too {'sure' if gap > 0 else 'unsure'} by {abs(gap):.1%}"
    )
    return (
        f"On average the network is {found['confidence']:.1%} sure, and {found['accuracy']:.1%} of "
        f"its predictions are right: {verdict}. Among predictions of like confidence the two lie "
        f"{found['error']:.1%} apart on average, the expected calibration error (ECE; 0 is best)."
    )


def _suspected(study: Study) -> dict[str, Any] | None:
    table = study.studied
    if "suspected_label" not in table:
        return None
    doubted = table[table["suspected_label"] != NONE]
    if doubted.empty:
        return None
    shown = doubted.sort_values("margin", ascending=False, kind="stable").head(MOST_DOUBTED)
    samples = thumbnails(study, tuple(int(sample) for sample in shown["id"]))
    told = [
        {
            "sample": sample,
            "given": class_name(study, int(row.label)),
            "like": class_name(study, int(row.suspected_label)),
        }
        for sample, row in zip(samples, shown.itertuples(), strict=True)
    ]
    return {
        "anchor": anchor_of("suspected_labels"),
        "text": (
            f"{len(doubted):,} of {len(table):,} labels look wrong by confident learning: the "
            "network is as sure of another class as it usually is where that class is right. Where "
            "the label is right after all, the network is wrong with confidence"
            + (f"; the surest {len(told)} are shown." if len(told) < len(doubted) else ".")
        ),
        "samples": told,
    }
