"""Detail, shape or colour? What becomes of predictions when images lose one of them."""

from typing import Any

from cutaway.study import Study
from cutaway.views.gallery import telling_sample
from cutaway.views.report.pictures import picture_of

DONE = {
    "grey": ("Colours fade, brightness stays.", "share of the colour that is gone"),
    "blur": (
        "Fine detail goes, colour and coarse shape stay.",
        "deviation of the Gaussian, as a share of the side",
    ),
    "high-pass": (
        "Areas fade, edges stay.",
        "share that is gone of what a blur of 5% of the side leaves",
    ),
    "patch shuffle": (
        "Parts change places: shape goes, detail and colour stay.",
        "parts along each side",
    ),
    "silhouette": (
        "The picture turns into a black figure on white, told apart by brightness alone.",
        "share of the way there",
    ),
}
"""What is done to images for each cue, and what its strength means."""


def cues_section(study: Study) -> dict[str, Any]:
    """What the section `cues` shows; None in a Study that was not deep."""
    table = study.cues
    if table is None:
        return {"cues": None}
    finding = next((each for each in study.findings if each.kind == "cues"), None)
    sample = telling_sample(study)
    text = (
        f"For each cue, how many predictions are right as it is taken away, and sample {sample} "
        "at each strength with what is left of accuracy there."
        if study.labelled
        else f"For each cue, how many predictions stay, and sample {sample} at each strength."
    )
    names = [name for name in table["cue"].unique() if name in DONE]
    return {
        "cues": {
            "title": finding.title if finding else "",
            "text": finding.text if finding else _unanswered(study),
            "picture": picture_of(study, "cues", "What it misses without each cue", text),
            "done": [(name, *DONE[name]) for name in names],
        }
    }


def _unanswered(study: Study) -> str:
    if study.labelled:
        return "The network is right too seldom to say what it goes by."
    return "It cannot be said what the network goes by."
