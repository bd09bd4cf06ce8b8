"""What the rules notice when images lose a cue: whether the network goes by detail, shape or colour."""

from collections.abc import Iterator

import pandas as pd

from cutaway.diagnosis.evidence import Evidence
from cutaway.diagnosis.findings import Finding, Kind
from cutaway.diagnosis.rules.guessing import guesses

TAKEN_AWAY = {"colour": ("grey", 1.0), "detail": ("blur", 0.04), "shape": ("patch shuffle", 4.0)}
"""What stands for the loss of each: all colour, a blur of 4% of the side, 4 × 4 parts that change places."""
TELLING = 0.05
"""A cue counts for something where more than this share of predictions hangs on it."""
APART = 0.05
"""Two cues count alike where no more than this lies between them."""


def _cues(evidence: Evidence) -> Iterator[Finding]:
    # Of a network that guesses, nothing can be taken away.
    if evidence.cues is None or guesses(evidence):
        return
    table = evidence.cues.set_index(["cue", "strength"])
    lost = {
        name: _lost(table, cue, strength)
        for name, (cue, strength) in TAKEN_AWAY.items()
        if (cue, strength) in table.index
    }
    if not lost:
        return
    ranked = sorted(lost, key=lambda name: -lost[name])
    first = [name for name in ranked if lost[name] > lost[ranked[0]] - APART]
    title = f"The network goes by {' and '.join(first)} most"
    if lost[ranked[0]] <= TELLING:
        title = "The network hangs on no single one of detail, shape and colour"
    text = f"{_in_words(lost, ranked, table)} {_left_alone(table)}".strip()
    yield Finding("cues", title, text, "cues", weight=min(max(lost[ranked[0]], 0.0), 1.0))


def _lost(table: pd.DataFrame, cue: str, strength: float) -> float:
    """Accuracy that went with the cue, or without labels the share of predictions that changed."""
    row = table.loc[(cue, strength)]
    if pd.isna(row["accuracy"]):
        return float(row["changed"])
    return float(table.loc[(cue, 0.0), "accuracy"] - row["accuracy"])


def _in_words(lost: dict[str, float], ranked: list[str], table: pd.DataFrame) -> str:
    done = {
        "colour": "taking all colour away",
        "detail": "a blur of 4% of the side",
        "shape": "shuffling the parts of a 4 × 4 grid",
    }
    what = (
        "changes {:.1%} of predictions"
        if table["accuracy"].isna().all()
        else "costs {:.1%} of accuracy"
    )
    told = [f"{done[name]} {what.format(lost[name])}".replace("-", "−") for name in ranked]
    text = ", ".join(told)
    return f"{text[:1].upper()}{text[1:]}."


def _left_alone(table: pd.DataFrame) -> str:
    kept = [
        f"{words} {table.loc[(cue, 1.0), 'accuracy']:.1%} are still right"
        for cue, words in (("high-pass", "by edges alone"), ("silhouette", "by a silhouette alone"))
        if (cue, 1.0) in table.index and not pd.isna(table.loc[(cue, 1.0), "accuracy"])
    ]
    text = ", ".join(kept)
    return f"{text[:1].upper()}{text[1:]}." if kept else ""


RULES = (_cues,)

KINDS = (
    Kind(
        "cues",
        "Whether predictions hang on detail, shape or colour.",
        "predictions: the accuracy that goes with the cue",
        "cues",
        "Where it should not hang on a cue, train on images that lack it, such as grey or blurred ones.",
        thresholds=("TELLING", "APART"),
    ),
)
