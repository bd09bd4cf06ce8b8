"""Attribution: which pixels predictions come from, and which of the methods can be believed."""

from typing import Any

from cutaway.diagnosis.rules.attribution import NAMES, UNCHANGED
from cutaway.study import Study
from cutaway.study.attribution import attributions_of, was_attributed
from cutaway.views.report.pictures import COLUMN, Picture, class_name, picture_of

SHOWN = 6
"""At most so many kept samples, the most telling first."""


def attribution_section(study: Study) -> dict[str, Any]:
    """What the section `attribution` shows; None in a Study that was not deep."""
    record = study.record.get("attribution")
    if not record:
        return {"attribution": None}
    if not was_attributed(study):
        words = record.get("omitted") or " ".join(record["skipped"].values())
        return {"attribution": {"text": words, "checks": [], "pictures": []}}
    return {
        "attribution": {
            "text": _text(record),
            "checks": _checks(study),
            "pictures": [_picture(study, sample) for sample in study.kept[:SHOWN]],
        }
    }


def _text(record: dict[str, Any]) -> str:
    layer = (
        f"Grad-CAM looks at {record['layer']}: the last convolution that ran, or without one the "
        "last layer that keeps places. "
        if record["layer"]
        else ""
    )
    return (
        "What in the image speaks for the predicted class (orange) and against it (blue), beside "
        f"the feature maps of the same image. {layer}Integrated gradients start from the mean "
        "colour; occlusion covers a quarter of the side at a time. "
        + " ".join(record.get("skipped", {}).values())
    ).strip()


def _checks(study: Study) -> list[str]:
    return [
        f"{NAMES[method]}: {agreement:.2f} of 1"
        + (", which shows the image rather than the network" if agreement >= UNCHANGED else "")
        for method, agreement in attributions_of(study)["sanity"].items()
    ]


def _picture(study: Study, sample: int) -> Picture:
    row = study.samples.iloc[sample]
    predicted = class_name(study, int(row["predicted"]))
    title = f"What speaks for {predicted} in sample {sample}"
    text = f"{row['confidence']:.0%} sure"
    if study.labelled:
        text += f", truly {class_name(study, int(row['label']))}"
    return picture_of(study, "attribution", title, f"{text}.", sample=sample, width=COLUMN)
