"""Robustness: how far predictions are from being turned over, and where layers part."""

from typing import Any

from cutaway.study import Study
from cutaway.study.attacked import attacks_of, was_attacked
from cutaway.views.gallery import telling_sample
from cutaway.views.gallery.adversarial import class_after
from cutaway.views.report.pictures import Picture, class_name, picture_of, thumbnails


def adversarial_section(study: Study) -> dict[str, Any]:
    """What the section `robustness` shows; None in a Study that was not deep."""
    record = study.record.get("adversarial")
    if not record:
        return {"robustness": None}
    if not was_attacked(study):
        return {"robustness": {"text": record["omitted"], "findings": [], "pictures": []}}
    kinds = {"sure and robust", "adversarial"}
    return {
        "robustness": {
            "text": _text(study),
            "findings": [
                {
                    "title": finding.title,
                    "text": finding.text,
                    "samples": thumbnails(study, finding.samples),
                }
                for finding in study.findings
                if finding.kind in kinds
            ],
            "pictures": _pictures(study),
        }
    }


def _text(study: Study) -> str:
    record = attacks_of(study)
    unturned = record["unturned"]
    return (
        f"Every pixel of {record['samples']:,} samples was changed a little, in the direction that "
        "turns the prediction over, and never out of the range of pixels. DeepFool walks to the "
        "nearest decision boundary it finds; FGSM takes one step up the loss, PGD ten. Distances "
        "are L2 in the network's own input, after its transform"
        + (f"; for {unturned:,} samples no boundary was found." if unturned else ".")
    )


def _pictures(study: Study) -> list[Picture]:
    sample = telling_sample(study)
    after = class_name(study, class_after(study, sample))
    shown = [
        ("robustness", "Are confident predictions the robust ones?", "A point is a sample."),
        ("attacks", "Predictions turned over by attacks", "The L2 ball holds that of L∞."),
        ("attacked", "Images before and after PGD", "Each with the smallest change that did it."),
        ("parting", "Where attacked samples part from clean ones", "Means over samples."),
    ]
    if study.filters:
        text = f"Sample {sample}, taken for {after} once attacked."
        shown.append(("attacked_maps", "Feature maps before and after", text))
    if any(row.type == "Linear" and len(row.shape) == 1 for row in study.layers.itertuples()):
        title = "Fully connected activations before and after"
        shown.append(("attacked_activations", title, f"Sample {sample}."))
    return [picture_of(study, *each) for each in shown if _possible(study, each[0])]


def _possible(study: Study, name: str) -> bool:
    return name != "robustness" or bool(attacks_of(study)["surety"])
